"""What an epoch shows: the same again for the same number, in arrays that stay where they are."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lenet.data import Dataset, Split
from lenet.synthesis.distort import Distortion
from lenet.training.examples import Examples

DISTORTION = Distortion(shift=2, scale=0.1, squeeze=0.1, shear=0.1, rotation=10)


def shown(examples: Examples, epoch: int) -> NDArray[np.uint8]:
    examples.begin(epoch)
    return examples.images.copy()


def test_without_a_distortion_the_images_are_the_splits_own(tiny: Dataset) -> None:
    examples = Examples(tiny.train)
    assert not examples.distorted
    for epoch in (0, 1):
        assert np.array_equal(shown(examples, epoch), tiny.train.images)
    assert np.shares_memory(examples.images, tiny.train.images)
    assert np.array_equal(examples.labels, tiny.train.labels)


def test_a_distortion_shows_the_same_epoch_alike_and_others_otherwise(tiny: Dataset) -> None:
    before = tiny.train.images.copy()
    examples, other = Examples(tiny.train, DISTORTION, 3), Examples(tiny.train, DISTORTION, 3)
    assert examples.distorted
    first, second = shown(examples, 0), shown(examples, 1)
    assert not (first == second).all(axis=(1, 2)).any()
    # Whatever was shown before it.
    assert np.array_equal(shown(other, 1), second)
    assert np.array_equal(shown(examples, 0), first)
    assert not np.array_equal(shown(Examples(tiny.train, DISTORTION, 4), 0), first)
    # Always of the originals, which nobody touches.
    assert np.array_equal(tiny.train.images, before)
    assert np.array_equal(examples.labels, tiny.train.labels)


def test_the_arrays_keep_their_place(tiny: Dataset) -> None:
    targets = np.full((120, 4), 0.25, np.float32)
    examples = Examples(tiny.train, DISTORTION, targets=targets)
    images, labels = examples.images, examples.labels
    examples.begin(5)
    assert examples.images is images
    assert examples.labels is labels
    assert examples.targets is targets
    assert examples.images.flags.c_contiguous


@pytest.mark.parametrize("distortion", [None, DISTORTION])
def test_negatives_come_behind_the_others_as_none_of_the_classes(
    tiny: Dataset, distortion: Distortion | None
) -> None:
    negatives = np.random.default_rng(1).integers(0, 256, (30, 28, 28), dtype=np.uint8)
    examples = Examples(tiny.train, distortion, extra=(negatives, np.full(30, 4)))
    images = shown(examples, 0)
    assert examples.labels.dtype == np.int64
    assert examples.labels.tolist() == [*tiny.train.labels.tolist(), *[4] * 30]
    together = np.concatenate([tiny.train.images, negatives])
    if distortion is None:
        assert np.array_equal(images, together)
    else:
        # They are distorted as the others are.
        expected = distortion(together, np.random.default_rng([0, 0, 2]))
        assert np.array_equal(images, expected)
        assert not (images == together).all(axis=(1, 2)).any()
    assert len(tiny.train.labels) == 120


@pytest.mark.parametrize("distortion", [None, DISTORTION])
def test_images_that_are_a_view_are_shown_right(distortion: Distortion | None) -> None:
    every: Any = np.random.default_rng(2).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    labels = np.arange(10) % 2
    view, copy = (
        Examples(Split(images, labels, ("a", "b")), distortion)
        for images in (every[::2], every[::2].copy())
    )
    assert view.images.flags.c_contiguous
    assert np.array_equal(shown(view, 1), shown(copy, 1))
