"""Distortions of training images: what a network is not to mind, made at random.

The planar affine ones are those that the 1998 paper added to its training set: Proc. IEEE 86(11),
page 11, "combinations of the following planar affine transformations: horizontal and vertical
translations, scaling, squeezing (simultaneous horizontal compression and vertical elongation, or
the reverse), and horizontal shearing". The elastic ones: Simard, Steinkraus, Platt, "Best Practices
for Convolutional Neural Networks Applied to Visual Document Analysis", ICDAR 2003, section 2.
How far each goes, a recipe says.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lenet.engine.warp import Warp
from lenet.pictures.types import Images

# Smooth random displacements are costly to make; each image takes one of so many, times a factor
# of its own.
_FIELDS = 1024


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
    rotation
        In degrees, both ways.
    elastic
        Root mean square displacement, in pixels, of an elastic distortion.
    smoothness
        Standard deviation, in pixels, of the Gaussian that smooths its displacements.
    flip
        Half of the images are mirrored, left to right. Never for digits.
    blur
        How far pixels are mixed with their neighbours, 0 to 1.
    thickness
        How much darker and thicker, or lighter and thinner, a stroke becomes, 0 to 1.
    """

    shift: float
    scale: float
    squeeze: float
    shear: float
    rotation: float = 0.0
    elastic: float = 0.0
    smoothness: float = 4.0
    flip: bool = False
    blur: float = 0.0
    thickness: float = 0.0

    def __call__(self, images: Images, random: np.random.Generator) -> Images:
        """Distort grey images ``[N, side, side]``, uint8; outside of them it is 0.

        Raises
        ------
        LenetError
            Images that are not square, or not grey.
        """
        return self.draw(len(images), images.shape[1], random)(images)

    def draw(self, count: int, side: int, random: np.random.Generator) -> Warp:
        """Draw the distortions of `count` images of `side` pixels."""

        def uniform(most: float) -> NDArray[np.float32]:
            return random.uniform(-most, most, count).astype(np.float32)

        scale = np.exp(uniform(np.log1p(self.scale)))
        squeeze = np.exp(uniform(np.log1p(self.squeeze)))
        matrices = np.zeros((count, 2, 2), np.float32)  # of (row, column)
        matrices[:, 0, 0] = scale / squeeze
        matrices[:, 1, 1] = scale * squeeze
        matrices[:, 1, 0] = uniform(self.shear)
        shifts = np.stack([uniform(self.shift), uniform(self.shift)], axis=1)
        if self.rotation:
            angle = uniform(np.radians(self.rotation))
            turn = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=1)
            matrices = turn.reshape(-1, 2, 2) @ matrices
        if self.flip:
            matrices[random.random(count) < 0.5, :, 1] *= -1
        fields = field = amplitudes = tones = None
        if self.elastic:
            fields = _fields(side, self.smoothness)
            field = random.integers(0, _FIELDS, count, dtype=np.int32)
            amplitudes = uniform(self.elastic)
        if self.blur or self.thickness:
            tones = self._tones(count, random)
        return Warp(matrices, shifts, fields, field, amplitudes, tones)

    def _tones(self, count: int, random: np.random.Generator) -> NDArray[np.float32]:
        """Draw blur, gain and bias.

        Blurred and made steep again, with the middle of the slope moved, strokes become thicker or
        thinner; how steep is drawn too.
        """
        thickness = random.uniform(-self.thickness, self.thickness, count)
        blur = np.maximum(random.uniform(0, self.blur, count), np.abs(thickness))
        gain = 1 + blur * random.uniform(0, 3, count)
        middle = 127.5 * (1 - thickness)
        bias = np.maximum(middle - 127.5 / gain, 0)  # what is background stays so
        return np.stack([blur, gain, bias], axis=1).astype(np.float32)


@cache
def _fields(side: int, smoothness: float) -> NDArray[np.float32]:
    """Draw displacements ``[_FIELDS, 2, side, side]`` of root mean square 1, always the same."""
    noise = np.random.default_rng(0).standard_normal((_FIELDS, 2, side, side), np.float32)
    places = np.arange(side)
    weights = np.exp(-(((places[:, None] - places) / smoothness) ** 2) / 2)
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    smooth = weights.astype(np.float32)
    return smooth @ noise @ smooth.T
