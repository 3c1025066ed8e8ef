"""Candidate cuts between the digits of a field.

The first step of heuristic over-segmentation, T_seg of the 1998 paper's cheque reader (Proc. IEEE
86(11), sections V and X): it cuts wherever a boundary is likely, rather too often than too seldom.
A later step decides, by the look of the pieces, which cuts are correct. Candidates are gaps in the
ink, the lowest points of its upper contour, the highest points of its lower contour, and the
columns of least ink. From each candidate a "hit and deflect" line runs down or up: it follows the
white, slides along strokes, and cuts a stroke only if there is no way around it.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.pictures.components import Mask, Numbers

_AROUND = 3  # columns to each side in which a candidate is the lowest, highest or least
_DEEPEST = 14  # most pixels of ink that a cut goes through; more would split along a stroke
_FARTHEST = 6  # most columns that a line deflects in one row
_SMALLEST = 6  # least pixels of ink between two cuts; otherwise one of them is dropped


def cuts(mask: Mask) -> Numbers:
    """Return the candidate cuts of a field, from left to right.

    Parameters
    ----------
    mask
        bool ``[height, width]``: the pixels with ink.

    Returns
    -------
    int64 ``[N + 1, height]``: to the left of cut n in row r are the columns before ``[n, r]``. No
    two cuts cross. The first and the last are the field's own edges; there is ink between any two
    neighbours. ``[0, height]`` if the field has no ink.
    """
    height, width = mask.shape
    if not mask.any():
        return np.zeros((0, height), np.int64)
    straight = [np.full(height, column, np.int64) for column in _gaps(mask)]
    down = [hit_and_deflect(mask, column) for column in _valleys(_upper_contour(mask))]
    up = [
        hit_and_deflect(mask[::-1], column)[::-1] for column in _valleys(_upper_contour(mask[::-1]))
    ]
    least = [hit_and_deflect(mask, column) for column in _valleys(-mask.sum(axis=0))]
    inner = [one for one in straight + down + up + least if crossed(mask, one) <= _DEEPEST]
    inner.sort(key=lambda one: int(one.sum()))
    edges = np.zeros(height, np.int64), np.full(height, width, np.int64)
    return _without_crossings(mask, [edges[0], *inner, edges[1]])


def hit_and_deflect(mask: Mask, column: int) -> Numbers:
    """Return a line from the top of a column to the bottom, around ink if that is possible.

    The line goes straight down through white. If it hits ink, it deflects along the white of its
    row to the nearest column with white below; if there is none, it cuts through the ink.

    Source of the name: Casey and Lecolinet, "A survey of methods and strategies in character
    segmentation", IEEE PAMI 18(7), 1996.

    Returns
    -------
    int64 ``[height]``: a cut, as in `cuts`.
    """
    height, width = mask.shape
    rows = mask.tolist()
    path = np.empty(height, np.int64)
    path[0] = column
    for row in range(1, height):
        if rows[row][column]:
            column = _deflected(rows[row - 1], rows[row], column, width)
        path[row] = column
    return path


def _deflected(here: list[bool], below: list[bool], column: int, width: int) -> int:
    """Return the nearest column with white below, reached along white; or the column itself."""
    sides = [] if here[column] else [-1, 1]
    for distance in range(1, _FARTHEST + 1):
        for side in tuple(sides):
            at = column + side * distance
            if not 0 <= at < width or here[at]:
                sides.remove(side)
            elif not below[at]:
                return at
        if not sides:
            break
    return column


def _gaps(mask: Mask) -> list[int]:
    """Return the middle column of each white run between columns with ink."""
    inked = np.flatnonzero(mask.any(axis=0))
    ends = np.flatnonzero(np.diff(inked) > 1)
    return [int(inked[end] + inked[end + 1] + 1) // 2 for end in ends.tolist()]


def _upper_contour(mask: Mask) -> Numbers:
    """Return the first row with ink of each column; the height if it has no ink."""
    return np.where(mask.any(axis=0), mask.argmax(axis=0), len(mask))


def _valleys(depths: Numbers) -> list[int]:
    """Return the columns as deep as all columns around; of neighbouring ones the middle."""
    around = sliding_window_view(np.pad(depths, _AROUND, mode="edge"), 2 * _AROUND + 1)
    deepest = np.flatnonzero((depths == around.max(axis=1)) & (depths > around.min(axis=1)))
    starts = np.split(deepest, np.flatnonzero(np.diff(deepest) > 1) + 1)
    return [int(run[len(run) // 2]) for run in starts if len(run)]


def crossed(mask: Mask, cut: Numbers) -> int:
    """Count the rows in which a cut separates two pixels of ink."""
    rows = np.arange(len(mask))
    width = mask.shape[1]
    inside = (cut > 0) & (cut < width)
    left, right = np.clip(cut - 1, 0, width - 1), np.clip(cut, 0, width - 1)
    return int((inside & mask[rows, left] & mask[rows, right]).sum())


def _cost(mask: Mask, cut: Numbers) -> tuple[int, int]:
    """Return the rows of ink that a cut goes through, and the columns by which it bends."""
    return crossed(mask, cut), int(np.abs(np.diff(cut)).sum())


def _without_crossings(mask: Mask, ordered: list[Numbers]) -> Numbers:
    """Keep cuts from crossing; of cuts with hardly any ink between them keep the cheapest."""
    before = np.pad(mask.cumsum(axis=1), ((0, 0), (1, 0)))
    rows = np.arange(len(mask))
    kept = ordered[:1]
    for cut in ordered[1:]:
        one = np.maximum(cut, kept[-1])
        between = int((before[rows, one] - before[rows, kept[-1]]).sum())
        closes = cut is ordered[-1]
        if between >= _SMALLEST or (closes and len(kept) == 1):
            kept.append(one)
        elif closes or (len(kept) > 1 and _cost(mask, one) < _cost(mask, kept[-1])):
            kept[-1] = one
    return np.array(kept)
