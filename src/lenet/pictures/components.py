"""Finds the connected components of a mask, and the bounding box of a mask."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]

_Value = TypeVar("_Value", bound=np.generic)


def box_of(mask: Mask) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of a mask's pixels, ends exclusive; zeros if it is empty."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def cropped(image: NDArray[_Value], mask: Mask) -> NDArray[_Value]:
    """Return the part of an image within the bounding box of a mask, as a view."""
    left, top, right, bottom = box_of(mask)
    return image[top:bottom, left:right]


@dataclass(frozen=True)
class Components:
    """The connected components of a mask; pixels that touch at a corner are connected.

    Parameters
    ----------
    boxes
        int64 ``[N, 4]``: top, left, bottom, right of each component, ends exclusive.
    areas
        int64 ``[N]``: pixels of each component.
    shape
        Height and width of the mask.
    pixels
        int64: flat indices of the mask's pixels.
    starts, stops, owners
        int64 ``[runs]``: start and stop of each horizontal run of pixels, as flat indices into rows
        that are one pixel longer than the mask's, and the number of its component.
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
        """Sum a plane ``[height, width]`` over each component: float64 ``[N]``."""
        inked = plane.ravel()[self.pixels].astype(np.float64)
        so_far = np.concatenate([[0.0], np.cumsum(inked)])
        lengths = self.stops - self.starts
        ends = np.cumsum(lengths)
        sums = np.bincount(self.owners, so_far[ends] - so_far[ends - lengths], len(self))
        return sums.astype(np.float64)

    def mask(self, chosen: NDArray[np.bool_]) -> Mask:
        """Return the mask ``[height, width]`` of the components in `chosen`, bool ``[N]``."""
        height, width = self.shape
        runs = chosen[self.owners]
        edges = np.zeros(height * (width + 1) + 1, np.int8)
        edges[self.starts[runs]] += 1
        edges[self.stops[runs]] -= 1
        inside = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
        return inside.reshape(height, width + 1)[:, :-1]


def components(mask: Mask) -> Components:
    """Find the connected components of a mask ``[height, width]``.

    Each row is divided into runs. Runs of neighbouring rows that touch are the edges of a graph.
    """
    height, width = mask.shape
    stride = width + 1  # separates the last run of a row from the first run of the next row
    padded = np.zeros(height * stride + 1, np.int8)
    padded[1:].reshape(height, stride)[:, :-1] = mask
    change = np.diff(padded)
    starts: Numbers = np.flatnonzero(change == 1)
    stops: Numbers = np.flatnonzero(change == -1)
    # Run i touches the runs first[i] to last[i] - 1 of the row above.
    first = np.asarray(np.searchsorted(stops, starts - stride, side="left"), np.int64)
    last = np.asarray(np.searchsorted(starts, stops - stride, side="right"), np.int64)
    counts = np.maximum(last - first, 0)
    below = np.repeat(np.arange(len(starts)), counts)
    above = np.arange(len(below)) - np.repeat(np.cumsum(counts) - counts, counts)
    owners = _graph_components(len(starts), above + np.repeat(first, counts), below)

    count = int(owners.max()) + 1 if len(owners) else 0
    rows, lefts = np.divmod(starts, stride)
    boxes = np.empty((count, 4), np.int64)
    boxes[:, :2], boxes[:, 2:] = max(mask.shape), 0
    np.minimum.at(boxes[:, 0], owners, rows)
    np.minimum.at(boxes[:, 1], owners, lefts)
    np.maximum.at(boxes[:, 2], owners, rows + 1)
    np.maximum.at(boxes[:, 3], owners, lefts + stops - starts)
    areas = np.bincount(owners, stops - starts, count).astype(np.int64)
    return Components(boxes, areas, mask.shape, np.flatnonzero(mask), starts, stops, owners)


def _graph_components(count: int, above: Numbers, below: Numbers) -> Numbers:
    """Return the component of each node of a graph, numbered 0, 1, ....

    Edges connect ``above[i]`` and ``below[i]``. The smallest node number of each component is
    passed along the edges until nothing changes.
    """
    owner = np.arange(count)
    while True:
        smaller = np.minimum(owner[above], owner[below])
        before = owner.copy()
        for end in (above, below):
            np.minimum.at(owner, before[end], smaller)
            np.minimum.at(owner, end, smaller)
        owner = owner[owner]
        if np.array_equal(owner, before):
            is_smallest = owner == np.arange(count)
            return (np.cumsum(is_smallest) - 1)[owner]
