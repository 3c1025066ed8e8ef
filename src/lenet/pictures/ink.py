"""Measures the ink at each pixel of a grey picture, corrected for uneven light."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.pictures.components import Mask
from lenet.pictures.image import size_within

Plane = NDArray[np.float32]

_COARSE = 96  # longest side of the small picture in which the background is estimated
_DARKEST = 64  # lowest level of a background; noise of a darker one would look like ink


def ink_of(grey: Image.Image, widest: float) -> tuple[Plane, Plane]:
    """Separate dark ink from its background.

    The background is a morphological closing of the picture. It removes dark areas that are
    narrower than `widest`, and keeps the edges of shadows.

    Parameters
    ----------
    grey
        Mode L.
    widest
        Width of the widest stroke, relative to the picture's longest side.

    Returns
    -------
    How much darker than its background each pixel is: relative to the background, and in grey
    levels; both float32 ``[height, width]``.
    """
    resampling = Image.Resampling.BOX if max(grey.size) > _COARSE else Image.Resampling.BILINEAR
    coarse = grey.resize(size_within(_COARSE, *grey.size), resampling)
    # The window is odd, because an even window would move the closing by one pixel.
    small = closed(np.asarray(coarse, np.float32), round(widest * _COARSE) | 1)
    wide = Image.fromarray(small).resize(grey.size, Image.Resampling.BILINEAR)
    background = np.asarray(wide, np.float32)
    contrast: Plane = background - np.asarray(grey, np.float32)
    ink = contrast / np.maximum(background, _DARKEST)
    return ink.astype(np.float32, copy=False), contrast


def otsu_threshold(ink: Plane) -> float:
    """Return the threshold between paper and ink, from 0 to 1, with the largest variance between.

    Source: Otsu 1979, "A threshold selection method from gray-level histograms", pages 62 to 66.
    """
    counts, edges = np.histogram(ink, 64, (0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), np.cumsum(counts * middles)
    above = below[-1] - below
    apart = (total[-1] - total) / np.maximum(above, 1) - total / np.maximum(below, 1)
    return float(edges[1 + int((below * above * apart**2).argmax())])


def stroke_width(mask: Mask) -> float:
    """Return the width of a long stroke: twice its area divided by the length of its outline.

    The number of pixel edges is 4/pi times that length, on average over all directions.
    """
    edges = np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1])
    return 2 * np.count_nonzero(mask) / max(edges * np.pi / 4, 1)


def closed(plane: Plane, width: int) -> Plane:
    """Apply a morphological closing with a square window of side `width`; edges are mirrored."""
    wide = np.pad(plane, width, mode="symmetric")
    return -dilated(-dilated(wide, width), width)[width:-width, width:-width]


def dilated(plane: Plane, width: int) -> Plane:
    """Return the maximum in a square window of `width` around each pixel."""
    for _ in range(2):  # along the columns, then along the rows
        plane = _largest_of_rows(plane, width).T
    return plane


def _largest_of_rows(plane: Plane, width: int) -> Plane:
    before = width // 2
    rows = np.pad(plane, ((before, width - 1 - before), (0, 0)), constant_values=-np.inf)
    done = 1
    while done < width:  # the window grows to 1, 2, 4, ... rows, and finally to `width`
        step = min(done, width - done)
        rows = np.maximum(rows[:-step], rows[step:])
        done += step
    return rows
