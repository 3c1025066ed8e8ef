from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from lenet.pictures.ink import closed, dilated, ink_of, otsu_threshold
from lenet.pictures.ruled_lines import without_lines

ndimage: Any = import_module("scipy.ndimage")  # which has no types

planes = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.integers(0, 255).map(float),
)


@given(plane=planes, width=st.integers(1, 9))
def test_dilation_is_scipys(plane: np.ndarray, width: int) -> None:
    expected = ndimage.maximum_filter(plane, width, mode="constant", cval=-np.inf)
    assert np.array_equal(dilated(plane, width), expected)


@given(plane=planes, half=st.integers(0, 4))
def test_closing_is_scipys_on_the_mirrored_picture(plane: np.ndarray, half: int) -> None:
    width = 2 * half + 1
    wide = np.pad(plane, width, mode="symmetric")
    expected = ndimage.grey_closing(wide, (width, width))[width:-width, width:-width]
    assert np.array_equal(closed(plane, width), expected)


def test_a_shadow_is_no_ink_and_a_stroke_in_it_is() -> None:
    page = np.full((192, 192), 240, np.uint8)
    page[:, 96:] = 120  # half of it in shadow
    page[40:150, 140:150] = 30
    share, contrast = ink_of(Image.fromarray(page), 0.2)
    assert share[100, 145] == pytest.approx(0.75, abs=0.02)
    assert contrast[100, 145] == pytest.approx(90, abs=2)
    assert np.abs(np.delete(share[:, :130], np.s_[92:100], axis=1)).max() < 0.02


@pytest.mark.parametrize(("paper", "ink"), [(0.05, 0.8), (0.0, 0.3), (0.3, 0.5)])
def test_otsu_parts_two_values(paper: float, ink: float) -> None:
    plane = np.full((20, 20), paper, np.float32)
    plane[5:9] = ink
    assert paper < otsu_threshold(plane) <= ink


def test_otsu_of_nothing_is_a_number() -> None:
    assert 0 <= otsu_threshold(np.zeros(0, np.float32)) <= 1


@pytest.mark.parametrize("slant", [0.0, 0.04, -0.08])
@pytest.mark.parametrize("turned", [False, True])
def test_lines_go_and_strokes_across_them_stay(slant: float, turned: bool) -> None:
    stroke = np.zeros((150, 190), np.bool_)
    stroke[20:130, 90:100] = True
    down, across = np.indices((150, 190))
    level = down - np.asarray(np.round(slant * (across - 95)), np.int64)
    ruled = stroke | (level % 45 < 2)
    left = without_lines(ruled.T if turned else ruled)
    left = left.T if turned else left
    assert (left & ~stroke).sum() < 0.1 * (ruled & ~stroke).sum()
    assert (left & stroke).sum() > 0.98 * stroke.sum()


def test_a_bar_across_a_digit_is_no_line() -> None:
    four = np.zeros((100, 100), np.bool_)
    four[50:60] = True
    four[:, 60:70] = True
    assert np.array_equal(without_lines(four), four)
