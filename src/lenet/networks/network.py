"""Defines a network: the shape of its input, and its layers in order."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from math import prod
from typing import Any, cast

from lenet.errors import LenetError
from lenet.networks.checks import Shape
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.limits import Size, check_layer_count, check_size
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.residual import Residual
from lenet.networks.subsampling import Subsampling
from lenet.visible import visible

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
_KIND_NAMES = {kind: word for word, kind in _KINDS.items()}


@dataclass(frozen=True)
class Stage:
    """A layer with the shapes of its input and output, and its counts."""

    layer: Layer
    input_shape: Shape
    output_shape: Shape

    @property
    def parameter_shapes(self) -> dict[str, Shape]:
        """The shape of each parameter by its full name, such as ``conv1.weight``."""
        shapes = self.layer.parameter_shapes(self.input_shape)
        return {f"{self.layer.name}.{key}": shape for key, shape in shapes.items()}

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return sum(prod(shape) for shape in self.parameter_shapes.values())

    @property
    def multiply_accumulates(self) -> int:
        """The multiply-accumulates for one image."""
        return self.layer.multiply_accumulates(self.input_shape)

    @property
    def connections(self) -> int:
        """The connections, as the papers count them."""
        return self.layer.connections(self.input_shape)

    @property
    def size(self) -> Size:
        """What the layer needs, for `lenet.networks.limits`."""
        outputs, parameters, inputs = prod(self.output_shape), self.parameters, 0
        match self.layer:
            case Convolution(channels=channels, kernel=kernel):
                window = self.input_shape[0] * kernel**2
                inputs = window * prod(self.output_shape[1:])
                parameters = max(parameters, channels * window)
            case Residual() as layer:
                channels = max(self.input_shape[0], layer.channels)
                inputs = 9 * channels * prod(self.input_shape[1:])
                outputs += 2 * prod(layer.inner_shape(self.input_shape))
            case RadialBasis():
                inputs = self.multiply_accumulates
            case _:
                pass
        return Size(outputs, parameters, inputs, self.multiply_accumulates)


@dataclass(frozen=True)
class Network:
    """The architecture of a network, without its parameters.

    Parameters
    ----------
    name
        The network's name, for instance ``lenet``.
    input_shape
        ``(channels, height, width)`` of one image.
    layers
        The layers, from the input to the output.

    Raises
    ------
    LenetError
        A layer does not fit its input's shape, two layers share a name, the output is not a
        vector, or the network is larger than `lenet.networks.limits` allows.

    Examples
    --------
    >>> from lenet.networks.layers import Flatten, Linear
    >>> network = Network("linear", (1, 28, 28), (Flatten("flatten"), Linear("fc1", 10)))
    >>> network.classes, network.parameters
    (10, 7850)
    >>> network.parameter_shapes
    {'fc1.weight': (10, 784), 'fc1.bias': (10,)}
    """

    name: str
    input_shape: Shape
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        check_layer_count(self.name, len(self.layers))
        check_size(self.name, self.input_shape, (stage.size for stage in self.stages()))
        names = [layer.name for layer in self.layers]
        if len(set(names)) < len(names):
            raise LenetError(f"network {self.name!r}: two layers share a name")
        if len(self.output_shape) != 1:
            raise LenetError(f"network {self.name!r} must end in a vector of class scores")
        if any(isinstance(x, Linear) and x.rubbish is not None for x in self.layers[:-1]):
            raise LenetError(f"network {self.name!r}: only the last layer has a rubbish class")

    def __repr__(self) -> str:
        size = " × ".join(map(str, self.input_shape))
        return visible(
            f"Network {self.name}: input {size}, {len(self.layers)} layers, "
            f"{self.parameters:,} parameters, {self.classes} outputs"
        )

    def stages(self) -> Iterator[Stage]:
        """Yield each layer with its shapes, from the input to the output."""
        shape = self.input_shape
        for layer in self.layers:
            output = layer.output_shape(shape)
            yield Stage(layer, shape, output)
            shape = output

    @property
    def output_shape(self) -> Shape:
        """The shape of the last layer's output."""
        return [self.input_shape, *(stage.output_shape for stage in self.stages())][-1]

    @property
    def classes(self) -> int:
        """The number of class scores that the last layer gives.

        A rubbish class (`rubbish`) is not counted.
        """
        return self.output_shape[0]

    @property
    def parameter_shapes(self) -> dict[str, Shape]:
        """The shape of each parameter by its full name, in the order of the layers."""
        return {
            name: shape for stage in self.stages() for name, shape in stage.parameter_shapes.items()
        }

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return sum(stage.parameters for stage in self.stages())

    @property
    def multiply_accumulates(self) -> int:
        """The multiply-accumulates of one forward pass on one image."""
        return sum(stage.multiply_accumulates for stage in self.stages())

    @property
    def connections(self) -> int:
        """The connections, as the papers count them: each weight at each place, and biases."""
        return sum(stage.connections for stage in self.stages())

    @property
    def rubbish(self) -> float | None:
        """The penalty of the class "none": its score is ``-rubbish``. None without this class."""
        last = self.layers[-1]
        return last.rubbish if isinstance(last, RadialBasis | Linear) else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back."""
        return {
            "name": self.name,
            "input_shape": list(self.input_shape),
            "layers": [{"layer": _KIND_NAMES[type(one)], **asdict(one)} for one in self.layers],
        }

    @classmethod
    def from_json(cls, value: object) -> "Network":
        """Build a network from plain values.

        Raises
        ------
        LenetError
            A value is missing, unknown, of the wrong type, or out of range.
        """
        table = _mapping(value, "network")
        shape = table.get("input_shape")
        layers = table.get("layers")
        name = table.get("name")
        if not isinstance(name, str):
            raise LenetError("network: 'name' must be a string")
        if not _is_image_shape(shape):
            raise LenetError(
                "network: 'input_shape' must be [channels, height, width], each from 1 to 4096"
            )
        if not isinstance(layers, list) or not layers:
            raise LenetError("network: 'layers' must be a list of layers")
        check_layer_count(name, len(cast("list[object]", layers)))
        found = tuple(_layer(item) for item in cast("list[object]", layers))
        return cls(name, tuple(cast("list[int]", shape)), found)


def _is_image_shape(value: object) -> bool:
    sides = cast("list[object]", value) if isinstance(value, list) else []
    return len(sides) == 3 and all(type(side) is int and 1 <= side <= 4096 for side in sides)


def _layer(value: object) -> Layer:
    # JSON has lists where layers have tuples.
    table: dict[str, Any] = {
        key: tuple(cast("list[object]", item)) if isinstance(item, list) else item
        for key, item in _mapping(value, "layer").items()
    }
    kind = table.pop("layer", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise LenetError(f"network: unknown layer {kind!r}; known are {', '.join(_KINDS)}")
    if not isinstance(table.get("name"), str):
        raise LenetError(f"network: a layer of kind {kind!r} has no name")
    unknown = set(table) - {field.name for field in fields(_KINDS[kind])}
    if unknown:
        raise LenetError(f"network: {kind} has unknown fields: {', '.join(sorted(unknown))}")
    try:
        return _KINDS[kind](**table)
    except TypeError as error:  # a field without a default is missing
        raise LenetError(f"network: {kind} {table['name']!r} is incomplete") from error


def _mapping(value: object, noun: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise LenetError(f"network: a {noun} must be an object of names and values")
    return cast("Mapping[str, Any]", value)
