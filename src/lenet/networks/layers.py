"""Defines the layers of LeNet: shapes, parameter counts and costs; no arithmetic on pixels.

For the shape of its input, each layer gives the shape of its output, the shapes of its parameters,
the multiply-accumulates for one image, and the connections as the papers count them. The torch
module, the NumPy reference, the native kernels and ``config.json`` are all made from these objects.
Larger layers have files of their own: `lenet.networks.convolution`, `lenet.networks.subsampling`,
`lenet.networks.radial_basis`, `lenet.networks.residual`.

A shape is that of one image, without the batch: ``(channels, height, width)`` or ``(units,)``.
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
    map_shape,
)

ActivationKind = Literal["sigmoid", "tanh", "relu", "leaky relu", "scaled tanh"]
PoolingKind = Literal["average", "max"]

AMPLITUDE, SLOPE = 1.7159, 2 / 3
"""The scaled hyperbolic tangent is ``AMPLITUDE * tanh(SLOPE * a)`` (Proc. IEEE 86(11), 1998, page
41). It maps ±1 to ±1, where its second derivative is greatest. Between, its slope is about 1."""

LEAK = 0.2
"""The slope of leaky ReLU below zero (Maas et al., 2013); that of ReLU is 0. Chosen on held-out
training images of clothing (docs/lab/records.md)."""


class WithoutParameters:
    """Base class of layers without parameters; each count is 0 unless a layer overrides it."""

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the shape of each parameter by its name, for an input of `shape`."""
        return {}

    def multiply_accumulates(self, shape: Shape) -> int:
        """Return the multiply-accumulates for one image of `shape`."""
        return 0

    def connections(self, shape: Shape) -> int:
        """Return the connections for an input of `shape`, as the papers count them."""
        return 0


def pooled_shape(name: str, shape: Shape, size: int) -> Shape:
    """Return the shape after pooling by `size` × `size`; a remainder at the edge is dropped."""
    channels, height, width = map_shape(name, shape)
    if height < size or width < size:
        raise LenetError(
            f"{name}: a {size}×{size} window does not fit into maps of {height}×{width}"
        )
    return (channels, height // size, width // size)


@dataclass(frozen=True)
class Padding(WithoutParameters):
    """A border of background around the maps, `size` cells wide, with the value `value`.

    LeNet-5 reads 32×32 pixels, so that a stroke at the edge of a 20×20 digit can lie at the centre
    of a kernel (Proc. IEEE 86(11), 1998, page 7); images of MNIST have 28×28.
    """

    name: str
    size: int
    value: float = 0.0

    def __post_init__(self) -> None:
        check_range(self.name, "size", self.size, 1, 64)
        check_number(self.name, "value", self.value, -1e6, 1e6)

    @property
    def label(self) -> str:
        """The layer in a few words, for tables."""
        return f"border of {self.value:g}, {self.size} wide"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape with the border."""
        channels, height, width = map_shape(self.name, shape)
        return (channels, height + 2 * self.size, width + 2 * self.size)


@dataclass(frozen=True)
class Activation(WithoutParameters):
    """An elementwise activation function, such as the sigmoid."""

    name: str
    kind: ActivationKind

    def __post_init__(self) -> None:
        check_choice(self.name, "activation", self.kind, get_args(ActivationKind))

    @property
    def label(self) -> str:
        """The layer in a few words, for tables."""
        return self.kind.replace("relu", "ReLU")

    def output_shape(self, shape: Shape) -> Shape:
        """Return `shape` unchanged."""
        return shape


@dataclass(frozen=True)
class Pooling(WithoutParameters):
    """The average or the maximum of each square window; the windows do not overlap."""

    name: str
    kind: PoolingKind
    size: int = 2

    def __post_init__(self) -> None:
        check_choice(self.name, "pooling", self.kind, get_args(PoolingKind))
        check_range(self.name, "size", self.size, 1, 64)

    @property
    def label(self) -> str:
        """The layer in a few words, for tables."""
        return f"{self.kind} pooling {self.size}×{self.size}"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape with each side divided by `size`; a remainder is dropped."""
        return pooled_shape(self.name, shape, self.size)

    def connections(self, shape: Shape) -> int:
        """Return the number of connections: one for each input of each unit."""
        return prod(self.output_shape(shape)) * self.size**2


@dataclass(frozen=True)
class Flatten(WithoutParameters):
    """Turns maps into one vector: channel by channel, row by row."""

    name: str
    label = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output, ``(units,)``."""
        return (prod(shape),)


@dataclass(frozen=True)
class Linear:
    """A fully connected layer with one bias per unit.

    Parameters
    ----------
    name
        The parameters are called ``name.weight`` and ``name.bias``.
    units
        The number of outputs.
    rubbish
        Only for the last layer of a network with a class "none": the score of this class is the
        constant ``-rubbish``, as for the rubbish class in equation 9 of Proc. IEEE 86(11), 1998,
        page 9. None for a network without this class.
    """

    name: str
    units: int
    rubbish: float | None = None
    label = "fully connected"

    def __post_init__(self) -> None:
        check_range(self.name, "units", self.units, 1, LARGEST_WIDTH)
        if self.rubbish is not None:
            check_number(self.name, "rubbish", self.rubbish, -1e6, 1e6)

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of the output, ``(units,)``; `LenetError` if the input is not flat."""
        if len(shape) != 1:
            raise LenetError(f"{self.name}: a fully connected layer needs a flat input")
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the shapes of weight, ``(out, in)``, and bias, ``(out,)``."""
        return {"weight": (self.units, shape[0]), "bias": (self.units,)}

    def multiply_accumulates(self, shape: Shape) -> int:
        """Return the multiply-accumulates for one image: one for each weight, none for biases."""
        return self.units * shape[0]

    def connections(self, shape: Shape) -> int:
        """Return the number of connections: one for each weight and one for each bias."""
        return self.units * (shape[0] + 1)
