"""The pieces of ink between cuts, and all groupings of neighbouring pieces that may be one digit.

The groupings are the arcs of the 1998 paper's segmentation graph (Proc. IEEE 86(11), section V).
"""

from dataclasses import dataclass

import numpy as np

from lenet.pictures.components import Mask, Numbers
from lenet.pictures.field import DIGIT_HEIGHT
from over_segmentation.cuts import crossed

_MOST = 6  # most pieces of one digit
_WIDEST = 1.8 * DIGIT_HEIGHT  # most columns of one digit


@dataclass(frozen=True)
class Groupings:
    """Groupings of neighbouring pieces of ink.

    Parameters
    ----------
    pieces
        int64 ``[height, width]``: the number of the piece that each pixel belongs to.
    starts, ends
        int64 ``[A]``: a grouping consists of the pieces ``starts`` to ``ends - 1``, which lie
        between the cuts ``starts`` and ``ends``.
    boxes
        int64 ``[A, 4]``: left, top, right, bottom of its ink; right and bottom are exclusive.
    areas
        int64 ``[A]``: pixels of ink.
    gaps
        int64 ``[A]``: columns without ink between its pieces.
    severed
        int64 ``[A]``: rows in which the cuts at its two ends go through ink.
    """

    pieces: Numbers
    starts: Numbers
    ends: Numbers
    boxes: Numbers
    areas: Numbers
    gaps: Numbers
    severed: Numbers

    def __len__(self) -> int:
        return len(self.starts)


def groupings(mask: Mask, cuts: Numbers) -> Groupings:
    """Return all pieces of a field, and all groupings that are not wider than a digit.

    Parameters
    ----------
    mask
        bool ``[height, width]``: the pixels with ink.
    cuts
        int64 ``[N + 1, height]``, from `over_segmentation.cuts.cuts`.
    """
    columns = np.arange(mask.shape[1], dtype=np.int64)
    beyond = np.less_equal(cuts[1:-1, :, None], columns)
    pieces: Numbers = beyond.sum(axis=0, dtype=np.int64)
    count = max(len(cuts) - 1, 0)
    rows, columns = np.nonzero(mask)
    owners = pieces[rows, columns]
    boxes = np.tile(np.array([mask.shape[1], mask.shape[0], 0, 0], np.int64), (count, 1))
    for side, values in enumerate((columns, rows)):
        np.minimum.at(boxes[:, side], owners, values)
        np.maximum.at(boxes[:, side + 2], owners, values + 1)
    areas = np.bincount(owners, minlength=count).astype(np.int64)
    through = np.array([crossed(mask, cut) for cut in cuts], np.int64)

    found: list[list[int]] = []
    for start in range(count):
        left, top, right, bottom = boxes[start].tolist()
        area, gap = 0, 0
        for end in range(start + 1, min(start + _MOST, count) + 1):
            box = boxes[end - 1].tolist()
            gap += max(box[0] - right, 0)
            left, top = min(left, box[0]), min(top, box[1])
            right, bottom = max(right, box[2]), max(bottom, box[3])
            area += int(areas[end - 1])
            if end > start + 1 and right - left > _WIDEST:
                break
            severed = int(through[start] + through[end])
            found.append([start, end, left, top, right, bottom, area, gap, severed])
    table = np.array(found, np.int64).reshape(-1, 9)
    starts, ends, areas, gaps, severed = (table[:, at] for at in (0, 1, 6, 7, 8))
    return Groupings(pieces, starts, ends, table[:, 2:6], areas, gaps, severed)
