"""The layers a LeNet is made of, as plain facts: no arithmetic on pixels, no torch, no NumPy.

A layer knows what shape comes out for the shape that goes in, the shapes of its parameters, how
many multiply-accumulates one image costs, and how many connections the papers would count. The
torch module, the NumPy reference and the engines are all driven by these same objects. Layers with
a page of their own: `convolution`, `subsampling`, `radial_basis`.

Shapes are those of one image, without the batch: ``(channels, height, width)`` or ``(units,)``.
"""

from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from lenet.errors import LenetError
from lenet.networks.checks import (
    LARGEST_WIDTH,
    Shape,
    check_choice,
    check_number,
    check_range,
    maps,
)

ActivationKind = Literal["sigmoid", "tanh", "relu", "leaky relu", "scaled tanh"]
PoolingKind = Literal["average", "max"]

AMPLITUDE, SLOPE = 1.7159, 2 / 3
"""The scaled hyperbolic tangent is ``AMPLITUDE * tanh(SLOPE * a)`` (1998, page 41): it takes ±1 to
±1, where its second derivative is greatest, and its slope is about one in between."""

LEAK = 0.2
"""Slope of the leaky ReLU below zero, where ReLU has none (Maas et al., 2013). Chosen on held-out
training images of clothing (docs/records.md)."""


def pooled_shape(name: str, shape: Shape, size: int) -> Shape:
    """Divide each side by `size`; a remainder at the edge is dropped.

    Raises
    ------
    LenetError
        No maps, or a window that does not fit.
    """
    channels, height, width = maps(name, shape)
    if height < size or width < size:
        raise LenetError(
            f"{name}: a {size}×{size} window does not fit into maps of {height}×{width}"
        )
    return (channels, height // size, width // size)


@dataclass(frozen=True)
class Padding:
    """A frame of background around the maps.

    LeNet-5 reads images of 32×32 so that strokes at the edge of a 20×20 digit can still lie in the
    middle of a kernel (1998, page 7); the data sets have 28×28.
    """

    name: str
    size: int
    value: float = 0.0

    def __post_init__(self) -> None:
        check_range(self.name, "size", self.size, 1, 64)
        check_number(self.name, "value", self.value, -1e6, 1e6)

    @property
    def label(self) -> str:
        """What a table of layers calls this one."""
        return f"frame of {self.value:g}, {self.size} wide"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape with the frame."""
        channels, height, width = maps(self.name, shape)
        return (channels, height + 2 * self.size, width + 2 * self.size)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """None."""
        return 0

    def connections(self, shape: Shape) -> int:
        """None."""
        return 0


@dataclass(frozen=True)
class Activation:
    """An elementwise squashing function."""

    name: str
    kind: ActivationKind

    def __post_init__(self) -> None:
        check_choice(self.name, "activation", self.kind, get_args(ActivationKind))

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return self.kind

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that came in."""
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """None."""
        return 0

    def connections(self, shape: Shape) -> int:
        """None."""
        return 0


@dataclass(frozen=True)
class Pooling:
    """The average or the maximum of each square window; windows do not overlap."""

    name: str
    kind: PoolingKind
    size: int = 2

    def __post_init__(self) -> None:
        check_choice(self.name, "pooling", self.kind, get_args(PoolingKind))
        check_range(self.name, "size", self.size, 1, 64)

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return f"{self.kind} pooling {self.size}×{self.size}"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape with each side divided; a remainder at the edge is dropped."""
        return pooled_shape(self.name, shape, self.size)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """None: the chapter's pooling has no weights to multiply by."""
        return 0

    def connections(self, shape: Shape) -> int:
        """One for each input of a unit."""
        return prod(self.output_shape(shape)) * self.size**2


@dataclass(frozen=True)
class Flatten:
    """Maps to one vector, channel by channel, row by row."""

    name: str

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(units,)``."""
        return (prod(shape),)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """No parameters."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """None."""
        return 0

    def connections(self, shape: Shape) -> int:
        """None."""
        return 0


@dataclass(frozen=True)
class Linear:
    """Fully connected, one bias a unit.

    Parameters
    ----------
    rubbish
        Of a network's last layer: beside the classes there is "none of these", whose score is
        always ``-rubbish``, as the 1998 paper's equation 9 has it beside Gaussian outputs (Proc.
        IEEE 86(11), page 9). None: every image is one of the classes.
    """

    name: str
    units: int
    rubbish: float | None = None

    def __post_init__(self) -> None:
        check_range(self.name, "units", self.units, 1, LARGEST_WIDTH)
        if self.rubbish is not None:
            check_number(self.name, "rubbish", self.rubbish, -1e6, 1e6)

    @property
    def label(self) -> str:
        """What a table calls this layer."""
        return "fully connected"

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``(units,)``."""
        if len(shape) != 1:
            raise LenetError(f"{self.name}: a fully connected layer needs a flat input")
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Weight ``(out, in)`` and bias ``(out,)``."""
        return {"weight": (self.units, shape[0]), "bias": (self.units,)}

    def multiply_accumulates(self, shape: Shape) -> int:
        """One for each weight; adding the bias does not count."""
        return self.units * shape[0]

    def connections(self, shape: Shape) -> int:
        """One for each weight, and one for each unit's bias."""
        return self.units * (shape[0] + 1)
