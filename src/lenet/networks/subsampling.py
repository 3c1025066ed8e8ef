"""Defines trainable subsampling (1989 to 1998): pooling with two parameters per map."""

from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from lenet.networks.checks import Shape, check_choice, check_range
from lenet.networks.layers import pooled_shape

SubsamplingKind = Literal["sum", "average"]


@dataclass(frozen=True)
class Subsampling:
    """The sum or average of each square window, times the map's coefficient, plus its bias.

    Source: Proc. IEEE 86(11), 1998, page 7, where S2 adds four inputs. The network of NIPS 1989
    averages them, which only changes the scale of the coefficient. The squashing function is a
    layer of its own.

    Parameters
    ----------
    name
        The parameters are called ``name.weight`` (the coefficients) and ``name.bias``.
    kind
        ``sum`` or ``average``.
    size
        The side of the windows, which do not overlap.
    """

    name: str
    kind: SubsamplingKind
    size: int = 2

    def __post_init__(self) -> None:
        check_choice(self.name, "subsampling", self.kind, get_args(SubsamplingKind))
        check_range(self.name, "size", self.size, 1, 64)

    @property
    def label(self) -> str:
        """The layer in a few words, for tables."""
        return f"{self.kind} {self.size}×{self.size} × coefficient + bias"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape with each side divided by `size`; a remainder is dropped."""
        return pooled_shape(self.name, shape, self.size)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the coefficients and of the biases, one of each per map."""
        return {"weight": (shape[0],), "bias": (shape[0],)}

    def multiply_accumulates(self, shape: Shape) -> int:
        """Return the multiply-accumulates for one image: one for each unit.

        The inputs of a window have no weights.
        """
        return prod(self.output_shape(shape))

    def connections(self, shape: Shape) -> int:
        """Return the number of connections: each unit's inputs and its bias."""
        return prod(self.output_shape(shape)) * (self.size**2 + 1)
