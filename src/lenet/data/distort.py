"""Planar affine distortions of digits, as the 1998 paper added them to its training set.

Source: Proc. IEEE 86(11), 1998, page 11: "combinations of the following planar affine
transformations: horizontal and vertical translations, scaling, squeezing (simultaneous horizontal
compression and vertical elongation, or the reverse), and horizontal shearing". How far, the paper
does not say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.data.split import Images

# Images distorted at once: their coordinates and corners stay in the cache.
_BLOCK = 256


@dataclass(frozen=True)
class Distortion:
    """The greatest of each transformation; each is drawn uniformly, for each image anew.

    Parameters
    ----------
    shift
        In pixels, both ways.
    scale, squeeze
        As shares: 0.1 gives factors from 1/1.1 to 1.1.
    shear
        Pixels to the side for each pixel up.
    """

    shift: float
    scale: float
    squeeze: float
    shear: float

    def __call__(self, images: Images, random: np.random.Generator) -> Images:
        """Distort grey images ``[N, height, width]``, uint8; outside of them it is 0."""
        return _warp(images, *self._draw(len(images), random))

    def _draw(
        self, count: int, random: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw matrices ``[N, 2, 2]`` from places of the result to the image's, and shifts."""

        def uniform(most: float) -> NDArray[np.float32]:
            return random.uniform(-most, most, count).astype(np.float32)

        scale = np.exp(uniform(np.log1p(self.scale)))
        squeeze = np.exp(uniform(np.log1p(self.squeeze)))
        matrices = np.zeros((count, 2, 2), np.float32)  # of (row, column)
        matrices[:, 0, 0] = scale / squeeze
        matrices[:, 1, 1] = scale * squeeze
        matrices[:, 1, 0] = uniform(self.shear)
        return matrices, np.stack([uniform(self.shift), uniform(self.shift)], axis=1)


def _warp(images: Images, matrices: NDArray[np.float32], shifts: NDArray[np.float32]) -> Images:
    """Fill each pixel from where the image's matrix and shift take it, bilinearly."""
    count, height, width = images.shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2], np.float32)
    grid = np.indices((height, width), np.float32).reshape(2, -1)
    places = grid.T - middle
    result = np.empty_like(images)
    # A frame of background: corners outside the image are read from it. What lies further out
    # than the frame is moved onto it.
    step = width + 3
    for start in range(0, count, _BLOCK):
        block = slice(start, start + _BLOCK)
        framed = np.pad(images[block], ((0, 0), (1, 2), (1, 2))).reshape(-1).astype(np.float32)
        sources = places @ matrices[block].transpose(0, 2, 1)
        sources += (shifts[block] + middle + 1)[:, None]
        row = np.clip(sources[..., 0], 0, height + 1)
        column = np.clip(sources[..., 1], 0, width + 1)
        top, left = row.astype(np.int32), column.astype(np.int32)
        down, right = row - top, column - left
        corner = top * step + left
        corner += (np.arange(len(corner), dtype=np.int32) * ((height + 3) * step))[:, None]
        upper = framed[corner] * (1 - right) + framed[corner + 1] * right
        lower = framed[corner + step] * (1 - right) + framed[corner + step + 1] * right
        values = upper * (1 - down) + lower * down
        result[block] = np.rint(values).reshape(-1, height, width)
    return result
