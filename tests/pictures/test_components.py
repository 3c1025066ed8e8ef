from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lenet.pictures.components import components

ndimage: Any = import_module("scipy.ndimage")  # which has no types


@given(mask=arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=14)))
def test_components_are_those_of_scipy(mask: np.ndarray) -> None:
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    found = components(mask)
    assert len(found) == count
    boxes = [(a.start, b.start, a.stop, b.stop) for a, b in ndimage.find_objects(labels)]
    assert sorted(boxes) == sorted(tuple[int, ...](box) for box in found.boxes.tolist())
    plane = np.arange(mask.size).reshape(mask.shape)
    for number in range(len(found)):
        own = found.mask(np.arange(len(found), dtype=np.int64) == number)
        label = labels[own][0]
        assert np.array_equal(own, labels == label)
        assert found.areas[number] == own.sum()
        assert found.sums(plane)[number] == plane[own].sum()


@given(shape=st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_an_empty_mask_has_none(shape: tuple[int, int]) -> None:
    found = components(np.zeros(shape, np.bool_))
    assert len(found) == 0
    assert not found.mask(np.zeros(0, np.bool_)).any()


@pytest.mark.parametrize(
    ("rows", "count"),
    [(["X.", ".X"], 1), (["X.X"], 2), (["X.X", "X.X", "XXX"], 1), (["X..", "...", "..X"], 2)],
)
def test_corners_join(rows: list[str], count: int) -> None:
    assert len(components(np.array([[c == "X" for c in row] for row in rows]))) == count
