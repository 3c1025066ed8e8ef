"""Distortions against a loop over single pixels, and what each is to do to an image.

How pixels are read and toned: `tests.engine.test_warp`.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet.engine.warp import Warp
from lenet.errors import LenetError
from lenet.synthesis.distort import Distortion


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
NONE = Distortion(0, 0, 0, 0)
ALL = replace(MOST, rotation=20, elastic=2, smoothness=3, flip=True, blur=0.5, thickness=0.5)


def distort(
    images: NDArray[np.uint8],
    down: float,
    right: float,
    scale: float,
    squeeze: float,
    shear: float,
) -> NDArray[np.uint8]:
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
    image: NDArray[np.uint8],
    down: float,
    right: float,
    scale: float,
    squeeze: float,
    shear: float,
) -> NDArray[np.float64]:
    """Look up each pixel where the affine map takes it from, weighing its four neighbours."""
    side = len(image)
    result = np.zeros(image.shape)
    for row in range(side):
        for column in range(side):
            y, x = row - (side - 1) / 2, column - (side - 1) / 2
            source_y = scale / squeeze * y + (side - 1) / 2 + down
            source_x = shear * y + scale * squeeze * x + (side - 1) / 2 + right
            for r in (math.floor(source_y), math.floor(source_y) + 1):
                for c in (math.floor(source_x), math.floor(source_x) + 1):
                    if 0 <= r < side and 0 <= c < side:
                        weight = (1 - abs(source_y - r)) * (1 - abs(source_x - c))
                        result[row, column] += weight * float(image[r, c])
    return result


def picture(side: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)


def pictures(count: int, side: int) -> NDArray[np.uint8]:
    return np.stack([picture(side, seed) for seed in range(count)])


@given(
    st.integers(1, 9),
    st.floats(-3, 3),
    st.floats(-3, 3),
    st.floats(1 / 1.19, 1.19),
    st.floats(1 / 1.09, 1.09),
    st.floats(-0.5, 0.5),
)
@settings(max_examples=60)
def test_each_pixel_is_looked_up_where_the_affine_map_takes_it(
    side: int, down: float, right: float, scale: float, squeeze: float, shear: float
) -> None:
    image = picture(side)
    found = distort(image[None], down, right, scale, squeeze, shear)
    assert found.dtype == np.uint8
    expected = slowly(image, down, right, scale, squeeze, shear)
    # float32 coordinates, and a half may be rounded either way.
    assert np.abs(found[0] - expected).max() <= 0.5 + 0.01


@pytest.mark.parametrize(("down", "right"), [(1, 0), (0, 1), (-2, 3), (3, -3), (0, 0)])
def test_a_whole_shift_moves_pixels_and_leaves_background(down: int, right: int) -> None:
    image = picture(6)
    found = distort(image[None], down, right, 1, 1, 0)[0]
    expected = np.zeros_like(image)
    for row in range(6):
        for column in range(6):
            if 0 <= row + down < 6 and 0 <= column + right < 6:
                expected[row, column] = image[row + down, column + right]
    assert np.array_equal(found, expected)


def test_nothing_to_draw_changes_nothing() -> None:
    images = pictures(3, 28)
    still = Distortion(0, 0, 0, 0)(images, np.random.default_rng(0))
    assert np.array_equal(still, images)
    assert Distortion(1, 0.1, 0.1, 0.1)(images[:0], np.random.default_rng(0)).shape == (0, 28, 28)


def test_many_images_are_each_distorted_on_their_own() -> None:
    # More than are worked on at once: each with its own draws, the last as the first.
    count = 600
    images = pictures(count, 6)
    draws = np.random.default_rng(1).uniform(-1, 1, (5, count)) * 0.99
    scale, squeeze = math.log1p(0.2) * draws[0], math.log1p(0.1) * draws[1]
    shear, down, right = 0.5 * draws[2], 3 * draws[3], 3 * draws[4]
    random: Any = Chosen(
        {
            math.log1p(0.2): [scale.tolist()],
            math.log1p(0.1): [squeeze.tolist()],
            0.5: [shear.tolist()],
            3.0: [down.tolist(), right.tolist()],
        }
    )
    before = images.copy()
    found = MOST(images, random)
    assert np.array_equal(images, before)
    for n in (0, 1, 254, 255, 256, 257, 511, 512, 599):
        expected = slowly(
            images[n], down[n], right[n], math.exp(scale[n]), math.exp(squeeze[n]), shear[n]
        )
        assert np.abs(found[n] - expected).max() <= 0.5 + 0.01


def test_the_generator_decides() -> None:
    images = pictures(20, 10)
    one, same, other = (ALL(images, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def draw(distortion: Distortion, count: int = 4000, side: int = 28) -> Warp:
    return distortion.draw(count, side, np.random.default_rng(5))


def test_what_is_not_asked_for_is_not_drawn() -> None:
    warp = draw(MOST)
    parts = (warp.fields, warp.field, warp.amplitudes, warp.tones)
    assert parts == (None,) * 4
    # What is added to a distortion leaves the affine part as it was.
    more = draw(replace(MOST, elastic=1, blur=0.5))
    assert np.array_equal(more.matrices, warp.matrices)
    assert np.array_equal(more.shifts, warp.shifts)


def test_each_part_is_drawn_evenly_up_to_what_is_asked_for() -> None:
    warp = draw(MOST)
    scale = np.log(warp.matrices[:, 0, 0] * warp.matrices[:, 1, 1]) / 2
    squeeze = np.log(warp.matrices[:, 1, 1] / warp.matrices[:, 0, 0]) / 2
    elastic = draw(replace(NONE, elastic=1.5)).amplitudes
    assert elastic is not None
    for values, most in (
        (warp.shifts[:, 0], 3),
        (warp.shifts[:, 1], 3),
        (warp.matrices[:, 1, 0], 0.5),
        (scale, math.log(1.2)),
        (squeeze, math.log(1.1)),
        (elastic, 1.5),
    ):
        assert np.abs(values).max() <= most * (1 + 1e-5)
        quarters, _ = np.histogram(values, 4, (-most, most))
        assert quarters.min() > 850  # of 1000 expected; 27 is the standard deviation
    assert not warp.matrices[:, 0, 1].any()


@pytest.mark.parametrize("side", [5, 8, 28])
def test_a_flip_mirrors_half_of_the_images_exactly(side: int) -> None:
    images = pictures(400, side)
    found = replace(NONE, flip=True)(images, np.random.default_rng(3))
    mirrored = (found == images[:, :, ::-1]).all(axis=(1, 2))
    kept = (found == images).all(axis=(1, 2))
    assert (mirrored ^ kept).all()
    assert 150 < np.count_nonzero(mirrored) < 250  # 10 is the standard deviation


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (-90, -1), (180, 2), (0, 0)])
@pytest.mark.parametrize("side", [7, 28])
def test_a_rotation_turns_as_numpys(degrees: float, turns: int, side: int) -> None:
    images = pictures(2, side)
    none = [0.0, 0.0]
    # Scale, squeeze, shear and the two shifts are limited to 0; then comes the angle.
    answers = {0.0: [none] * 5, math.pi: [[math.radians(degrees)] * 2]}
    random: Any = Chosen(answers)
    found = replace(NONE, rotation=180)(images, random)
    assert not any(answers.values())
    expected = np.rot90(images, turns, axes=(1, 2)).astype(int)
    # In float32 a quarter of a circle is not quite one.
    assert np.abs(found - expected).max() <= 1


def test_angles_are_drawn_evenly_in_degrees_and_keep_distances() -> None:
    matrices = draw(replace(NONE, rotation=30)).matrices.astype(np.float64)
    np.testing.assert_allclose(
        matrices @ matrices.transpose(0, 2, 1), np.stack([np.eye(2)] * 4000), atol=1e-6
    )
    angles = np.degrees(np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0]))
    assert np.abs(angles).max() <= 30.001
    quarters, _ = np.histogram(angles, 4, (-30, 30))
    assert quarters.min() > 850


def test_displacements_are_as_large_and_as_smooth_as_asked_for() -> None:
    warp = draw(replace(NONE, elastic=1.0, smoothness=3.0))
    assert warp.fields is not None
    assert warp.field is not None
    fields = warp.fields.astype(np.float64)
    number = len(fields)
    assert fields.shape == (number, 2, 28, 28)
    assert (warp.field.min(), warp.field.max()) == (0, number - 1)
    # Root mean square 1 at every place, that at the edge too; around 0.
    assert np.abs(np.sqrt((fields**2).mean(axis=0)) - 1).max() < 5 / math.sqrt(2 * number)
    assert np.abs(fields.mean(axis=0)).max() < 5 / math.sqrt(number)
    # Noise smoothed by a Gaussian of deviation s has the correlation exp(-d^2 / 4 s^2).
    for distance in (1, 3, 6, 12):
        expected = math.exp(-(distance**2) / (4 * 3.0**2))
        for one, other in (
            (fields[:, :, 8:20, 8:-distance], fields[:, :, 8:20, 8 + distance :]),
            (fields[:, :, 8:-distance, 8:20], fields[:, :, 8 + distance :, 8:20]),
        ):
            inner = (one * other)[..., :4].mean()
            assert inner == pytest.approx(expected, abs=0.05)
    # Rows and columns move on their own.
    assert abs((fields[:, 0] * fields[:, 1]).mean()) < 0.03


def test_elastic_images_are_read_from_displaced_places() -> None:
    # A ramp says of each pixel which column it was read from, and another which row.
    ramp = np.broadcast_to(np.arange(28, dtype=np.uint8) * 9, (50, 28, 28))
    distortion = replace(NONE, elastic=1.0, smoothness=6.0)
    warp = distortion.draw(50, 28, np.random.default_rng(6))
    assert warp.fields is not None
    assert warp.field is not None
    assert warp.amplitudes is not None
    moved = warp.amplitudes[:, None, None, None] * warp.fields[warp.field]
    inner = np.s_[:, 6:-6, 6:-6]
    for axis, images in ((1, ramp), (0, ramp.swapaxes(1, 2))):
        found = distortion(images, np.random.default_rng(6)) / 9
        expected = images / 9 + moved[:, axis]
        assert np.abs(found - expected)[inner].max() < 0.06  # a grey level is 1/9, half is rounded


BAR = np.zeros((1, 28, 28), np.uint8)
BAR[0, 4:24, 12:16] = 255


@pytest.mark.parametrize(
    "distortion",
    [replace(NONE, blur=1), replace(NONE, thickness=1), replace(NONE, blur=1, thickness=1)],
)
def test_background_stays_exactly_0_under_tones(distortion: Distortion) -> None:
    images = np.repeat(BAR, 500, axis=0)
    found = distortion(images, np.random.default_rng(7))
    far = np.ones((28, 28), bool)
    far[3:25, 11:17] = False  # whose 3x3 neighbours are all background
    assert not found[:, far].any()
    assert not distortion(np.zeros_like(images), np.random.default_rng(7)).any()
    assert len({one.tobytes() for one in found}) > 200


def toned(blur: float, thickness: float, steep: float) -> tuple[float, ...]:
    """Return blur, gain and bias for these draws; `steep` is drawn from 0 to 3."""

    class Draws:
        def uniform(self, low: float, high: float, count: int) -> NDArray[np.float64]:
            values: dict[tuple[float, float], float] = {
                (-1, 1): thickness,
                (0, 1): blur,
                (0, 3): steep,
            }
            value = values.get((low, high), 0.0)
            assert low <= value <= high
            return np.full(count, value, np.float64)

    random: Any = Draws()
    warp = replace(NONE, blur=1, thickness=1).draw(1, 28, random)
    assert warp.tones is not None
    return tuple(warp.tones[0].tolist())


@pytest.mark.parametrize(
    ("blur", "thickness", "steep", "expected"),
    [
        (0, 0, 0, (0, 1, 0)),
        (0.5, 0, 0, (0.5, 1, 0)),
        # A slope of 2 around the middle grey: 127.5 - 127.5 / 2.
        (0.5, 0, 2, (0.5, 2, 63.75)),
        (0.25, 0.5, 2, (0.5, 2, 0)),  # the blur is at least as much; the middle is at 63.75
        (0.25, -0.5, 2, (0.5, 2, 127.5)),
        (1, 0.5, 3, (1, 4, 31.875)),
        (1, 1, 3, (1, 4, 0)),  # background would become grey
    ],
)
def test_tones_are_a_blur_and_a_slope_around_a_grey(
    blur: float, thickness: float, steep: float, expected: tuple[float, ...]
) -> None:
    assert toned(blur, thickness, steep) == pytest.approx(expected)


def test_strokes_become_thicker_or_thinner() -> None:
    # The same blur and slope; the grey that counts as the edge moves.
    soft = BAR.copy()
    soft[0, 4:24, [11, 16]] = 120
    ink: list[int] = []
    for thickness in (-0.5, -0.2, 0, 0.2, 0.5):
        tones = np.array([toned(0.5, thickness, 3)], np.float32)
        still = draw(NONE, 1)
        ink.append(int(replace(still, tones=tones)(soft).astype(int).sum()))
    assert ink == sorted(set(ink))
    assert ink[0] < int(soft.astype(int).sum()) < ink[-1]


BAD: list[Any] = [
    np.zeros((2, 6, 7), np.uint8),
    np.zeros((2, 6, 7, 3), np.uint8),
    np.zeros((2, 6, 6), np.float32),
]


@pytest.mark.parametrize("images", BAD, ids=lambda one: f"{one.dtype}{one.shape}")
@pytest.mark.parametrize("distortion", [NONE, MOST, ALL])
def test_only_square_images_are_distorted(distortion: Distortion, images: Any) -> None:
    with pytest.raises(LenetError, match="only square grey images"):
        distortion(images, np.random.default_rng(0))


@pytest.mark.parametrize("distortion", [MOST, ALL])
def test_the_channels_of_a_colour_image_are_distorted_alike(distortion: Distortion) -> None:
    grey = pictures(20, 12)
    colour = np.stack([grey, grey[::-1], grey], axis=-1)
    alone = distortion(grey, np.random.default_rng(3))
    found = distortion(colour, np.random.default_rng(3))
    assert (found[..., 0] == alone).all()
    assert (found[..., 2] == alone).all()
    assert (found[..., 1] != alone).any()


def test_bright_images_are_distorted_as_their_negatives() -> None:
    ink = pictures(20, 12)
    ink[:, [0, -1]] = ink[:, :, [0, -1]] = 0
    bright = replace(MOST, bright=True)
    plain = MOST(ink, np.random.default_rng(3))
    assert (bright(ink, np.random.default_rng(3)) == plain).all()
    assert (bright(255 - ink, np.random.default_rng(3)) == 255 - plain).all()


def test_all_at_once_many_times_stays_within_the_grey_levels() -> None:
    images = pictures(700, 12)
    before = images.copy()
    found = ALL(images, np.random.default_rng(8))
    assert found.shape == images.shape
    assert found.dtype == np.uint8
    assert np.array_equal(images, before)
    warp = ALL.draw(700, 12, np.random.default_rng(8))
    assert np.array_equal(warp(images), found)
    for part in (warp.fields, warp.field, warp.amplitudes, warp.tones):
        assert part is not None
