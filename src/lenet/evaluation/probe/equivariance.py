"""Measures the equivariance of each layer: whether its feature maps move with the image.

A layer f is *equivariant* if shifting the image shifts its maps, ``f(T x) = T' f(x)``, and
*invariant* if its maps stay the same, ``f(T x) = f(x)``. A convolution is equivariant away from the
border; pooling or a stride by s keeps that only for shifts by multiples of s.
"""

from dataclasses import dataclass
from math import copysign, floor, sqrt

import numpy as np
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.evaluation.probe.receptive_field import Geometry, geometry
from lenet.evaluation.probe.transforms import Images, shift
from lenet.networks.layers import Flatten, Padding

SHIFTS = tuple(range(9))
"""Shifts in pixels; 8 pixels are two units of the last map of the textbook's LeNet."""


@dataclass(frozen=True)
class LayerEquivariance:
    """How far a layer is from equivariance, and from invariance.

    For a shift of the image by d pixels, with s the layer's jump, the map is moved by the nearest
    whole number of units k to d / s (halves away from zero). The sums are over all images x, maps
    c, four directions, and places p. A place counts if its receptive field and that of p - k lie
    within the image, and its own outside the background that the shift brings in::

        equivariance(d)² = Σ (f(T_d x)[c, p] - f(x)[c, p - k])² / Σ (f(x)[c, p - k] - mean[c])²
        invariance(d)²   = Σ (f(T_d x)[c, p] - f(x)[c, p])²     / the same

    with ``mean[c]`` the mean of f(x)[c, p - k] over a direction's images and places. So 0 is a map
    that moves (or stays) exactly, 1 is as wrong as a constant map, and √2 as wrong as the map of
    another image.

    A layer whose units have no place (fully connected, or maps of one unit) has only an invariance:
    over all its units, each with a mean of its own.

    Parameters
    ----------
    layer
        Its name.
    jump
        Pixels between two units; None if they have no place.
    equivariance, invariance
        One figure per shift; None if no place is left, or if the layer never varies.
    """

    layer: str
    jump: int | None
    equivariance: tuple[float | None, ...]
    invariance: tuple[float | None, ...]


@dataclass
class _Sums:
    """Squared differences over all images and directions."""

    moved: float = 0.0
    stayed: float = 0.0
    variance_sum: float = 0.0

    def ratio(self, difference: float) -> float | None:
        return sqrt(difference / self.variance_sum) if self.variance_sum > 0 else None

    def add(
        self,
        before: NDArray[np.float64],
        after: NDArray[np.float64],
        origin: NDArray[np.float64],
    ) -> None:
        axes = (0, *range(2, before.ndim))  # images and places, not maps or units
        self.moved += float(np.square(after - origin).sum())
        self.stayed += float(np.square(after - before).sum())
        # Relative to a value of the map, so that rounding gives a constant map no variance.
        centred = origin - origin.max(axis=axes, keepdims=True)
        differences = centred - centred.mean(axis=axes, keepdims=True)
        self.variance_sum += float(np.square(differences).sum())


def equivariance(
    artifact: Artifact, images: Images, shifts: tuple[int, ...] = SHIFTS
) -> list[LayerEquivariance]:
    """Measure how far each layer, but padding and flatten, is from equivariance and invariance.

    Parameters
    ----------
    images
        uint8 ``[N, height, width]`` or ``[N, height, width, channels]``.
    shifts
        Shifts of the image in pixels; each is done up, down, left and right.
    """
    places = geometry(artifact.network)
    side = artifact.network.input_shape[1:]
    stages = [
        stage
        for stage in artifact.network.stages()
        if not isinstance(stage.layer, Padding | Flatten)
    ]
    before = artifact.predictor.activations(images)
    sums = {(stage.layer.name, d): _Sums() for stage in stages for d in shifts}
    for d in shifts:
        for down, right in ((d, 0), (-d, 0), (0, d), (0, -d)):
            after = artifact.predictor.activations(shift(images, down, right))
            for stage in stages:
                name = stage.layer.name
                old, new = before[name].astype(np.float64), after[name].astype(np.float64)
                if not _has_places(stage.output_shape):
                    sums[name, d].add(old, new, old)
                    continue
                pairs = [
                    corresponding(places[name], *axis)
                    for axis in zip(old.shape[2:], side, (down, right), strict=True)
                ]
                here = np.ix_(*(target for target, _ in pairs))
                there = np.ix_(*(source for _, source in pairs))
                held = old[:, :, *here]
                if held.size:
                    sums[name, d].add(held, new[:, :, *here], old[:, :, *there])
    return [
        LayerEquivariance(
            name := stage.layer.name,
            places[name].jump if (placed := _has_places(stage.output_shape)) else None,
            tuple(sums[name, d].ratio(sums[name, d].moved) if placed else None for d in shifts),
            tuple(sums[name, d].ratio(sums[name, d].stayed) for d in shifts),
        )
        for stage in stages
    ]


def _has_places(shape: tuple[int, ...]) -> bool:
    return max(shape[1:], default=1) > 1


def corresponding(
    place: Geometry, count: int, length: int, offset: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair unit p of the shifted image's map with unit p - k of the image's own map, on one axis.

    k is the shift in units: `offset` divided by the layer's jump, rounded to the nearest whole
    number, halves away from zero.

    Parameters
    ----------
    place
        The layer's size, jump and start.
    count, length
        Units of the map and pixels of the image along this axis.
    offset
        The shift of the image in pixels, positive for down or right.

    Returns
    -------
    The indices p, and p - k. A pair counts only if both receptive fields lie within the image, and
    that of p outside the background that the shift brings in. Both arrays may be empty.
    """
    units = offset / place.jump
    nearest = int(copysign(floor(abs(units) + 0.5), units))
    target = np.arange(count)
    source = target - nearest
    first = place.start + place.jump * target
    origin = first - place.jump * nearest
    good = (source >= 0) & (source < count)
    good &= (first >= max(offset, 0)) & (first + place.size <= length + min(offset, 0))
    good &= (origin >= 0) & (origin + place.size <= length)
    return target[good], source[good]
