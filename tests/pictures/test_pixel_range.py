from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet.errors import LenetError
from lenet.pictures.pixel_range import PixelRange, to_levels

Array = NDArray[Any]
F32 = np.float32


def levels(*parts: Any, pixels: PixelRange = "auto") -> list[list[int]]:
    found = to_levels([np.asarray(part) for part in parts], "x.npz", pixels)
    assert all(part.dtype == np.uint8 for part in found)
    return [part.tolist() for part in found]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 0.5, 1]), [0, 128, 255]),
        (np.array([0, 0.5, 1.0000002], F32), [0, 128, 255]),
        (np.array([0, 1.01]), [0, 255]),
        (np.array([-0.01, 1]), [0, 255]),
        (np.array([-1e-7, 0.2], F32), [0, 51]),
        (np.array([0, 1], np.float16), [0, 255]),
        (np.array([0.0, 0.0]), [0, 0]),
        (np.array([0, 1.2, 2.01]), [0, 1, 2]),
        (np.array([0, 127.4, 255], ">f4"), [0, 127, 255]),
        (np.array([-0.4, 255.4]), [0, 255]),
        (np.array([0, 1], np.int32), [0, 255]),
        (np.array([0, 1], np.uint8), [0, 255]),
        (np.array([0, 0], np.uint8), [0, 0]),
        (np.array([False, True]), [0, 255]),
        (np.array([0, 1, 3], np.int64), [0, 1, 3]),
        (np.array([0, 1, 2], np.uint8), [0, 1, 2]),  # the type says 0 to 255
        (np.array([0, 255], np.uint8), [0, 255]),
        (np.array([0, 1], np.uint16), [0, 255]),
        (np.array([0, 255], np.uint16), [0, 255]),
        (np.array([0, 1023], ">u2"), [0, 255]),  # 10 bits, as in a file
        (np.array([0, 65535], np.uint16), [0, 255]),
        (np.array([], np.float64), []),
    ],
)
def test_the_values_decide(values: Array, expected: list[int]) -> None:
    assert levels(values) == [expected]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # A dark part follows the others.
        (([0.0, 1.0], [0.0, 200.0]), [[0, 1], [0, 200]]),
        (([0.0, 1.0000002], [0.0, 1.0]), [[0, 255], [0, 255]]),
        (([0.0, 1.5], [0.0, 200.0]), [[0, 2], [0, 200]]),
        (([0, 1], [0, 200]), [[0, 1], [0, 200]]),
        # Fractions next to whole numbers: each kind for itself.
        (([0.0, 1.0], [0, 200]), [[0, 255], [0, 200]]),
        (([0.0][:0], [0.0, 1.0]), [[], [0, 255]]),
        ((np.array([0, 255], np.uint16), np.array([0, 1023], np.uint16)), [[0, 64], [0, 255]]),
        ((np.array([0, 1023], np.uint16), [0.0, 1.0]), [[0, 255], [0, 255]]),
    ],
)
def test_all_parts_are_decided_together(parts: tuple[Any, ...], expected: list[list[int]]) -> None:
    assert levels(*parts) == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, 1.02], "run from 0 to 1.02, which may be .* --pixels 0-1 or --pixels 0-255"),
        ([0.0, 2.0], "--pixels 0-1"),
        ([0, 1, 2], "--pixels 0-1"),
        ([-1.0, 1.0], "from -1 to 1; they must lie"),
        ([-0.5, 0.5], "from -0.5 to 0.5"),
        ([-1, 5], "from -1 to 5"),
        ([0, 256], "from 0 to 256"),
        ([0.0, np.nan], "nan"),
        ([0.0, np.inf], "inf"),
        (["a"], "must hold numbers"),
        ([1j], "must hold numbers"),
    ],
)
def test_what_has_no_range_is_refused(values: list[Any], message: str) -> None:
    with pytest.raises(LenetError, match=f"x.npz: .*{message}"):
        levels(values)


@pytest.mark.parametrize(
    ("values", "pixels", "expected"),
    [
        ([0, 1.1, -0.1], "0-1", [0, 255, 0]),  # what bicubic interpolation leaves is clipped
        ([0, 1.5], "0-255", [0, 2]),
        ([0.0, 1.0], "0-255", [0, 1]),
        ([0, 1], "0-255", [0, 1]),
        ([-20.0, 280.0], "0-255", [0, 255]),
        (np.array([0, 1], np.uint8), "0-255", [0, 1]),
        (np.array([0, 1], np.uint8), "0-1", [0, 255]),
        (np.array([0, 9], np.uint16), "0-255", [0, 9]),
    ],
)
def test_a_range_that_is_said(values: Any, pixels: PixelRange, expected: list[int]) -> None:
    assert levels(values, pixels=pixels) == [expected]


@pytest.mark.parametrize(
    ("values", "pixels", "message"),
    [
        ([0, 200], "0-1", "which is not 0-1"),
        ([0.0, np.nan], "0-255", "which is not 0-255"),
        ([0.0, 60000.0], "0-255", "which is not 0-255"),
        ([0], "0-65535", "'0-65535' is no range"),
    ],
)
def test_a_wrong_range_that_is_said(values: Any, pixels: Any, message: str) -> None:
    with pytest.raises(LenetError, match=message):
        levels(values, pixels=pixels)


@given(st.lists(st.integers(0, 255), min_size=1), st.sampled_from([np.float16, F32, np.float64]))
def test_fractions_are_the_bytes_they_were_made_of(values: list[int], kind: type) -> None:
    assert levels(np.array(values) / np.array(255, kind)) == [values]
