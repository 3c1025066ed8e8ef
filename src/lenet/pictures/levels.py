"""Converts pixels of more than 8 bits in image files, and uint16 arrays, to levels from 0 to 255.

Files store a depth, 16 bits or floating point, without the range that is used. All other arrays
are converted by `lenet.pictures.pixel_range`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.types import Images

_LIGHTEST_FRACTION = 1.01  # floats from 0 to 1 that were resampled may be a little above 1
_NARROW = 16  # a picture that uses less than this part of its range is stretched


def eight_bit(pixels: NDArray[Any]) -> Images:
    """Convert integers or floats of any range to uint8, by a range that the greatest value decides.

    No file says how many of its 16 bits are used: cameras and scanners write 10 or 12 of them.

    - Floats up to 1 (1.01, for rounding errors) run from 0 to 1; up to 2, from 0 to the greatest.
    - All others run from 0 to 255, 511, 1023, ... or 65535: the first of these that no pixel
      exceeds. Beyond 65535 they run to the greatest value.
    - A picture with negative values, or one whose values lie within a sixteenth of the range, runs
      from its least to its greatest value.

    NaN counts as 0, or as the least value if 0 is below it.

    Examples
    --------
    >>> eight_bit(np.array([0, 512, 1023], np.uint16)).tolist()  # 10 bits
    [0, 128, 255]
    >>> eight_bit(np.array([0.0, 0.5, 1.0])).tolist()
    [0, 128, 255]
    """
    return eight_bit_together([pixels])[0]


def eight_bit_together(parts: Sequence[NDArray[Any]]) -> list[Images]:
    """Convert arrays as `eight_bit` does; the range is that of all of them together."""
    finite = [part[np.isfinite(part)] if part.dtype.kind == "f" else part for part in parts]
    filled = [part for part in finite if part.size]
    if not filled:
        return [np.zeros(part.shape, np.uint8) for part in parts]
    least = min(float(part.min()) for part in filled)
    greatest = max(float(part.max()) for part in filled)
    low, high = _range(least, greatest, any(part.dtype.kind == "f" for part in filled))
    return [_scaled(part, low, high) for part in parts]


def _scaled(pixels: NDArray[Any], low: float, high: float) -> Images:
    # float64 is exact for every 32-bit integer; single rows keep the memory of large pictures low.
    levels = np.empty(pixels.shape, np.uint8)
    for number, row in enumerate(pixels):
        values = np.clip(np.nan_to_num(row.astype(np.float64), nan=0), low, high)
        levels[number] = np.round((values - low) / (high - low) * 255).astype(np.uint8)
    return levels


def _range(least: float, greatest: float, is_float: bool) -> tuple[float, float]:
    if is_float and greatest <= _LIGHTEST_FRACTION:
        high = 1.0
    elif is_float and greatest <= 2:
        high = greatest
    else:
        bits = min(max(round(greatest).bit_length(), 8), 16)
        high = max(2.0**bits - 1, round(greatest))
    if least == greatest:  # one shade: there is nothing to stretch
        return min(least, 0.0), high
    if least < 0 or (greatest - least) * _NARROW < high:
        return least, greatest
    return 0.0, high
