"""Finds the bounding boxes of a number's digits in the picture that it was read from."""

from itertools import pairwise

import numpy as np

from lenet.networks.dilation import STEP
from lenet.pictures.field import DIGIT_HEIGHT, Field
from lenet.pictures.ruled_lines import without_lines
from lenet.pictures.types import Images

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels."""

_INK = 128  # of 255: the threshold of ink; if all ink is faint, half of the darkest
_PAPER = 40  # the threshold is never lower: fainter pixels are paper
_OFF_CENTRE = 0.5  # cost per column off halfway, in ink pixels: the hole of a 0 is not cut
_REACH = DIGIT_HEIGHT  # most columns from the middle of a digit to its edge


def boxes_of(field: Field, columns: list[tuple[int, int]], size: tuple[int, int]) -> list[Box]:
    """Return the bounding box of each digit in the picture.

    A trellis shows a digit only in the few columns around its middle. Neighbours are separated at
    the column between their middles that has the least ink; columns near halfway are preferred.

    Parameters
    ----------
    field
        The normalised number image that was read.
    columns
        For each digit, left to right, its first column of the trellis and one past its last
        (`lenet.reading.trellis.alignment`).
    size
        Height and width of the picture. Boxes are clipped to it.
    """
    if not columns:
        return []
    # A ruled line would connect the digits.
    ink = np.where(without_lines(field.ink > _INK) | (field.ink <= _INK), field.ink, 0)
    width = ink.shape[1]
    middles = [min(STEP * (first + end) // 2, width - 1) for first, end in columns]
    cuts = [_cut(ink, a, b) for a, b in pairwise(middles)]
    lefts = [max(middles[0] - _REACH, 0), *cuts]
    rights = [*cuts, min(middles[-1] + _REACH, width)]
    return [
        in_picture(field, size, *_around(ink, middle, left, max(right, left + 1)))
        for middle, left, right in zip(middles, lefts, rights, strict=True)
    ]


def _cut(ink: Images, left: int, right: int) -> int:
    """Return the column between two middles where a cut costs least."""
    if right <= left + 1:
        return max(left + 1, right)
    columns = np.arange(left + 1, right)
    strokes = ink[:, columns].sum(axis=0, dtype=np.int64) / 255
    return int(columns[(strokes + _OFF_CENTRE * np.abs(columns - (left + right) / 2)).argmin()])


def _around(ink: Images, middle: int, left: int, right: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the run of inked columns nearest to `middle`.

    It is searched from `left` to before `right`; if there is no ink, the box is all these columns.
    """
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
    """Return a box of `field` as one of the picture, clipped to its height and width `size`."""
    x0, y0, x1, y1 = (value / field.scale for value in (left, top, right, bottom))
    lean = field.slope * (x0 + x1) / 2
    x, width = _clipped(field.corner[0] + x0, field.corner[0] + x1, size[1])
    y, height = _clipped(field.corner[1] + y0 + lean, field.corner[1] + y1 + lean, size[0])
    return x, y, width, height


def _clipped(first: float, end: float, most: int) -> tuple[int, int]:
    """Clip an interval to 0 to `most`; return its start and its length, at least 1."""
    start = min(max(round(first), 0), most - 1)
    return start, max(min(round(end), most) - start, 1)
