"""Decides which range the pixels of arrays have, and converts them to levels from 0 to 255.

This is the one place of the decision: data sets, arrays in Python and pixels sent to the service go
through it. `lenet.pictures.levels` has the rule for the depth of image files and of uint16.

An exact maximum of 1 would not do: a resize or an augmentation leaves 1.0000002.
"""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError
from lenet.pictures.levels import eight_bit_together
from lenet.pictures.types import Images

PixelRange = Literal["auto", "0-1", "0-255"]
"""The range of the pixels of arrays; ``auto`` decides by their values."""

PIXEL_RANGES: tuple[PixelRange, ...] = get_args(PixelRange)

SAY_WHICH = "say which with --pixels 0-1 or --pixels 0-255 (in Python: pixels='0-1')"

_ROUNDING = 0.01  # of white: what arithmetic leaves beyond the ends of 0 to 1
_WHITE_OF_FRACTIONS = 1 + _ROUNDING
_GREATEST_UNCLEAR = 2.0
_HALF_A_LEVEL = 0.5
_NUMBERS = "fiub"


def to_levels(
    parts: Sequence[NDArray[Any]],
    where: str,
    pixels: PixelRange = "auto",
    remedy: str = SAY_WHICH,
) -> list[Images]:
    """Convert arrays of pixels, which have one range together, to uint8 levels.

    Floats whose greatest value is at most 1.01 run from 0 to 1, and those beyond 2 from 0 to 255.
    Integers of only 0 and 1, and booleans, are black and white; other integers run from 0 to 255,
    but uint16 as `lenet.pictures.levels.eight_bit` says. Floats, uint16 and other integers are
    decided each for themselves, if there are several of them.

    Parameters
    ----------
    parts
        Arrays of any shape, for example training and test images.
    where
        The file or the name of the arrays, for messages.
    pixels
        A range that the user knows; values beyond it, as an interpolation leaves, are clipped.
    remedy
        What to do if the range cannot be decided, for messages.

    Raises
    ------
    LenetError
        The arrays do not hold numbers, the values lie in no range, or the greatest lies between
        1.01 and 2, where it may be either.

    Examples
    --------
    >>> [levels.tolist() for levels in to_levels([np.array([0.0, 1.0000002])], "x.npz")]
    [[0, 255]]
    >>> [levels.tolist() for levels in to_levels([np.array([0, 1, 254])], "x.npz")]
    [[0, 1, 254]]
    """
    if pixels not in PIXEL_RANGES:
        raise LenetError(f"{pixels!r} is no range of pixels; give one of {', '.join(PIXEL_RANGES)}")
    for part in parts:
        if part.dtype.kind not in _NUMBERS:
            raise LenetError(f"{where}: images must hold numbers, not {part.dtype}")
    kinds = [_kind(part) for part in parts]
    done: dict[int, Images] = {}
    for kind in set(kinds):
        places = [place for place, one in enumerate(kinds) if one == kind]
        alike = [parts[place] for place in places]
        if kind == "uint16" and pixels == "auto":
            levels = eight_bit_together(alike)
        else:
            white = _white(alike, where, pixels, remedy)
            levels = [_levels(part, white) for part in alike]
        done.update(zip(places, levels, strict=True))
    return [done[place] for place in range(len(parts))]


def _kind(part: NDArray[Any]) -> str:
    """Return what is decided together: floats, uint16, or other integers."""
    if part.dtype.kind == "f":
        return "float"
    return "uint16" if part.dtype.kind == "u" and part.dtype.itemsize == 2 else "integer"


def _white(parts: list[NDArray[Any]], where: str, pixels: PixelRange, remedy: str) -> int:
    """Return the value of white, 1 or 255, of arrays that are all floats or all integers."""
    filled = [part for part in parts if part.size]
    if not filled:
        return 255
    low = min(float(part.min()) for part in filled)
    high = max(float(part.max()) for part in filled)
    run = f"{where}: pixels run from {low:g} to {high:g}"
    if pixels != "auto":
        white = 1 if pixels == "0-1" else 255
        if not (low >= -white and high <= 2 * white):  # false for NaN, too
            raise LenetError(f"{run}, which is not {pixels}")
        return white
    whole = filled[0].dtype.kind != "f"
    if whole and low >= 0 and high <= 1:
        return 1
    bytes_ = any(part.dtype == np.uint8 for part in filled)  # their type says 0 to 255
    if not whole and low >= -_ROUNDING and high <= _WHITE_OF_FRACTIONS:
        return 1
    unclear = high <= _GREATEST_UNCLEAR
    least = -_ROUNDING if unclear else -_HALF_A_LEVEL
    if not (low >= least and high <= 255 + _HALF_A_LEVEL):
        raise LenetError(f"{run}; they must lie in 0 to 255, or in 0 to 1, or be uint16")
    if unclear and not bytes_:
        raise LenetError(f"{run}, which may be of 0 to 1 or of 0 to 255; {remedy}")
    return 255


def _levels(part: NDArray[Any], white: int) -> Images:
    if part.dtype == np.uint8 and white == 255:
        return part.view(np.uint8)
    values = part.astype(np.float32)
    if white == 1:
        values *= 255
    return np.clip(np.round(values, out=values), 0, 255, out=values).astype(np.uint8)
