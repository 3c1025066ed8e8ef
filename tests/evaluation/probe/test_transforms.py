import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet.evaluation.probe.transforms import Images, add_noise, occlude, rotate, scale, shift

SHAPES = [(3, 28, 28), (2, 16, 16), (2, 32, 32, 3), (1, 5, 5)]


def images(shape: tuple[int, ...] = (3, 28, 28), seed: int = 0) -> Images:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def by_torch(pictures: Images, theta: list[list[float]]) -> np.ndarray:
    """PyTorch's sampler, bilinear with zeros outside, for square images."""
    maps = torch.from_numpy(pictures.reshape(*pictures.shape[:3], -1)).permute(0, 3, 1, 2).double()
    matrix = torch.tensor([[*row, 0.0] for row in theta], dtype=torch.float64)
    grid = torch.nn.functional.affine_grid(
        matrix.expand(len(maps), 2, 3), list(maps.shape), align_corners=True
    )
    sampled = torch.nn.functional.grid_sample(maps, grid, align_corners=True)
    return sampled.permute(0, 2, 3, 1).reshape(pictures.shape).numpy()


@pytest.mark.parametrize(
    ("down", "right", "expected"),
    [
        (0, 0, [[1, 2, 3], [4, 5, 6]]),
        (1, 0, [[0, 0, 0], [1, 2, 3]]),
        (-1, 0, [[4, 5, 6], [0, 0, 0]]),
        (0, 1, [[0, 1, 2], [0, 4, 5]]),
        (0, -2, [[3, 0, 0], [6, 0, 0]]),
        (-1, 2, [[0, 0, 4], [0, 0, 0]]),
        (2, 0, [[0, 0, 0], [0, 0, 0]]),
        (0, -3, [[0, 0, 0], [0, 0, 0]]),
        (9, 9, [[0, 0, 0], [0, 0, 0]]),
    ],
)
def test_shift_by_hand(down: int, right: int, expected: list[list[int]]) -> None:
    image = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    assert shift(image, down, right)[0].tolist() == expected
    colour = np.stack([image, 2 * image], axis=3)
    assert shift(colour, down, right)[0, :, :, 1].tolist() == (2 * np.array(expected)).tolist()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("degrees", [0, 7.5, -30, 45, 90, 173])
def test_rotate_is_pytorchs_sampling(shape: tuple[int, ...], degrees: float) -> None:
    original = images(shape)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    expected = by_torch(original, [[c, -s], [s, c]])  # of (x, y), y downwards
    assert np.abs(rotate(original, degrees) - expected).max() <= 0.51


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("factor", [0.6, 0.9, 1, 1.4, 3])
def test_scale_is_pytorchs_sampling(shape: tuple[int, ...], factor: float) -> None:
    original = images(shape)
    expected = by_torch(original, [[1 / factor, 0], [0, 1 / factor]])
    assert np.abs(scale(original, factor) - expected).max() <= 0.51


@pytest.mark.parametrize("shape", [(3, 28, 28), (1, 5, 5), (2, 8, 8, 3)])
@pytest.mark.parametrize("quarters", [-1, 0, 1, 2, 4])
def test_quarter_turns_are_exact_and_counterclockwise(
    shape: tuple[int, ...], quarters: int
) -> None:
    original = images(shape)
    turned = np.rot90(original, quarters, axes=(1, 2))
    np.testing.assert_array_equal(rotate(original, 90 * quarters), turned)


def test_scaling_by_one_changes_nothing_and_a_small_scale_leaves_a_border() -> None:
    original = np.full((2, 28, 28), 255, np.uint8)
    np.testing.assert_array_equal(scale(original, 1), original)
    half = scale(original, 0.5)
    assert not half[:, :6].any()
    assert not half[:, :, -6:].any()
    assert (half[:, 8:20, 8:20] == 255).all()
    for factor in (0, -1, math.nan):
        with pytest.raises(ValueError, match="above 0"):
            scale(original, factor)


def test_noise_has_its_deviation_and_is_clipped() -> None:
    grey = np.full((2000, 28, 28), 128, np.uint8)  # more than one block
    noisy = add_noise(grey, 0.1, np.random.default_rng(0)).astype(float)
    assert noisy.mean() == pytest.approx(128, abs=0.1)
    assert noisy.std() == pytest.approx(25.5, rel=0.01)
    assert not np.array_equal(noisy[0], noisy[1])
    black = add_noise(np.zeros((50, 28, 28), np.uint8), 0.5, np.random.default_rng(0))
    assert black.min() == 0
    # Half of the noise is clipped at 0; of the rest, what lies beyond 2 deviations at 255.
    assert np.mean(black == 0) == pytest.approx(0.5, abs=0.01)
    assert np.mean(black == 255) == pytest.approx(0.0228, abs=0.003)
    np.testing.assert_array_equal(add_noise(grey[:3], 0, np.random.default_rng(0)), grey[:3])


@given(st.integers(0, 12), st.integers(0, 1000), st.booleans())
def test_occlusion_is_one_square_within_the_image(side: int, seed: int, colour: bool) -> None:
    original = np.full((4, 10, 10, 3) if colour else (4, 10, 10), 9, np.uint8)
    covered = occlude(original, side, np.random.default_rng(seed)) == 0
    if colour:
        assert (covered == covered[..., :1]).all()
        covered = covered[..., 0]
    for mask in covered:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert len(rows) == len(columns) == min(side, 10)
        assert mask.sum() == min(side, 10) ** 2
        if side:
            assert np.ptp(rows) == np.ptp(columns) == min(side, 10) - 1
    assert (original == 9).all()


def test_occlusion_reaches_every_place() -> None:
    original = np.full((3000, 5, 5), 9, np.uint8)
    share = np.mean(occlude(original, 3, np.random.default_rng(0)) == 0, axis=0)
    # A corner is covered by one of the nine places, the middle by all of them.
    assert share[0, 0] == pytest.approx(1 / 9, abs=0.02)
    assert share[4, 4] == pytest.approx(1 / 9, abs=0.02)
    assert share[2, 2] == 1


@pytest.mark.parametrize("shape", [(0, 28, 28), (0, 8, 8, 3)])
def test_no_images_are_no_trouble(shape: tuple[int, ...]) -> None:
    none, random = np.zeros(shape, np.uint8), np.random.default_rng(0)
    for result in (
        shift(none, 1, 1),
        rotate(none, 10),
        scale(none, 2),
        add_noise(none, 0.1, random),
        occlude(none, 3, random),
    ):
        assert result.shape == shape
        assert result.dtype == np.uint8
