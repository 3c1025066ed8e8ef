"""Scores components by how much they look like a digit, and says which make up the digit."""

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.components import Components, Mask
from lenet.pictures.ink import Plane

_LEAST_SIZE = 0.04  # relative to the picture's longest side; a smaller component is a speck
_SHARP = 0.3  # share of its contrast that even a blurred digit has at its edge
_FAT = 0.25  # strokes are rarely wider than this share of a digit's longest side
_LIKE = 0.25  # of the digit's score: that of another digit in the picture
_AS_HIGH = 0.65  # of the digit's height: that of another digit
_AWAY = 0.5  # of the height: the gap to another digit in another row
_ALONGSIDE = 0.7  # of the height: what digits in a row share


def scores_of(parts: Components, mask: Mask, contrast: Plane, ranges: Plane) -> NDArray[np.float64]:
    """Score how much each component looks like a digit: float64 ``[N]``, 0 for specks.

    A digit is large, has a high contrast and a sharp edge all around (a shadow and the paper
    between strokes do not), is made of strokes, and is not at the border.
    """
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    longest = extent.max(axis=1, initial=0)
    touching = (parts.boxes[:, :2] == 0).sum(axis=1) + (parts.boxes[:, 2:] == parts.shape).sum(1)
    away = np.abs((parts.boxes[:, :2] + parts.boxes[:, 2:]) / 2 / parts.shape - 0.5).max(1)
    wide = np.pad(mask, 1)
    neighbours = (wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:])
    edges = np.array([mask & ~one for one in neighbours]).sum(axis=0).astype(np.uint8)
    outline = parts.sums(edges)
    stroke = 2 * parts.areas / (outline * np.pi / 4)  # the outline is 4/pi times too long
    cubed = contrast * contrast * contrast  # much faster than **
    clear = parts.sums(cubed * contrast) / parts.sums(cubed)  # close to the maximum
    sharp = np.minimum(parts.sums(edges * ranges) / outline / clear, 1)
    like_strokes = np.exp(-((stroke / longest / _FAT) ** 2))
    score = longest * clear**2 * sharp**3 * like_strokes * 0.4**touching * (1 - away)
    speck = (longest < max(_LEAST_SIZE * max(parts.shape), 5)) | (parts.areas < 8)
    return np.where(speck | (sharp < _SHARP), 0, score)


def digit_components(parts: Components, main: int) -> Mask:
    """Choose the components of the digit, bool ``[N]``: the main one, and others near it.

    Specks are left out. A component that touches the border belongs to a neighbour or is a line,
    unless it lies above or below the main one and does not cross the whole picture.
    """
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    longest = extent.max(axis=1)
    shared = np.minimum(parts.boxes[:, 2:], parts.boxes[main, 2:]) - np.maximum(
        parts.boxes[:, :2], parts.boxes[main, :2]
    )
    near = (shared > -0.2 * longest[main]).all(axis=1)
    large = (longest >= 0.2 * longest[main]) & (parts.areas >= 0.03 * parts.areas[main])
    within = (parts.boxes[:, :2] > 0).all(axis=1) & (parts.boxes[:, 2:] < parts.shape).all(axis=1)
    over = shared[:, 1] > 0.6 * np.minimum(extent[:, 1], extent[main, 1])
    across = (extent[:, 1] > 0.6 * parts.shape[1]) & (extent[:, 0] < 0.15 * extent[:, 1])
    chosen = near & large & (within | (over & ~across))
    chosen[main] = True
    return chosen


def are_several(parts: Components, scores: NDArray[np.float64], main: int, chosen: Mask) -> bool:
    """Return True if a component, chosen or not, is another digit.

    It is nearly as good a candidate as the main one, and nearly as high, and stands in a row
    with it or away from it; the pieces of a broken digit lie close above each other, or overlap.
    """
    high = parts.boxes[:, 2] - parts.boxes[:, 0]
    alike = (scores >= _LIKE * scores[main]) & (high >= _AS_HIGH * high[main])
    alike[main] = False
    shared = np.minimum(parts.boxes[:, 2:], parts.boxes[main, 2:]) - np.maximum(
        parts.boxes[:, :2], parts.boxes[main, :2]
    )
    in_row = (shared[:, 1] < 0) & (shared[:, 0] >= _ALONGSIDE * np.maximum(high, high[main]))
    away = (shared < -_AWAY * high[main]).any(axis=1)
    return bool((alike & (in_row | (away & ~chosen))).any())
