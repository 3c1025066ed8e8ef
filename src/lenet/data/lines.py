"""Ruled lines in a mask of ink: found across the whole picture, and taken out."""

import numpy as np
from numpy.typing import NDArray

from lenet.data.components import Mask

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
    rows, columns = np.nonzero(mask)
    from_middle = np.arange(width, dtype=np.float64) - width / 2
    beyond = int(np.ceil(_SLANTS[-1] * width / 2)) + 1  # where slanted lines begin or end
    best: tuple[Mask, NDArray[np.int64]] | None = None
    most = 0
    for slant in _SLANTS.tolist():  # a page has one
        rise = np.asarray(np.round(slant * from_middle), np.int64)
        inked = np.bincount(rows - rise[columns] + beyond, minlength=height + 2 * beyond)
        levels = np.arange(height + 2 * beyond, dtype=np.int64)
        ends = np.sort(rise)
        # Line n is in row n - beyond + rise of each column: in so many columns, within the picture.
        last = np.asarray(ends.searchsorted(height - 1 + beyond - levels, side="right"), np.int64)
        within = last - np.asarray(ends.searchsorted(beyond - levels, side="left"), np.int64)
        lines = (inked >= _FULL * within) & (within >= _LONG * width)
        if inked[lines].sum() > most:
            best, most = (lines, rise - beyond), int(inked[lines].sum())
    return mask if best is None else _taken_out(mask, *best)


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
