"""Bars of known size and place, seen through every kind of camera."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from lenet.pictures.field import DIGIT_HEIGHT, HEIGHT, Field, field_of
from lenet.pictures.types import Images

FINE = 2  # pages are drawn so many times larger, for smooth edges
LEFTS = (100, 150, 200, 265, 315, 365, 430, 480)  # of the bars, of 20 columns each
RIGHT = LEFTS[-1] + 20
TOP, BOTTOM = 30, 70
WIDE, TALL = 600, 100
PAPER, INK = 230, 30


@cache
def page(scale: float = 1.0, turn: float = 0.0, light: bool = False, ruled: bool = False) -> Images:
    """Draw eight bars 40 rows high on a page of 600 × 100, and scale it.

    Parameters
    ----------
    turn
        In degrees, around the page's middle, counted clockwise as seen.
    """
    image = Image.new("L", (WIDE * FINE, TALL * FINE), PAPER)
    draw = ImageDraw.Draw(image)
    for left in LEFTS:
        corners = (left * FINE, TOP * FINE, (left + 20) * FINE - 1, BOTTOM * FINE - 1)
        draw.rectangle(corners, fill=INK)
    if ruled:
        draw.rectangle((0, 84 * FINE, WIDE * FINE, 87 * FINE), fill=90)
    if turn:
        image = image.rotate(-turn, Image.Resampling.BICUBIC, fillcolor=PAPER)
    size = (max(round(WIDE * scale), 1), max(round(TALL * scale), 1))
    pixels = np.asarray(image.resize(size, Image.Resampling.BOX))
    return 255 - pixels if light else pixels


def found(image: Images) -> Field:
    field = field_of(image)
    assert field is not None
    assert field.ink.dtype == np.uint8
    assert field.ink.shape[0] == HEIGHT
    assert HEIGHT <= field.ink.shape[1] <= 1600
    assert field.scale > 0
    return field


def box(field: Field) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is at least half ink."""
    rows, columns = np.nonzero(field.ink > 127)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def in_picture(field: Field, x: float, y: float) -> tuple[float, float]:
    """Map a place of the field back, as `Field` says."""
    left, top = field.corner
    return left + x / field.scale, top + y / field.scale + field.slope * x / field.scale


def difference(first: Field, second: Field) -> float:
    """Return the mean difference of the ink's grey, in what both have."""
    width = min(first.ink.shape[1], second.ink.shape[1])
    assert max(first.ink.shape[1], second.ink.shape[1]) <= 1.06 * width
    one, other = (Image.fromarray(field.ink).resize((width, HEIGHT)) for field in (first, second))
    return float(np.abs(np.asarray(one, np.float64) - np.asarray(other, np.float64)).mean())


# From a picture 20 pixels high, its bars 8, to one of 600.
SCALES = [0.2, 0.3, 0.5, 0.8, 1.0, 2.0, 6.0]


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("scale", SCALES)
def test_bars_come_out_as_high_as_digits_in_the_middle(scale: float, light: bool) -> None:
    field = found(page(scale, light=light))
    left, top, right, bottom = box(field)
    # Small pictures are measured by 32 rows: 8 rows of writing come out two pixels too high.
    slack = 2 if scale < 0.5 else 1
    assert abs(bottom - top - DIGIT_HEIGHT) <= slack
    assert abs((top + bottom) / 2 - HEIGHT / 2) <= 1
    wide = (RIGHT - LEFTS[0]) * DIGIT_HEIGHT / (BOTTOM - TOP)
    assert right - left == pytest.approx(wide, rel=0.13 if scale < 0.5 else 0.06)
    # Ink is full within the bars and absent between them.
    row = field.ink[HEIGHT // 2]
    assert row.max() >= 250
    assert row[left:right].min() <= 20
    assert int(np.count_nonzero(np.diff((row > 127).astype(np.int8)) == 1)) == len(LEFTS)
    # Some room in front and behind.
    assert left >= 0.3 * DIGIT_HEIGHT
    assert field.ink.shape[1] - right >= 0.3 * DIGIT_HEIGHT


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("scale", SCALES)
def test_what_was_found_maps_back_into_the_picture(scale: float, light: bool) -> None:
    field = found(page(scale, light=light))
    assert field.slope == 0
    left, top, right, bottom = box(field)
    x0, y0 = in_picture(field, left, top)
    x1, y1 = in_picture(field, right, bottom)
    # Two of the picture's pixels, or of the field's, whichever is coarser.
    slack = max(2.0, 2.0 / field.scale)
    expected = [LEFTS[0] * scale, TOP * scale, RIGHT * scale, BOTTOM * scale]
    assert [x0, y0, x1, y1] == pytest.approx(expected, abs=slack)


@pytest.mark.parametrize("turn", [-10, -7, -4, -2.5, 2.5, 4, 7, 10])
def test_a_tilted_line_is_made_level_and_maps_back(turn: float) -> None:
    scale = 1.5
    field = found(page(scale, turn, light=turn == 4))
    rise = math.tan(math.radians(turn))
    assert field.slope == pytest.approx(rise, abs=0.01)
    rows = np.nonzero(field.ink > 127)[0]
    assert abs(int(rows.max()) + 1 - int(rows.min()) - DIGIT_HEIGHT) <= 3  # the bars lean
    middle = field.ink[HEIGHT // 2] > 127
    edges = np.flatnonzero(np.diff(middle.astype(np.int8)) == 1) + 1
    ends = np.flatnonzero(np.diff(middle.astype(np.int8)) == -1) + 1
    assert len(edges) == len(ends) == len(LEFTS)
    angle = math.radians(turn)
    for left, start, end in zip(LEFTS, edges.tolist(), ends.tolist(), strict=True):
        x, y = in_picture(field, (start + end) / 2, HEIGHT / 2)
        # The bar's middle, turned around the page's.
        across, down = left + 10 - WIDE / 2, (TOP + BOTTOM) / 2 - TALL / 2
        expected_x = WIDE / 2 + across * math.cos(angle) - down * math.sin(angle)
        expected_y = TALL / 2 + across * math.sin(angle) + down * math.cos(angle)
        assert (x, y) == pytest.approx(
            (expected_x * scale, expected_y * scale), abs=2 / field.scale
        )


@pytest.mark.parametrize("turn", [-1, 0, 1])
def test_what_is_nearly_level_stays_as_it_is(turn: float) -> None:
    assert found(page(1.0, turn)).slope == 0


def test_short_numbers_are_not_turned() -> None:
    image = np.full((100, 300), PAPER, np.uint8)
    image[30:70, 100:108] = image[38:78, 120:128] = INK  # of two digits nobody knows the line
    assert found(image).slope == 0


def shadow(image: Images) -> Images:
    height, width = image.shape
    light = np.linspace(1, 0.45, width) * np.linspace(1, 0.8, height)[:, None]
    return (image * light).astype(np.uint8)


def noisy(image: Images) -> Images:
    noise = np.random.default_rng(0).normal(0, 5, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def faint(image: Images) -> Images:
    return (PAPER - (PAPER - image.astype(np.int64)) * 0.25).astype(np.uint8)


def specked(image: Images) -> Images:
    result = image.copy()
    places = np.random.default_rng(1).integers(0, (TALL - 2, WIDE - 2), (25, 2))
    for y, x in places.tolist():
        result[y : y + 2, x : x + 2] = INK
    return result


def squared(image: Images) -> Images:
    """Rule the paper, faintly, as a form is."""
    result = image.copy()
    result[::12] = np.minimum(result[::12], 150)
    return result


@pytest.mark.parametrize(
    "change", [shadow, noisy, faint, specked, squared], ids=lambda change: change.__name__
)
def test_paper_and_light_change_little(change: Callable[[Images], Images]) -> None:
    plain = page()
    assert difference(found(change(plain)), found(plain)) < 6


def test_another_number_is_another_field() -> None:
    other = page().copy()
    other[:, 200:300] = PAPER
    assert difference(found(other), found(page())) > 12


def test_light_ink_on_dark_paper_is_the_same() -> None:
    image = shadow(page())
    assert difference(found(255 - image), found(image)) < 1


@pytest.mark.parametrize("rise", [0, 0.04, 0.06, -0.04])
def test_a_ruled_line_does_not_count_as_writing(rise: float) -> None:
    turn = math.degrees(math.atan(rise))
    ruled, plain = found(page(1.0, turn, ruled=True)), found(page(1.0, turn))
    assert ruled.scale == pytest.approx(plain.scale, rel=0.05)
    assert ruled.slope == pytest.approx(plain.slope, abs=0.01)
    above = slice(0, HEIGHT // 2 + DIGIT_HEIGHT // 2)  # the line itself is ink still
    width = min(ruled.ink.shape[1], plain.ink.shape[1])
    one, other = (field.ink[above, :width].astype(float) for field in (ruled, plain))
    assert np.abs(one - other).mean() < 8


def test_colour_counts_by_its_light() -> None:
    plain = page()
    grey = np.repeat(plain[..., None], 3, axis=2)
    expected = found(plain)
    for image in (grey, np.asfortranarray(grey)):
        field = found(image)
        assert np.array_equal(field.ink, expected.ink)
        assert (field.corner, field.scale) == (expected.corner, expected.scale)
    blue = grey.copy()
    blue[..., 2] = 230  # ink of (30, 30, 230) on white
    assert difference(found(blue), expected) < 8


def test_a_picture_is_not_changed_and_gives_the_same_field_again() -> None:
    image = page(1.0, 5).copy()
    before = image.copy()
    image.flags.writeable = False
    first, again = found(image), found(image)
    assert np.array_equal(image, before)
    assert np.array_equal(first.ink, again.ink)
    assert first.corner == again.corner


@pytest.mark.parametrize(
    "shape", [(1, 1), (2, 3), (1, 400), (400, 1), (40, 60), (900, 30), (60, 60, 3)]
)
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_paper_alone_has_no_number(shape: tuple[int, ...], grey: int) -> None:
    assert field_of(np.full(shape, grey, np.uint8)) is None


def test_light_that_falls_unevenly_is_no_number() -> None:
    bare = np.full((100, 400), PAPER, np.uint8)
    assert field_of(shadow(bare)) is None
    assert field_of(noisy(bare)) is None


@given(
    st.integers(1, 70),
    st.integers(1, 120),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    st.booleans(),
)
@settings(max_examples=20)
def test_noise_of_any_size_gives_a_field_or_none(
    height: int, width: int, seed: int, share: float, colour: bool
) -> None:
    random = np.random.default_rng(seed)
    shape = (height, width, 3) if colour else (height, width)
    image = np.full(shape, 200, np.uint8)
    noise = random.integers(0, 256, shape, dtype=np.uint8)
    image = np.where(random.random(shape) < share, noise, image)
    if field_of(image) is not None:
        assert math.isfinite(found(image).scale)
        assert share


@pytest.mark.parametrize("size", [(3, 500), (4000, 3), (1, 400)])
def test_extremes_give_a_field_or_none(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
    if field_of(image) is not None:
        found(image)


def test_a_photo_of_many_pixels() -> None:
    field = found(page(2.0).repeat(10, axis=0).repeat(10, axis=1))
    small = found(page(2.0))
    assert field.scale == pytest.approx(small.scale / 10, rel=0.02)
    assert difference(field, small) < 8
