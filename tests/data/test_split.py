from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet.data import Dataset, Split
from lenet.data.split import as_uint8, index_labels, split_off
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
        ((2, 4, 4), [0, 2], "labels run from 0 to 2, but there are 2 classes"),
        ((2, 4, 4), [-1, 0], "labels run from -1 to 0"),
    ],
)
def test_what_does_not_fit_is_refused(images: Shape, labels: list[Any], message: str) -> None:
    with pytest.raises(LenetError, match=message):
        Split(np.zeros(images, np.uint8), np.array(labels, np.int64), ("a", "b"))


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


@pytest.mark.parametrize(
    ("train", "test", "classes", "indices", "others"),
    [
        ([3, 7, 3], [7], ("3", "7"), [0, 1, 0], [1]),
        ([[3], [7]], [[3]], ("3", "7"), [0, 1], [0]),
        ([1.0, 2.0], [2], ("1", "2"), [0, 1], [1]),
        ([-1, 1], None, ("-1", "1"), [0, 1], None),
        (np.array([5, 250], np.uint8), np.array([250], np.int16), ("5", "250"), [0, 1], [1]),
    ],
)
def test_labels_become_indices(
    train: Any, test: Any, classes: tuple[str, ...], indices: list[int], others: list[int] | None
) -> None:
    first, second, names = index_labels(
        np.array(train), None if test is None else np.array(test), "x"
    )
    assert names == classes
    assert first.dtype == np.int64
    assert first.tolist() == indices
    assert (None if second is None else second.tolist()) == others


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([0.5, 1], None, "whole numbers"),
        ([0, np.nan], None, "whole numbers"),
        ([0, np.inf], None, "whole numbers"),
        ([0, 1], [0, np.inf], "whole numbers"),
        (["cat", "dog"], None, "whole numbers"),
        ([True, False], None, "whole numbers"),
        ([1j, 0], None, "whole numbers"),
        ([[0, 1], [1, 0]], None, "one number an image"),
        (3, None, "one number an image"),
        ([0, 1], [2], "test label 2 does not occur"),
        ([0, 1], [0.5], "whole numbers"),
    ],
)
def test_other_labels_are_refused(train: Any, test: Any, message: str) -> None:
    with pytest.raises(LenetError, match=f"file.npz: .*{message}"):
        index_labels(np.array(train), None if test is None else np.array(test), "file.npz")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 255], np.uint8), [0, 255]),
        (np.array([0, 1, 255], np.int64), [0, 1, 255]),
        (np.array([0, 1], np.int32), [0, 1]),
        (np.array([0.0, 0.5, 1.0]), [0, 128, 255]),
        (np.array([0.0, 1.0], np.float16), [0, 255]),
        (np.array([0.0, 127.4, 255.0], ">f4"), [0, 127, 255]),
        (np.array([0.0, 1.2, 2.0]), [0, 1, 2]),
        (np.array([False, True]), [0, 255]),
        (np.array([], np.float64), []),
    ],
)
def test_pixels_become_uint8(values: NDArray[Any], expected: list[int]) -> None:
    pixels = as_uint8(values, "x")
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([-1, 5], "from -1 to 5"),
        ([0, 256], "from 0 to 256"),
        ([-0.5, 0.5], "from -0.5 to 0.5"),
        ([0.0, np.nan], "nan"),
        ([0.0, np.inf], "inf"),
        (["a"], "must hold numbers"),
        ([1j], "must hold numbers"),
    ],
)
def test_other_pixels_are_refused(values: list[Any], message: str) -> None:
    with pytest.raises(LenetError, match=f"file.npz: .*{message}"):
        as_uint8(np.array(values), "file.npz")


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
