"""How much ink is at each pixel of a grey picture, whatever light fell on it."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]

_COARSE = 96  # longest side of the small picture that the background is found in
_DARKEST = 64  # a background counts as no darker, or its noise would look like ink


def ink_of(grey: Image.Image, widest: float) -> tuple[Plane, Plane]:
    """Tell dark ink from its background.

    The background is the picture without the dark things that are narrower than a stroke may be: a
    morphological closing, which keeps the edges of shadows.

    Parameters
    ----------
    grey
        Mode L.
    widest
        Of a stroke, as a share of the picture's longest side.

    Returns
    -------
    How much darker than its background each pixel is: as a share of the background's light, and in
    grey levels; both float32 ``[height, width]``.
    """
    # Odd, for an even window would move the closing by one pixel.
    small = closed(np.asarray(_coarse(grey), np.float32), round(widest * _COARSE) | 1)
    wide = Image.fromarray(small).resize(grey.size, Image.Resampling.BILINEAR)
    background = np.asarray(wide, np.float32)
    contrast: Plane = background - np.asarray(grey, np.float32)
    share = contrast / np.maximum(background, _DARKEST)
    return share.astype(np.float32, copy=False), contrast


def _coarse(grey: Image.Image) -> Image.Image:
    scale = _COARSE / max(grey.size)
    size = (max(round(grey.width * scale), 1), max(round(grey.height * scale), 1))
    return grey.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)


def parting(ink: Plane) -> float:
    """Return the value from 0 to 1 that parts ink from paper: the largest variance between them.

    Otsu 1979, "A threshold selection method from gray-level histograms", pages 62 to 66.
    """
    counts, edges = np.histogram(ink, 64, (0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below, total = np.cumsum(counts), np.cumsum(counts * middles)
    above = below[-1] - below
    apart = (total[-1] - total) / np.maximum(above, 1) - total / np.maximum(below, 1)
    return float(edges[1 + int((below * above * apart**2).argmax())])


def closed(plane: Plane, width: int) -> Plane:
    """Fill what is low and narrower than `width`; beyond its edges a picture is mirrored."""
    wide = np.pad(plane, width, mode="symmetric")
    return -dilated(-dilated(wide, width), width)[width:-width, width:-width]


def dilated(plane: Plane, width: int) -> Plane:
    """Take the largest value within a square of `width` around each pixel."""
    for _ in range(2):  # down, then across
        plane = _largest_of_rows(plane, width).T
    return plane


def _largest_of_rows(plane: Plane, width: int) -> Plane:
    before = width // 2
    rows = np.pad(plane, ((before, width - 1 - before), (0, 0)), constant_values=-np.inf)
    done = 1
    while done < width:  # windows of 1, 2, 4, ... rows, and at last of `width`
        step = min(done, width - done)
        rows = np.maximum(rows[:-step], rows[step:])
        done += step
    return rows
