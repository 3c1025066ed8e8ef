"""Finds straight lines across a mask of ink, and clears them.

They may be printed lines or long strokes; `lenet.pictures.ruled_lines` tells them apart. Level
lines may slant by 7 degrees. Upright lines are found in the transpose.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.components import Mask

# Rise over run of a page that is not quite straight; of two that fit equally, the first counts.
_SLANTS = np.array(sorted(np.linspace(-0.12, 0.12, 13), key=abs))
_FULL = 0.8  # a line has ink on at least this share of its way through the picture
_THICK = 0.5  # rows at its edges belong to a line if this share of them is ink
_LONG = 0.5  # its way is at least this share of the picture's width
_SLIM = 8  # a line is at least this many times as long as it is thick
_END = 0.01  # of the picture's width: ink that is nearer to the border reaches it


@dataclass(frozen=True)
class Line:
    """A level line across a picture.

    Parameters
    ----------
    shift
        int64 ``[width]``: the line is in row ``n + shift`` of each column.
    start, stop
        The least n, and the greatest plus one.
    first, last
        The columns where its ink begins and ends.
    thickness
        Number of rows, with those at its edges where it is not ink all along.
    gap
        Columns of the longest gap in its ink.
    begins, ends
        True if it begins, or ends, at the border of the picture.
    """

    shift: NDArray[np.int64]
    start: int
    stop: int
    first: int
    last: int
    thickness: int
    gap: int
    begins: bool
    ends: bool

    @property
    def reaches(self) -> bool:
        """True if it reaches both borders."""
        return self.begins and self.ends

    @property
    def middle(self) -> float:
        """The row at the middle of the line, between pixels."""
        return (self.start + self.stop) / 2 + float(self.shift[len(self.shift) // 2])


def level_lines(mask: Mask) -> list[Line]:
    """Return the lines of the slant with the most ink on lines; all lines of a page have one slant.

    Those that reach both borders count twice. The first line is the uppermost.
    """
    height, width = mask.shape
    if not mask.any():
        return []
    rises, within = _levels(height, width)
    beyond, levels = int(rises.max()), within.shape[1]
    rows, columns = np.nonzero(mask)
    # One histogram counts all slants; each slant has its own range of bins.
    first = np.arange(len(_SLANTS))[:, None] * levels + beyond
    bins = rows - rises[:, columns] + first
    inked = np.bincount(bins.ravel(), minlength=within.size).reshape(within.shape)
    long = within >= _LONG * width
    full = (inked >= _FULL * within) & long
    half = (inked >= _THICK * within) & long
    best: list[Line] = []
    most = 0
    for slant in np.flatnonzero(full.any(axis=1)).tolist():
        shift = rises[slant] - beyond
        edges = np.flatnonzero(np.diff(np.concatenate([[0], full[slant], [0]])))
        lines: list[Line] = []
        amount = 0
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            above = int(np.append(half[slant, :start][::-1], False).argmin())
            below = int(np.append(half[slant, stop:], False).argmin())
            thickness = above + stop - start + below
            if thickness * _SLIM <= width:
                lines.append(_line(mask, shift, start, stop, thickness))
                amount += int(inked[slant, start:stop].max()) * (2 if lines[-1].reaches else 1)
        if amount > most:
            best, most = lines, amount
    return best


def _line(mask: Mask, shift: NDArray[np.int64], start: int, stop: int, thickness: int) -> Line:
    """Measure a line; its ink may be one pixel above or below."""
    height, width = mask.shape
    rows = np.arange(start - 1, stop + 1)[:, None] + shift
    inside = (rows >= 0) & (rows < height)
    ink = mask[np.clip(rows, 0, height - 1), np.arange(width)] & inside
    columns = np.flatnonzero(ink.any(axis=0))
    way = np.flatnonzero(inside[1:-1].all(axis=0))
    first, last, end = int(columns[0]), int(columns[-1]), max(1, round(_END * width))
    begins, ends = first - int(way[0]) <= end, int(way[-1]) - last <= end
    gap = int(np.diff(columns).max(initial=1)) - 1
    return Line(shift, start, stop, first, last, thickness, gap, begins, ends)


@lru_cache(maxsize=8)  # all masks of a picture have the same size
def _levels(height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where lines of each slant run through a picture.

    Line n of a slant is in row ``n - beyond + rise`` of each column. ``beyond`` is the largest
    rise: a slanted line may begin or end above or below the picture.

    Returns
    -------
    The rise in each column, int64 ``[slants, width]``; and the number of columns in which each line
    is inside the picture, int64 ``[slants, height + 2 beyond]``.
    """
    from_middle = np.arange(width, dtype=np.float64) - width / 2
    rises = np.round(_SLANTS[:, None] * from_middle).astype(np.int64)
    beyond = int(rises.max())
    # less[slant, r]: the number of columns whose rise is less than r - beyond.
    less = (rises[:, None] < np.arange(-beyond, beyond + 2)[:, None]).sum(axis=2)
    levels = np.arange(height + 2 * beyond)
    first = np.clip(2 * beyond - levels, 0, 2 * beyond + 1)
    end = np.clip(2 * beyond - levels + height, 0, 2 * beyond + 1)
    return rises, less[:, end] - less[:, first]


def without(mask: Mask, level: list[Line], upright: list[Line]) -> Mask:
    """Clear the ink on lines and at their edges, except where a stroke continues beyond them."""
    return _cleared(_cleared(mask, level).T, upright).T


def _cleared(mask: Mask, lines: list[Line]) -> Mask:
    if not lines:
        return mask
    height, width = mask.shape
    columns = np.arange(width, dtype=np.int64)
    result = mask.copy()
    for line in lines:
        crossed = crossings(mask, line)
        reach = _reach(line)
        for n in range(line.start - reach + 1, line.stop - 1 + reach):
            row = n + line.shift
            clear = ~crossed & (row >= 0) & (row < height)
            result[row[clear], columns[clear]] = False
    return result


def crossings(mask: Mask, line: Line) -> Mask:
    """Return the columns, bool ``[width]``, in which there is ink above or below a line's edge."""
    height, width = mask.shape
    reach = _reach(line)
    rows = np.array([[line.start - reach], [line.stop - 1 + reach]]) + line.shift
    ink = mask[np.clip(rows, 0, height - 1), np.arange(width)] & (rows >= 0) & (rows < height)
    return ink.any(axis=0)


def _reach(line: Line) -> int:
    """Return how far beyond its first and last row a line's blurred edge ends."""
    return (line.stop - line.start) // 2 + 2
