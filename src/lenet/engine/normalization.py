"""Converts stored pixels to the input of a network; no other module does it."""

from dataclasses import asdict, dataclass
from typing import Any, TypeVar, cast

from lenet.errors import LenetError
from lenet.networks.checks import is_finite

Pixels = TypeVar("Pixels")


@dataclass(frozen=True)
class Normalization:
    """``pixel * scale + offset``, for pixels of 0 to 255.

    By default pixels are divided by 255, as in the textbook.

    Examples
    --------
    >>> import numpy
    >>> lenet5 = Normalization(scale=1.275 / 255, offset=-0.1)  # as in 1998
    >>> lenet5(numpy.array([0.0, 255.0])).round(3).tolist()
    [-0.1, 1.175]
    """

    scale: float = 1 / 255
    offset: float = 0.0

    def __call__(self, pixels: Pixels) -> Pixels:
        """Normalise floating-point pixels: a NumPy array or a torch tensor, of any shape."""
        return cast("Pixels", cast("Any", pixels) * self.scale + self.offset)

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "Normalization":
        """Build from plain values; other values than two finite numbers are a `LenetError`."""
        table = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        if set(table) != {"scale", "offset"} or not all(map(is_finite, table.values())):
            raise LenetError("normalization must hold 'scale' and 'offset', both numbers")
        return cls(float(table["scale"]), float(table["offset"]))
