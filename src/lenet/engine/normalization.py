"""From stored pixels to the numbers a network was trained on. There is no second such place."""

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, TypeVar, cast

from lenet.errors import LenetError

Numbers = TypeVar("Numbers")


@dataclass(frozen=True)
class Normalization:
    """``pixel * scale + offset``, for pixels of 0 to 255.

    The chapter divides by 255: ``Normalization()``. LeNet-5 of 1998 maps background (0) to -0.1
    and ink (255) to 1.175: ``Normalization(scale=1.275 / 255, offset=-0.1)``.
    """

    scale: float = 1 / 255
    offset: float = 0.0

    def __call__(self, pixels: Numbers) -> Numbers:
        """Normalise floating-point pixels: a NumPy array or a torch tensor, of any shape."""
        return cast("Numbers", cast("Any", pixels) * self.scale + self.offset)

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "Normalization":
        """Build from plain values; anything but two finite numbers is a `LenetError`."""
        table = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        numbers = [table.get("scale"), table.get("offset")]
        if set(table) != {"scale", "offset"} or not all(_is_number(n) for n in numbers):
            raise LenetError("normalization must hold 'scale' and 'offset', both numbers")
        return cls(float(table["scale"]), float(table["offset"]))


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return isfinite(value) if isinstance(value, float) else abs(value) < 1 << 64
