"""Distorts training images at random: affine and elastic changes, blur, thickness of strokes.

Shift, scale, squeeze and shear are those of the 1998 paper, Proc. IEEE 86(11), page 11:
"combinations of the following planar affine transformations: horizontal and vertical translations,
scaling, squeezing (simultaneous horizontal compression and vertical elongation, or the reverse),
and horizontal shearing". Source of the elastic distortion: Simard, Steinkraus, Platt, "Best
Practices for Convolutional Neural Networks Applied to Visual Document Analysis", ICDAR 2003,
section 2.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lenet.engine.warp import Warp
from lenet.pictures.types import Images

# Smooth random displacements are slow to compute, so each image uses one of a fixed number of
# fields, multiplied by a random factor.
_FIELDS = 1024


@dataclass(frozen=True)
class Distortion:
    """Distorts images at random. Each image gets a random amount, up to a bound, of each change.

    Parameters
    ----------
    shift
        Bound in pixels, in both directions.
    scale, squeeze
        Bounds of the factors: 0.1 gives factors from 1/1.1 to 1.1.
    shear
        Bound of the horizontal pixels per vertical pixel.
    rotation
        Bound in degrees, in both directions.
    elastic
        Bound of an elastic distortion: its root mean square displacement in pixels.
    smoothness
        Standard deviation, in pixels, of the Gaussian that smooths the displacements.
    flip
        True mirrors half of the images, left to right; not for digits.
    blur
        Bound, 0 to 1, of the share with which pixels are mixed with their neighbours.
    thickness
        Bound, 0 to 1, of the change by which strokes become thicker or thinner.
    bright
        True: an image whose border is rather bright than dark, such as a scan of white paper, is
        distorted as its negative, so that what comes in from outside is bright too.

    Examples
    --------
    >>> distortion = Distortion(shift=2, scale=0.1, squeeze=0.1, shear=0.2)
    >>> images = np.zeros((5, 28, 28), np.uint8)
    >>> distortion(images, np.random.default_rng(0)).shape
    (5, 28, 28)
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
    bright: bool = False

    def __call__(self, images: Images, random: np.random.Generator) -> Images:
        """Distort images, uint8 ``[N, side, side]`` or ``[N, side, side, channels]``.

        Their surroundings count as 0. `LenetError` if they are not square.
        """
        warp = self.draw(len(images), images.shape[1], random)
        if images.ndim == 3:
            return self._distorted(images, warp)
        channels = [self._distorted(images[..., one], warp) for one in range(images.shape[3])]
        return np.stack(channels, axis=-1)

    def _distorted(self, images: Images, warp: Warp) -> Images:
        if not self.bright:
            return warp(images)
        ends = [0, -1]
        ring = np.concatenate([images[:, ends], images[:, :, ends].swapaxes(1, 2)], axis=1)
        mask = np.where(np.median(ring, axis=(1, 2)) > 127, 255, 0).astype(np.uint8)
        mask = mask[:, None, None]
        return warp(images ^ mask) ^ mask  # x ^ 255 is 255 - x

    def draw(self, count: int, side: int, random: np.random.Generator) -> Warp:
        """Return random distortions for `count` images of `side` x `side` pixels."""

        def uniform(bound: float) -> NDArray[np.float32]:
            return random.uniform(-bound, bound, count).astype(np.float32)

        scale = np.exp(uniform(np.log1p(self.scale)))
        squeeze = np.exp(uniform(np.log1p(self.squeeze)))
        matrices = np.zeros((count, 2, 2), np.float32)  # for (row, column)
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
        """Return random blur, gain and bias: float32 ``[count, 3]``.

        The blur softens the edges of strokes, and gain and bias sharpen them at another grey level,
        so that strokes become thicker or thinner.
        """
        thickness = random.uniform(-self.thickness, self.thickness, count)
        blur = np.maximum(random.uniform(0, self.blur, count), np.abs(thickness))
        gain = 1 + blur * random.uniform(0, 3, count)
        middle = 127.5 * (1 - thickness)
        bias = np.maximum(middle - 127.5 / gain, 0)  # at least 0, so that background stays 0
        return np.stack([blur, gain, bias], axis=1).astype(np.float32)


@cache
def _fields(side: int, smoothness: float) -> NDArray[np.float32]:
    """Return fixed displacement fields, ``[_FIELDS, 2, side, side]``, of root mean square 1."""
    noise = np.random.default_rng(0).standard_normal((_FIELDS, 2, side, side), np.float32)
    places = np.arange(side)
    weights = np.exp(-(((places[:, None] - places) / smoothness) ** 2) / 2)
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    smooth = weights.astype(np.float32)
    return smooth @ noise @ smooth.T
