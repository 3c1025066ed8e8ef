"""Where in a picture the digits of its number are."""

from itertools import pairwise

import numpy as np

from lenet.networks.dilation import STEP
from lenet.pictures.field import WRITTEN, Field
from lenet.pictures.ruled_lines import without_lines
from lenet.pictures.types import Images

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

_INK = 128  # of 255: a stroke's edge; where all ink is fainter, half of the darkest
_PAPER = 40  # what is fainter is never a stroke
_ASIDE = 0.5  # pixels of ink that a column farther from halfway must save: rings are empty within
_WIDEST = WRITTEN  # a digit reaches no farther from its middle


def boxes_of(field: Field, columns: list[tuple[int, int]], size: tuple[int, int]) -> list[Box]:
    """Return a box in the picture for each digit.

    A trellis shows a digit in the few columns where its middle is; neighbours are cut apart where
    little ink lies about halfway between their middles.

    Parameters
    ----------
    field
        That was read.
    columns
        For each digit the first column of its scores, and the one after its last, left to right.
    size
        Height and width of the picture, which no box leaves.
    """
    if not columns:
        return []
    # A ruled line would reach from digit to digit.
    ink = np.where(without_lines(field.ink > _INK) | (field.ink <= _INK), field.ink, 0)
    width = ink.shape[1]
    middles = [min(STEP * (first + end) // 2, width - 1) for first, end in columns]
    cuts = [_cut(ink, a, b) for a, b in pairwise(middles)]
    lefts = [max(middles[0] - _WIDEST, 0), *cuts]
    rights = [*cuts, min(middles[-1] + _WIDEST, width)]
    return [
        in_picture(field, size, *_around(ink, middle, left, max(right, left + 1)))
        for middle, left, right in zip(middles, lefts, rights, strict=True)
    ]


def _cut(ink: Images, left: int, right: int) -> int:
    """Return the column of least ink between two middles, the nearer to halfway the rather."""
    if right <= left + 1:
        return max(left + 1, right)
    columns = np.arange(left + 1, right)
    strokes = ink[:, columns].sum(axis=0, dtype=np.int64) / 255
    return int(columns[(strokes + _ASIDE * np.abs(columns - (left + right) / 2)).argmin()])


def _around(ink: Images, middle: int, left: int, right: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the ink between two columns that hangs together."""
    darkest = int(ink[:, left:right].max(initial=0))
    inked = ink > max(min(_INK, darkest // 2), _PAPER)
    columns = np.flatnonzero(inked[:, left:right].any(axis=0)) + left
    if not len(columns):
        return left, 0, right, len(ink)
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    part = min(parts, key=lambda one: int(np.abs(one - middle).min()))
    first, last = int(part[0]), int(part[-1])
    rows = np.flatnonzero(inked[:, first : last + 1].any(axis=1))
    return first, int(rows[0]), last + 1, int(rows[-1]) + 1


def in_picture(
    field: Field, size: tuple[int, int], left: int, top: int, right: int, bottom: int
) -> Box:
    """Return the box in a picture of height and width `size` for one in its field."""
    x0, y0, x1, y1 = (value / field.scale for value in (left, top, right, bottom))
    lean = field.slope * (x0 + x1) / 2
    x, width = _within(field.corner[0] + x0, field.corner[0] + x1, size[1])
    y, height = _within(field.corner[1] + y0 + lean, field.corner[1] + y1 + lean, size[0])
    return x, y, width, height


def _within(first: float, end: float, most: int) -> tuple[int, int]:
    """Return the beginning and the length of what lies within 0 to `most`; never empty."""
    begin = min(max(round(first), 0), most - 1)
    return begin, max(min(round(end), most) - begin, 1)
