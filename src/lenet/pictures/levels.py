"""Pixels of more than 8 bits, and floating-point pixels, as 8-bit levels."""

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
    finite = pixels[np.isfinite(pixels)] if pixels.dtype.kind == "f" else pixels
    if not finite.size:
        return np.zeros(pixels.shape, np.uint8)
    low, high = _range(float(finite.min()), float(finite.max()), pixels.dtype.kind == "f")
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
