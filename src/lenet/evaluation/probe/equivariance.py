"""Whether feature maps move with the image, layer by layer.

A layer f is *equivariant* if shifting the image shifts its maps, ``f(T x) = T' f(x)``, and
*invariant* if nothing happens to them, ``f(T x) = f(x)``. A convolution is equivariant away from
the border; pooling or a stride by s keeps that only for shifts by multiples of s.
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
"""Pixels, as many as two units of the chapter's last map are apart."""


@dataclass(frozen=True)
class LayerEquivariance:
    """How far a layer is from moving with the image, and from not moving at all.

    For a shift of the image by d pixels, with s the layer's jump, the map is moved by the nearest
    whole number of units k to d / s (halves away from zero). Over all images x, maps c, four
    directions, and places p whose receptive field lies within the image and within what is left
    of it after the shift, where p - k does so too::

        equivariance(d)² = Σ (f(T_d x)[c, p] - f(x)[c, p - k])² / Σ (f(x)[c, p - k] - mean[c])²
        invariance(d)²   = Σ (f(T_d x)[c, p] - f(x)[c, p])²     / the same

    with ``mean[c]`` the mean of f(x)[c, p - k] over a direction's images and places. So 0 is a map
    that moves (or stays) exactly, 1 is as wrong as a constant map, and √2 as wrong as that of
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
        One figure a shift; None where no place is left, or where the layer never varies.
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
    spread: float = 0.0

    def ratio(self, difference: float) -> float | None:
        return sqrt(difference / self.spread) if self.spread > 0 else None


def equivariance(
    artifact: Artifact, images: Images, shifts: tuple[int, ...] = SHIFTS
) -> list[LayerEquivariance]:
    """Measure every layer that computes something; see `LayerEquivariance`.

    Parameters
    ----------
    images
        uint8 ``[N, height, width]`` or ``[N, height, width, channels]``.
    shifts
        Of the image, in pixels, each up, down, left and right.
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
                name, shape = stage.layer.name, stage.output_shape
                pair = (before[name].astype(np.float64), after[name].astype(np.float64))
                if _has_places(shape):
                    _add_maps(sums[name, d], *pair, places[name], side, (down, right))
                else:
                    _add(sums[name, d], pair[0], pair[1], pair[0])
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


def _add_maps(
    sums: _Sums,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    place: Geometry,
    side: tuple[int, ...],
    moved: tuple[int, int],
) -> None:
    """Compare maps ``[N, C, height, width]`` at the places that see the image and no border."""
    targets: list[NDArray[np.int64]] = []
    sources: list[NDArray[np.int64]] = []
    for count, length, offset in zip(before.shape[2:], side, moved, strict=True):
        target, source = corresponding(place, count, length, offset)
        targets.append(target)
        sources.append(source)
    here, there = np.ix_(*targets), np.ix_(*sources)
    held = before[:, :, *here]
    came_from = before[:, :, *there]
    if held.size:
        _add(sums, held, after[:, :, *here], came_from)


def corresponding(
    place: Geometry, count: int, length: int, offset: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair the units of a shifted image's map with those of the image, along one axis.

    Parameters
    ----------
    place
        The layer's size, jump and start.
    count, length
        Units of the map and pixels of the image along this axis.
    offset
        By how many pixels the image was shifted, forward if positive.

    Returns
    -------
    Numbers p of units and k less, p - k, with both fields within the image, and p's also within
    the part that the shifted image took over from it. Both may be empty.
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


def _add(
    sums: _Sums,
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    came_from: NDArray[np.float64],
) -> None:
    axes = (0, *range(2, before.ndim))  # images and places, not maps or units
    sums.moved += float(np.square(after - came_from).sum())
    sums.stayed += float(np.square(after - before).sum())
    # Counted from any value of the map, so that a constant one has no spread by rounding.
    spread = came_from - came_from.max(axis=axes, keepdims=True)
    sums.spread += float(np.square(spread - spread.mean(axis=axes, keepdims=True)).sum())
