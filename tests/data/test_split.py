from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.data import Dataset, Split
from lenet.data.split import split_off
from lenet.errors import LenetError

Shape = tuple[int, ...]


def split(
    labels: list[int], classes: int = 2, side: int = 3, channels: Shape = (), names: str = "abcdef"
) -> Split:
    images = np.arange(len(labels) * side * side * (channels or (1,))[0], dtype=np.uint8)
    return Split(
        images.reshape(len(labels), side, side, *channels),
        np.array(labels, np.int64),
        tuple(names[:classes]),
    )


def test_a_split_knows_its_length_and_channels() -> None:
    assert (len(split([0, 1, 1])), split([0, 1]).channels) == (3, 1)
    assert split([0, 1], channels=(3,)).channels == 3


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        ((0, 28, 28), [], "no images"),
        ((28, 28), [0] * 28, "no images"),
        ((2, 4, 4, 1, 1), [0, 1], "no images"),
        ((2, 4, 4), [0], "2 images, but labels of shape"),
        ((2, 4, 4), [[0], [1]], "2 images, but labels of shape"),
        ((2, 4, 4), [0.0, 1.0], "whole numbers, indices into the classes, not float64"),
        ((2, 4, 4), [0, 2], "labels run from 0 to 2, but there are 2 classes"),
        ((2, 4, 4), [-1, 0], "labels run from -1 to 0"),
    ],
)
def test_what_does_not_fit_is_refused(images: Shape, labels: list[Any], message: str) -> None:
    with pytest.raises(LenetError, match=message):
        Split(np.zeros(images, np.uint8), np.array(labels), ("a", "b"))


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (split([0, 1]), split([0, 1], classes=3), "different classes"),
        (split([0, 1]), split([0, 1], names="ba"), "different classes"),
        (split([0, 1]), split([0, 1], side=4), "differ in size or colour"),
        (split([0, 1]), split([0, 1], channels=(3,)), "differ in size or colour"),
        (split([1, 1]), split([0, 1]), "only one class"),
    ],
)
def test_splits_that_do_not_go_together_are_refused(
    train: Split, test: Split, message: str
) -> None:
    with pytest.raises(LenetError, match=f"somewhere: .*{message}"):
        Dataset("name", "somewhere", train, test)


def test_the_hash_changes_with_every_part_of_the_data_and_nothing_else() -> None:
    base, other = split([0, 1]), split([1, 0])

    def dataset(train: Split = base, test: Split = other) -> str:
        return Dataset("a", "b", train, test).sha256()

    strided = Split(np.repeat(base.images, 2, axis=2)[:, :, ::2], base.labels, base.classes)
    brighter = Split(base.images + np.uint8(1), base.labels, base.classes)
    renamed = Dataset("c", "d", base, other).sha256()
    assert dataset() == dataset(strided) == renamed
    others = [
        dataset(),
        dataset(brighter),
        dataset(other),
        dataset(test=base),
        dataset(split([0, 1], names="xy"), split([1, 0], names="xy")),
        dataset(split([0, 1], classes=3), split([1, 0], classes=3)),
    ]
    assert len(set(others)) == len(others)


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 5),
)
def test_splitting_off_keeps_every_image_once_and_every_class_in_both(
    labels: list[int], fraction: float, seed: int
) -> None:
    array = np.array(labels, np.int64)
    first, second = split_off(array, fraction, seed)
    assert sorted([*first, *second]) == list(range(len(labels)))
    assert (np.diff(first) > 0).all()
    assert (np.diff(second) > 0).all()
    for label in set(labels):
        count, taken = labels.count(label), int((array[second] == label).sum())
        assert taken < count
        assert abs(taken - fraction * count) <= 1
        assert taken >= 1 or count == 1
    again = split_off(array, fraction, seed)
    assert np.array_equal(first, again[0])
    assert np.array_equal(second, again[1])


def test_another_seed_splits_otherwise() -> None:
    labels = np.arange(100, dtype=np.int64) % 2
    assert not np.array_equal(split_off(labels, 0.2, 0)[1], split_off(labels, 0.2, 1)[1])
