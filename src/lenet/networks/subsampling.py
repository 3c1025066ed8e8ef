"""Trainable subsampling, as in 1989 to 1998: today's average pooling with two numbers to learn."""

from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from lenet.networks.checks import Shape, check_choice, check_range
from lenet.networks.layers import pooled_shape

SubsamplingKind = Literal["sum", "average"]


@dataclass(frozen=True)
class Subsampling:
    """Each unit adds up its window, times the map's coefficient, plus the map's bias.

    Source: Proc. IEEE 86(11), 1998, page 7 (S2: the four inputs are added). With ``average`` the
    sum is divided by the window's size first, as in the network of NIPS 1989: the same functions,
    but another scale of the coefficient. The squashing function is a layer of its own.

    Parameters
    ----------
    name
        Names the parameters ``name.weight`` (the coefficients) and ``name.bias``.
    kind
        ``sum`` or ``average``.
    size
        Side of the square windows, which do not overlap.
    """

    name: str
    kind: SubsamplingKind
    size: int = 2

    def __post_init__(self) -> None:
        check_choice(self.name, "subsampling", self.kind, get_args(SubsamplingKind))
        check_range(self.name, "size", self.size, 1, 64)

    @property
    def label(self) -> str:
        """What a table of layers calls this one."""
        return f"{self.kind} {self.size}×{self.size} × coefficient + bias"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape with each side divided; a remainder at the edge is dropped."""
        return pooled_shape(self.name, shape, self.size)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """One coefficient and one bias a map, each ``(channels,)``."""
        return {"weight": (shape[0],), "bias": (shape[0],)}

    def multiply_accumulates(self, shape: Shape) -> int:
        """One multiplication a unit: the adding has no weights."""
        return prod(self.output_shape(shape))

    def connections(self, shape: Shape) -> int:
        """As the papers count: one for each input of a unit, and one for its bias."""
        return prod(self.output_shape(shape)) * (self.size**2 + 1)
