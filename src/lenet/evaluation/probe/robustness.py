"""Measures the accuracy on images that are shifted, rotated, scaled, noisy or occluded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.evaluation.probe.transforms import Images, add_noise, occlude, rotate, scale, shift

Variants = Callable[[Images, float, np.random.Generator], Iterator[Images]]


@dataclass(frozen=True)
class Change:
    """A change of images, in several strengths.

    Parameters
    ----------
    name, unit
        The label of the axis, and its unit.
    levels
        The strengths, ascending.
    neutral
        The level that does not change an image.
    variants
        Yields the images changed at a level, once for each direction (for instance left and
        right); the accuracy of a level is the mean over the directions.
    """

    name: str
    unit: str
    levels: tuple[float, ...]
    neutral: float
    variants: Variants


@dataclass(frozen=True)
class Robustness:
    """The accuracy of each classifier, by its name, at each level of a `Change`."""

    name: str
    unit: str
    levels: tuple[float, ...]
    accuracy: Mapping[str, tuple[float, ...]]


def _shifted(images: Images, level: float, random: np.random.Generator) -> Iterator[Images]:
    pixels = int(level)
    for down, right in ((pixels, 0), (-pixels, 0), (0, pixels), (0, -pixels)):
        yield shift(images, down, right)


def _rotated(images: Images, level: float, random: np.random.Generator) -> Iterator[Images]:
    yield from (rotate(images, level), rotate(images, -level))


def _scaled(images: Images, level: float, random: np.random.Generator) -> Iterator[Images]:
    yield scale(images, level)


def _noisy(images: Images, level: float, random: np.random.Generator) -> Iterator[Images]:
    yield add_noise(images, level, random)


def _occluded(images: Images, level: float, random: np.random.Generator) -> Iterator[Images]:
    yield occlude(images, int(level), random)


CHANGES = (
    Change("shift", "pixels", (0, 1, 2, 3, 4, 5, 6), 0, _shifted),
    Change("rotation", "degrees", (0, 7.5, 15, 22.5, 30, 37.5, 45), 0, _rotated),
    Change("scale", "factor", (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4), 1, _scaled),
    Change("noise", "sd, full range = 1", (0, 0.1, 0.2, 0.3, 0.4, 0.5), 0, _noisy),
    Change("occlusion", "pixels a side", (0, 2, 4, 6, 8, 10, 12, 14), 0, _occluded),
)
"""Shifts in four directions, rotations in two; noise and occlusion are random for each image."""


def robustness(
    classifiers: Mapping[str, Artifact],
    split: Split,
    seed: int = 0,
    callbacks: DataCallbacks = SILENT,
    changes: Sequence[Change] = CHANGES,
) -> list[Robustness]:
    """Measure the accuracy of all classifiers on the same images, changed in each way.

    Parameters
    ----------
    classifiers
        By name; they must know the classes of `split`.
    split
        uint8 images and their labels.
    seed
        Seed of the noise and of the places of occlusion.

    Raises
    ------
    LenetError
        The images do not fit a classifier.
    """

    def accuracies(images: Images) -> list[float]:
        answers = [artifact.forward(images).argmax(axis=1) for artifact in classifiers.values()]
        return [int(np.count_nonzero(one == split.labels)) / len(split) for one in answers]

    total = sum(len(change.levels) for change in changes)
    unchanged = accuracies(split.images)
    results: list[Robustness] = []
    done = 0
    for change in changes:
        rows: list[list[float]] = []
        for number, level in enumerate(change.levels):
            random = np.random.default_rng((seed, number))
            if level == change.neutral:
                rows.append(unchanged)
            else:
                ways = [accuracies(way) for way in change.variants(split.images, level, random)]
                rows.append(np.mean(ways, axis=0).tolist())
            done += 1
            callbacks.on_progress("robustness", done, total, "levels")
        accuracy = dict(zip(classifiers, zip(*rows, strict=True), strict=True))
        results.append(Robustness(change.name, change.unit, change.levels, accuracy))
    return results
