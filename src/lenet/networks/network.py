"""A network: an input shape and the layers in the order data flows."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from math import prod
from typing import Any, cast

from lenet.errors import LenetError
from lenet.networks.checks import Shape
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.residual import Residual
from lenet.networks.subsampling import Subsampling

Layer = (
    Padding
    | Convolution
    | Residual
    | Activation
    | Pooling
    | Subsampling
    | Flatten
    | Linear
    | RadialBasis
)

_KINDS: dict[str, type[Layer]] = {
    "padding": Padding,
    "convolution": Convolution,
    "residual": Residual,
    "activation": Activation,
    "pooling": Pooling,
    "subsampling": Subsampling,
    "flatten": Flatten,
    "linear": Linear,
    "radial basis": RadialBasis,
}
_WORDS = {kind: word for word, kind in _KINDS.items()}


@dataclass(frozen=True)
class Stage:
    """One layer in its place: what comes in, what goes out, what it costs."""

    layer: Layer
    input_shape: Shape
    output_shape: Shape

    @property
    def parameter_shapes(self) -> dict[str, Shape]:
        """Full parameter names (``conv1.weight``) to shapes; empty where nothing is learned."""
        shapes = self.layer.parameter_shapes(self.input_shape)
        return {f"{self.layer.name}.{key}": shape for key, shape in shapes.items()}

    @property
    def parameters(self) -> int:
        """How many numbers this layer learns."""
        return sum(prod(shape) for shape in self.parameter_shapes.values())

    @property
    def multiply_accumulates(self) -> int:
        """Multiply-accumulates for one image."""
        return self.layer.multiply_accumulates(self.input_shape)

    @property
    def connections(self) -> int:
        """Connections, as the papers count them."""
        return self.layer.connections(self.input_shape)


@dataclass(frozen=True)
class Network:
    """What a trained network's numbers mean: the input's shape and the layers.

    Parameters
    ----------
    name
        What the network is called, for instance ``lenet``.
    input_shape
        ``(channels, height, width)`` of one image.
    layers
        In the order data flows.

    Raises
    ------
    LenetError
        A layer does not fit the shape that reaches it, two layers share a name, or the network
        does not end in a vector of outputs.
    """

    name: str
    input_shape: Shape
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        names = [layer.name for layer in self.layers]
        if len(set(names)) < len(names):
            raise LenetError(f"network {self.name!r}: two layers share a name")
        if len(self.output_shape) != 1:
            raise LenetError(f"network {self.name!r} must end in a vector of class scores")
        if any(isinstance(one, Linear) and one.rubbish is not None for one in self.layers[:-1]):
            raise LenetError(f"network {self.name!r}: only the last layer has a rubbish class")

    def stages(self) -> Iterator[Stage]:
        """Walk the layers with the shapes between them."""
        shape = self.input_shape
        for layer in self.layers:
            output = layer.output_shape(shape)
            yield Stage(layer, shape, output)
            shape = output

    @property
    def output_shape(self) -> Shape:
        """Shape of the last layer's output."""
        shape = self.input_shape
        for stage in self.stages():
            shape = stage.output_shape
        return shape

    @property
    def classes(self) -> int:
        """How many class scores come out."""
        return self.output_shape[0]

    @property
    def parameter_shapes(self) -> dict[str, Shape]:
        """Every parameter's full name and shape, in order."""
        return {
            name: shape for stage in self.stages() for name, shape in stage.parameter_shapes.items()
        }

    @property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return sum(stage.parameters for stage in self.stages())

    @property
    def multiply_accumulates(self) -> int:
        """Multiply-accumulates of one forward pass on one image."""
        return sum(stage.multiply_accumulates for stage in self.stages())

    @property
    def connections(self) -> int:
        """Connections, as the papers count them: every weight at every place, and the biases."""
        return sum(stage.connections for stage in self.stages())

    @property
    def rubbish(self) -> float | None:
        """The j of equation 9 (see `RadialBasis`, `Linear`); None: each image is of some class."""
        last = self.layers[-1]
        return last.rubbish if isinstance(last, RadialBasis | Linear) else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back."""
        return {
            "name": self.name,
            "input_shape": list(self.input_shape),
            "layers": [{"layer": _WORDS[type(layer)], **asdict(layer)} for layer in self.layers],
        }

    @classmethod
    def from_json(cls, value: object) -> "Network":
        """Build a network from plain values, trusting nothing.

        Raises
        ------
        LenetError
            Anything missing, unknown, of the wrong type or impossible.
        """
        table = _mapping(value, "network")
        shape = table.get("input_shape")
        layers = table.get("layers")
        if not isinstance(table.get("name"), str):
            raise LenetError("network: 'name' must be a string")
        if not _is_image_shape(shape):
            raise LenetError(
                "network: 'input_shape' must be [channels, height, width], each from 1 to 4096"
            )
        if not isinstance(layers, list) or not layers:
            raise LenetError("network: 'layers' must be a list of layers")
        return cls(
            name=str(table["name"]),
            input_shape=tuple(cast("list[int]", shape)),
            layers=tuple(_layer(item) for item in cast("list[object]", layers)),
        )


def _is_image_shape(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(cast("list[object]", value)) == 3
        and all(type(side) is int and 1 <= side <= 4096 for side in cast("list[object]", value))
    )


def _layer(value: object) -> Layer:
    table = dict(_mapping(value, "layer"))
    word = table.pop("layer", None)
    if not isinstance(word, str) or word not in _KINDS:
        raise LenetError(f"network: unknown layer {word!r}; known are {', '.join(_KINDS)}")
    kind = _KINDS[word]
    if not isinstance(table.get("name"), str):
        raise LenetError(f"network: a layer of kind {word!r} has no name")
    unknown = set(table) - {field.name for field in fields(kind)}
    if unknown:
        raise LenetError(f"network: {word} does not know {', '.join(sorted(unknown))}")
    # JSON has lists where layers have tuples.
    values: dict[str, Any] = {
        key: tuple(cast("list[object]", value)) if isinstance(value, list) else value
        for key, value in table.items()
    }
    try:
        return kind(**values)
    except TypeError as error:  # a field without a default is missing
        raise LenetError(f"network: {word} {table['name']!r} is incomplete") from error


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise LenetError(f"network: a {what} must be an object of names and values")
    return cast("Mapping[str, Any]", value)
