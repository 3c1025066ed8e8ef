"""Ruled lines in a mask of ink: found across the whole picture, and taken out."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.components import Mask

_SLANTS = np.linspace(-0.12, 0.12, 13)  # rise by run: a page held not quite straight
_FULL = 0.8  # share of the way across the picture that a line covers at least
_LONG = 0.5  # share of the picture's width that this way is at least
_SLIM = 15  # a line is longer than so many times its thickness; no stroke of a digit is


def without_lines(mask: Mask) -> Mask:
    """Return a mask without the lines and squares it is ruled with; strokes across them stay."""
    return _without_level_lines(_without_level_lines(mask).T).T


def _without_level_lines(mask: Mask) -> Mask:
    """Find the slant under which most ink lies on lines, and take those out."""
    height, width = mask.shape
    rises, within = _levels(height, width)
    beyond, levels = int(rises.max()), within.shape[1]
    rows, columns = np.nonzero(mask)
    # All slants at once, each counted into levels of its own.
    place = np.arange(len(_SLANTS))[:, None] * levels + beyond
    at = rows - rises[:, columns] + place
    inked = np.bincount(at.ravel(), minlength=within.size).reshape(within.shape)
    lines = (inked >= _FULL * within) & (within >= _LONG * width)
    most = np.where(lines, inked, 0).sum(axis=1)
    best = int(most.argmax())  # a page has one slant
    return _taken_out(mask, lines[best], rises[best] - beyond) if most[best] else mask


@lru_cache(maxsize=8)  # a picture's masks are of one size
def _levels(height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how lines of each slant run through a picture.

    Level n of a slant is in row n - beyond + rise of each column, where beyond is the greatest
    rise: lines begin or end above and below the picture too.

    Returns
    -------
    The rise in each column, int64 ``[S, width]``; and in how many columns each level is within the
    picture, int64 ``[S, height + 2 beyond]``.
    """
    from_middle = np.arange(width, dtype=np.float64) - width / 2
    rises = np.round(_SLANTS[:, None] * from_middle).astype(np.int64)
    beyond = int(rises.max())
    # By slant and rise: how many columns rise less.
    less = (rises[:, None] < np.arange(-beyond, beyond + 2)[:, None]).sum(axis=2)
    levels = np.arange(height + 2 * beyond)
    first = np.clip(2 * beyond - levels, 0, 2 * beyond + 1)
    end = np.clip(2 * beyond - levels + height, 0, 2 * beyond + 1)
    return rises, less[:, end] - less[:, first]


def _taken_out(mask: Mask, lines: Mask, shift: NDArray[np.int64]) -> Mask:
    """Clear the ink on lines and at their edges, but not where a stroke goes on beyond them.

    Line number n is in row n + shift of each column.
    """
    height, width = mask.shape
    columns = np.arange(width, dtype=np.int64)

    def ink_at(row: int) -> Mask:
        at = row + shift
        return mask[np.clip(at, 0, height - 1), columns] & (at >= 0) & (at < height)

    left = mask.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lines, [False]]).astype(np.int8)))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if (stop - start) * _SLIM > width:
            continue
        reach = (stop - start) // 2 + 2
        crossed = ink_at(start - reach) | ink_at(stop - 1 + reach)
        for row in range(start - reach + 1, stop + reach - 1):
            at = row + shift
            clear = ~crossed & (at >= 0) & (at < height)
            left[at[clear], columns[clear]] = False
    return left
