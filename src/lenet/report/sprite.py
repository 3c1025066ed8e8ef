"""Many small images as one picture, of which a page shows parts: a few hundred bytes an image."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.report.png import png_of

# Pixels do not become more by compression, so this bounds the file whatever the images are.
_MOST_BYTES = 1_000_000
_MOST_ACROSS = 1400  # pixels


@dataclass(frozen=True)
class Sprite:
    """Images side by side in rows.

    Parameters
    ----------
    png
        The picture's file.
    columns, rows
        How many images it has across and down; the last row may not be full.
    places
        Of each image that is in it, by its number, its place from the top left.
    """

    png: bytes
    columns: int
    rows: int
    places: dict[int, int]


def sprite(images: NDArray[np.uint8], numbers: Iterable[int]) -> Sprite:
    """Paste images together, each once, the first of them if they are too many for a page.

    Parameters
    ----------
    images
        uint8 ``[N, height, width]`` or ``[N, height, width, 3]``.
    numbers
        Which, those first that matter most.
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
