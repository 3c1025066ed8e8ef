"""Where one digit of a field may end and the next begin: the candidate cuts.

The first step of heuristic over-segmentation, T_seg of the 1998 paper's cheque reader (Proc. IEEE
86(11), sections V and X): cut wherever a boundary is at all likely, rather too often than too
seldom; which cuts are right is decided later, by what the pieces look like. Candidates are gaps in
the ink, the lowest points of its upper contour, the highest points of its lower one, and the
columns of least ink. From there "hit and deflect" lines are let down or up through the ink: they
run through white as far as they can, slide along strokes, and cut one only where there is no way
around it.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lenet.pictures.components import Mask, Numbers

_AROUND = 3  # columns to each side in which a candidate is the lowest, highest or least
_DEEPEST = 14  # pixels of ink a cut may go through; more would split a digit along its strokes
_FARTHEST = 6  # columns that a line deflects in one row
_SMALLEST = 6  # pixels of ink; two cuts with less between them are one


def cuts(mask: Mask) -> Numbers:
    """Return the candidate cuts of a field, from left to right.

    Parameters
    ----------
    mask
        bool ``[height, width]``: where there is ink.

    Returns
    -------
    int64 ``[N + 1, height]``: what is left of cut n in row r are the columns before ``[n, r]``. No
    two cross. The first and the last are the field's own edges; there is ink between any two that
    follow each other. ``[0, height]`` where there is none at all.
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
    return _parting(mask, [edges[0], *inner, edges[1]])


def hit_and_deflect(mask: Mask, column: int) -> Numbers:
    """Let a line down from the top of a column, around ink where that is possible.

    In each row it goes straight down where that is white; where it hits ink, it deflects to the
    nearest place of its row, along white, below which is white; where there is none it cuts.

    The method's name is that of Casey and Lecolinet, "A survey of methods and strategies in
    character segmentation", IEEE PAMI 18(7), 1996.

    Returns
    -------
    int64 ``[height]``, a cut as `cuts` gives them.
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
    """Return the nearest column with white below that is reached along white, or the same."""
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
    """Return the first row with ink of each column, the height where it has none."""
    return np.where(mask.any(axis=0), mask.argmax(axis=0), len(mask))


def _valleys(depths: Numbers) -> list[int]:
    """Return the columns that are as deep as any around; the middle one of several in a row."""
    around = sliding_window_view(np.pad(depths, _AROUND, mode="edge"), 2 * _AROUND + 1)
    deepest = np.flatnonzero((depths == around.max(axis=1)) & (depths > around.min(axis=1)))
    starts = np.split(deepest, np.flatnonzero(np.diff(deepest) > 1) + 1)
    return [int(run[len(run) // 2]) for run in starts if len(run)]


def crossed(mask: Mask, cut: Numbers) -> int:
    """Count the rows in which a cut parts two pixels of ink."""
    rows = np.arange(len(mask))
    width = mask.shape[1]
    inside = (cut > 0) & (cut < width)
    left, right = np.clip(cut - 1, 0, width - 1), np.clip(cut, 0, width - 1)
    return int((inside & mask[rows, left] & mask[rows, right]).sum())


def _price(mask: Mask, cut: Numbers) -> tuple[int, int]:
    """Return how much ink a cut goes through, and how much it bends."""
    return crossed(mask, cut), int(np.abs(np.diff(cut)).sum())


def _parting(mask: Mask, ordered: list[Numbers]) -> Numbers:
    """Keep cuts from crossing, and of several with hardly any ink between them the cheapest."""
    before = np.pad(mask.cumsum(axis=1), ((0, 0), (1, 0)))
    rows = np.arange(len(mask))
    kept = ordered[:1]
    for cut in ordered[1:]:
        one = np.maximum(cut, kept[-1])
        between = int((before[rows, one] - before[rows, kept[-1]]).sum())
        closes = cut is ordered[-1]
        if between >= _SMALLEST or (closes and len(kept) == 1):
            kept.append(one)
        elif closes or (len(kept) > 1 and _price(mask, one) < _price(mask, kept[-1])):
            kept[-1] = one
    return np.array(kept)
