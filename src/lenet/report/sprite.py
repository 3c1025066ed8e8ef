"""Pastes many small images into one PNG (a sprite), of which a page shows parts."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.report.png import png_of

_MOST_BYTES = 1_000_000  # of pixels; compression can only make the file smaller
_MOST_ACROSS = 1400  # pixels


@dataclass(frozen=True)
class Sprite:
    """Images side by side in rows.

    Parameters
    ----------
    png
        The PNG file.
    columns, rows
        The number of images across and down; the last row may not be full.
    places
        The place of each image, counted row by row, by the number of the image.
    """

    png: bytes
    columns: int
    rows: int
    places: dict[int, int]


def sprite(images: NDArray[np.uint8], numbers: Iterable[int]) -> Sprite:
    """Paste images together, each once; if they are too many for a page, only the first ones.

    Parameters
    ----------
    images
        uint8 ``[N, height, width]`` or ``[N, height, width, 3]``.
    numbers
        Indices in `images`, the most important first.
    """
    most = max(_MOST_BYTES // images[0].size, 1)
    chosen = list(dict.fromkeys(numbers))[:most]
    height, width = images.shape[1:3]
    columns = min(max(_MOST_ACROSS // width, 1), max(len(chosen), 1))
    rows = max(-(-len(chosen) // columns), 1)
    tiles = np.zeros((rows * columns, *images.shape[1:]), np.uint8)
    tiles[: len(chosen)] = images[chosen]
    grid = tiles.reshape(rows, columns, height, width, -1).swapaxes(1, 2)
    canvas = grid.reshape(rows * height, columns * width, -1)
    if images.ndim == 3:
        canvas = canvas[..., 0]
    return Sprite(png_of(canvas), columns, rows, {n: at for at, n in enumerate(chosen)})
