"""Distortions against a loop over single pixels."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet.data.distort import Distortion


class Chosen:
    """A generator that gives what a test has chosen.

    What is asked for is told apart by its limits, which a test makes all different; of the two
    shifts the vertical one is drawn first.
    """

    def __init__(self, answers: dict[float, list[list[float]]]) -> None:
        self.answers = answers
        self.limits: list[float] = []

    def uniform(self, low: float, high: float, count: int) -> NDArray[np.float64]:
        assert low == -high
        self.limits.append(float(high))
        given = next(key for key in self.answers if math.isclose(key, high, rel_tol=1e-6))
        values = self.answers[given].pop(0)
        assert len(values) == count
        assert all(-high <= value <= high for value in values)
        return np.array(values)


MOST = Distortion(shift=3.0, scale=0.2, squeeze=0.1, shear=0.5)


def distort(
    images: NDArray[np.uint8], down: float, right: float, scale: float, squeeze: float,
    shear: float,
) -> NDArray[np.uint8]:  # fmt: skip
    """Distort all images alike by `MOST`, with these draws: shifts and shear, and two factors."""
    n = len(images)
    answers = {
        math.log1p(0.2): [[math.log(scale)] * n],
        math.log1p(0.1): [[math.log(squeeze)] * n],
        0.5: [[shear] * n],
        3.0: [[down] * n, [right] * n],
    }
    random: Any = Chosen(answers)
    result = MOST(images, random)
    assert not any(answers.values())
    return result


def slowly(
    image: NDArray[np.uint8], down: float, right: float, scale: float, squeeze: float,
    shear: float,
) -> NDArray[np.float64]:  # fmt: skip
    """Look up each pixel where the affine map takes it from, weighing its four neighbours."""
    height, width = image.shape
    result = np.zeros(image.shape)
    for row in range(height):
        for column in range(width):
            y, x = row - (height - 1) / 2, column - (width - 1) / 2
            source_y = scale / squeeze * y + (height - 1) / 2 + down
            source_x = shear * y + scale * squeeze * x + (width - 1) / 2 + right
            for r in (math.floor(source_y), math.floor(source_y) + 1):
                for c in (math.floor(source_x), math.floor(source_x) + 1):
                    if 0 <= r < height and 0 <= c < width:
                        weight = (1 - abs(source_y - r)) * (1 - abs(source_x - c))
                        result[row, column] += weight * float(image[r, c])
    return result


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


@given(
    st.integers(1, 9), st.integers(1, 9), st.floats(-3, 3), st.floats(-3, 3),
    st.floats(1 / 1.19, 1.19), st.floats(1 / 1.09, 1.09), st.floats(-0.5, 0.5),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_each_pixel_is_looked_up_where_the_affine_map_takes_it(
    height: int, width: int, down: float, right: float, scale: float, squeeze: float, shear: float
) -> None:
    image = picture(height, width)
    found = distort(image[None], down, right, scale, squeeze, shear)
    assert found.dtype == np.uint8
    expected = slowly(image, down, right, scale, squeeze, shear)
    # float32 coordinates, and a half may be rounded either way.
    assert np.abs(found[0] - expected).max() <= 0.5 + 0.01


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, 1), (-2, 3), (3, -3), (0, 0)])
def test_a_whole_shift_moves_pixels_and_leaves_background(down: int, right: int) -> None:
    image = picture(6, 7)
    found = distort(image[None], down, right, 1, 1, 0)[0]
    expected = np.zeros_like(image)
    for row in range(6):
        for column in range(7):
            if 0 <= row + down < 6 and 0 <= column + right < 7:
                expected[row, column] = image[row + down, column + right]
    assert np.array_equal(found, expected)


def test_nothing_to_draw_changes_nothing() -> None:
    images = np.stack([picture(28, 28, seed) for seed in range(3)])
    still = Distortion(0, 0, 0, 0)(images, np.random.default_rng(0))
    assert np.array_equal(still, images)
    assert Distortion(1, 0.1, 0.1, 0.1)(images[:0], np.random.default_rng(0)).shape == (0, 28, 28)


def test_many_images_are_each_distorted_on_their_own() -> None:
    # More than are worked on at once: each with its own draws, the last as the first.
    count = 600
    images = np.stack([picture(5, 6, seed) for seed in range(count)])
    draws = np.random.default_rng(1).uniform(-1, 1, (5, count)) * 0.99
    scale, squeeze = math.log1p(0.2) * draws[0], math.log1p(0.1) * draws[1]
    shear, down, right = 0.5 * draws[2], 3 * draws[3], 3 * draws[4]
    random: Any = Chosen({
        math.log1p(0.2): [scale.tolist()], math.log1p(0.1): [squeeze.tolist()],
        0.5: [shear.tolist()], 3.0: [down.tolist(), right.tolist()],
    })  # fmt: skip
    before = images.copy()
    found = MOST(images, random)
    assert np.array_equal(images, before)
    for n in (0, 1, 254, 255, 256, 257, 511, 512, 599):
        expected = slowly(
            images[n], down[n], right[n], math.exp(scale[n]), math.exp(squeeze[n]), shear[n]
        )
        assert np.abs(found[n] - expected).max() <= 0.5 + 0.01


def test_the_generator_decides() -> None:
    images = np.stack([picture(10, 10, seed) for seed in range(20)])
    one, same, other = (MOST(images, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
