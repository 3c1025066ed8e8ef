import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet.pictures.extend_background import with_margin

Pixels = NDArray[np.uint8]


def stroked(paper: Pixels, ink: int = 30) -> Pixels:
    """Draw a stroke from the upper border to the lower one."""
    page = paper.copy()
    page[:, 8:12] = ink
    return page


def test_even_paper_goes_on() -> None:
    page = stroked(np.full((30, 20), 200, np.uint8))
    wide = with_margin(page)
    assert wide is not None
    assert wide.shape == (60, 50)
    assert np.array_equal(wide[15:-15, 15:-15], page)
    wide[15:-15, 15:-15] = 200
    assert (wide == 200).all()


@pytest.mark.parametrize(("down", "across"), [(3, 0), (0, -4), (2, 1)])
def test_light_that_falls_off_goes_on_at_the_border(down: int, across: int) -> None:
    rows, columns = np.indices((30, 20))
    light = (120 + down * rows + across * columns).astype(np.uint8)
    wide = with_margin(stroked(light, ink=0))
    assert wide is not None
    beyond = np.pad(light, 15, mode="edge").astype(int)
    outside = np.ones(wide.shape, bool)
    outside[15:-15, 15:-15] = False
    assert np.abs(wide - beyond)[outside].max() <= 3


def test_light_ink_on_dark_paper() -> None:
    wide = with_margin(255 - stroked(np.full((20, 20), 200, np.uint8)))
    assert wide is not None
    assert (wide[:10] == 55).all()


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(np.full((20, 30), 9, np.uint8), id="blank"),
        pytest.param(np.full((1, 1), 200, np.uint8), id="one pixel"),
        pytest.param(
            np.pad(np.full((8, 8), 20, np.uint8), 6, constant_values=220), id="ink in the middle"
        ),
        pytest.param(
            np.random.default_rng(0).integers(200, 212, (40, 40)).astype(np.uint8), id="grain"
        ),
    ],
)
def test_without_ink_at_the_border_there_is_nothing_to_do(page: Pixels) -> None:
    assert with_margin(page) is None


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    levels=st.integers(1, 255),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_picture_stays_in_the_middle(height: int, width: int, levels: int, seed: int) -> None:
    page = np.random.default_rng(seed).integers(0, levels + 1, (height, width)).astype(np.uint8)
    wide = with_margin(page)
    if wide is None:
        return
    margin = (wide.shape[0] - height) // 2
    assert wide.shape == (height + 2 * margin, width + 2 * margin)
    assert margin >= max(2, max(height, width) // 2)
    assert np.array_equal(wide[margin:-margin, margin:-margin], page)
