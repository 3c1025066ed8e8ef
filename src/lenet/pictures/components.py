"""Connected components of a mask: which pixels hang together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Components:
    """What hangs together in a mask, pixels that touch at a corner included.

    Parameters
    ----------
    boxes
        int64 ``[N, 4]``: top, left, bottom, right of each component; the latter two exclusive.
    areas
        int64 ``[N]``, pixels of each.
    shape
        Of the mask.
    pixels
        int64: where the mask's pixels are, counted along its rows.
    starts, stops, owners
        int64 ``[runs]``: where each horizontal run of pixels starts and stops, counted along
        rows that are one pixel longer than the mask's, and the component it is of.
    """

    boxes: Numbers
    areas: Numbers
    shape: tuple[int, int]
    pixels: Numbers
    starts: Numbers
    stops: Numbers
    owners: Numbers

    def __len__(self) -> int:
        return len(self.areas)

    def sums(self, plane: NDArray[np.generic]) -> NDArray[np.float64]:
        """Add up a plane's values ``[height, width]`` over each component: float64 ``[N]``."""
        inked = plane.ravel()[self.pixels].astype(np.float64)
        so_far = np.concatenate([[0.0], np.cumsum(inked)])
        ends = np.cumsum(self.stops - self.starts)
        starts = ends - (self.stops - self.starts)
        sums = np.bincount(self.owners, so_far[ends] - so_far[starts], len(self))
        return sums.astype(np.float64)

    def mask(self, chosen: NDArray[np.bool_]) -> Mask:
        """Return the pixels of some components: bool ``[height, width]`` for bool ``[N]``."""
        height, width = self.shape
        runs = chosen[self.owners]
        edges = np.zeros(height * (width + 1) + 1, np.int8)
        edges[self.starts[runs]] += 1
        edges[self.stops[runs]] -= 1
        inside = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
        return inside.reshape(height, width + 1)[:, :-1]


def components(mask: Mask) -> Components:
    """Find the connected components of bool ``[height, width]``, by runs.

    Each row is cut into runs; runs of neighbouring rows that touch are edges of a graph, whose
    components are found by handing on the smallest number until nothing changes.
    """
    height, width = mask.shape
    stride = width + 1  # no run goes from one row into the next
    padded = np.zeros(height * stride + 1, np.int8)
    padded[1:].reshape(height, stride)[:, :-1] = mask
    change = np.diff(padded)
    starts: Numbers = np.flatnonzero(change == 1)
    stops: Numbers = np.flatnonzero(change == -1)
    # The runs of the row above that touch run i: those from first[i] to last[i].
    first = np.asarray(np.searchsorted(stops, starts - stride, side="left"), np.int64)
    last = np.asarray(np.searchsorted(starts, stops - stride, side="right"), np.int64)
    counts = np.maximum(last - first, 0)
    below = np.repeat(np.arange(len(starts)), counts)
    above = np.arange(len(below)) - np.repeat(np.cumsum(counts) - counts, counts)
    owners = _joined(len(starts), above + np.repeat(first, counts), below)
    return _measured(mask, starts, stops, owners)


def _joined(count: int, above: Numbers, below: Numbers) -> Numbers:
    """Give each node of a graph the number of its component, 0, 1, ..., from the edges."""
    owner = np.arange(count)
    while True:
        smaller = np.minimum(owner[above], owner[below])
        before = owner.copy()
        for end in (above, below):
            np.minimum.at(owner, before[end], smaller)
            np.minimum.at(owner, end, smaller)
        owner = owner[owner]
        if np.array_equal(owner, before):
            first = owner == np.arange(count)  # of its component
            return (np.cumsum(first) - 1)[owner]


def _measured(mask: Mask, starts: Numbers, stops: Numbers, owners: Numbers) -> Components:
    count = int(owners.max()) + 1 if len(owners) else 0
    rows, lefts = np.divmod(starts, mask.shape[1] + 1)
    rights = lefts + stops - starts
    boxes = np.empty((count, 4), np.int64)
    boxes[:, :2], boxes[:, 2:] = max(mask.shape), 0
    np.minimum.at(boxes[:, 0], owners, rows)
    np.minimum.at(boxes[:, 1], owners, lefts)
    np.maximum.at(boxes[:, 2], owners, rows + 1)
    np.maximum.at(boxes[:, 3], owners, rights)
    areas = np.bincount(owners, stops - starts, count).astype(np.int64)
    pixels = np.flatnonzero(mask)
    return Components(boxes, areas, mask.shape, pixels, starts, stops, owners)
