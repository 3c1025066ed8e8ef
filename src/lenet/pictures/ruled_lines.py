"""Finds ruled lines in a mask of ink, across the whole picture, and removes them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.components import Mask

_SLANTS = np.linspace(-0.12, 0.12, 13)  # rise over run of a page that is not quite straight
_FULL = 0.8  # a line has ink on at least this share of its way through the picture
_LONG = 0.5  # this way is at least this share of the picture's width
_SLIM = 15  # a line is at least this many times as long as it is thick; a digit's strokes are not


def without_lines(mask: Mask) -> Mask:
    """Remove ruled lines and squares from a mask; strokes that cross them stay."""
    return _without_level_lines(_without_level_lines(mask).T).T


def _without_level_lines(mask: Mask) -> Mask:
    """Find the slant with the most ink on lines, and remove these lines."""
    height, width = mask.shape
    rises, within = _levels(height, width)
    beyond, levels = int(rises.max()), within.shape[1]
    rows, columns = np.nonzero(mask)
    # One histogram counts all slants; each slant has its own range of bins.
    first = np.arange(len(_SLANTS))[:, None] * levels + beyond
    bins = rows - rises[:, columns] + first
    inked = np.bincount(bins.ravel(), minlength=within.size).reshape(within.shape)
    lines = (inked >= _FULL * within) & (within >= _LONG * width)
    most = np.where(lines, inked, 0).sum(axis=1)
    best = int(most.argmax())  # all lines of a page have the same slant
    return _removed(mask, lines[best], rises[best] - beyond) if most[best] else mask


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


def _removed(mask: Mask, lines: Mask, shift: NDArray[np.int64]) -> Mask:
    """Clear the ink on lines and at their edges, except where a stroke continues beyond them.

    Line n is in row ``n + shift`` of each column.
    """
    height, width = mask.shape
    columns = np.arange(width, dtype=np.int64)

    def ink_at(line: int) -> Mask:
        row = line + shift
        return mask[np.clip(row, 0, height - 1), columns] & (row >= 0) & (row < height)

    result = mask.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lines, [False]]).astype(np.int8)))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if (stop - start) * _SLIM > width:
            continue
        reach = (stop - start) // 2 + 2
        crossed = ink_at(start - reach) | ink_at(stop - 1 + reach)
        for line in range(start - reach + 1, stop + reach - 1):
            row = line + shift
            clear = ~crossed & (row >= 0) & (row < height)
            result[row[clear], columns[clear]] = False
    return result
