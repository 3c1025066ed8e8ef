"""Numbers put together from digits: what stands where, and what is drawn how often."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet.pictures.types import Images
from lenet.synthesis.numbers import (
    Part,
    amount,
    cut_to_ink,
    join,
    on_line,
    random_digits,
    random_gap,
    with_separators,
)
from lenet.synthesis.separators import BASELINE, ROWS, separator

SEEDS = st.integers(0, 2**32 - 1)


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


class Fixed:
    """A generator without chance: the middle of what is uniform, 0 of what is normal.

    What is drawn by `random()` is the given share: at 1 nothing that is seldom happens.
    """

    def __init__(self, share: float = 1.0) -> None:
        self.share = share

    def uniform(self, low: float, high: float) -> float:
        return (low + high) / 2

    def normal(self, middle: float, _: float) -> float:
        return middle

    def integers(self, *_: int) -> int:
        return 0

    def choice(self, *_: Any, **__: Any) -> int:
        return 1

    def random(self) -> float:
        return self.share


def fixed(share: float = 1.0) -> Any:
    return Fixed(share)


def box(height: int = 20, width: int = 12, value: int = 200) -> Images:
    return np.full((height, width), value, np.uint8)


def test_numbers_are_as_long_as_amounts_are() -> None:
    random = rng(0)
    drawn = [random_digits(random) for _ in range(6000)]
    assert all(digit in range(10) and type(digit) is int for one in drawn for digit in one)
    lengths = Counter(map(len, drawn))
    shares = {1: 0.06, 2: 0.10, 3: 0.14, 4: 0.20, 5: 0.22, 6: 0.15, 7: 0.07, 8: 0.04, 9: 0.02}
    assert set(lengths) == set(shares)
    for length, share in shares.items():
        # Five standard deviations.
        slack = 5 * (share * (1 - share) / 6000) ** 0.5
        assert lengths[length] / 6000 == pytest.approx(share, abs=slack)


def test_many_numbers_end_in_zeros_and_some_repeat_a_digit() -> None:
    random = rng(1)
    drawn = [one for one in (random_digits(random) for _ in range(6000)) if len(one) > 3]
    count = len(drawn)
    ends = sum(one[-1] == 0 for one in drawn) / count
    # Four of ten are made to; of the rest those that are all zeros, or end so by chance.
    assert ends == pytest.approx(0.4 + 0.6 * 0.1, abs=5 * (0.46 * 0.54 / count) ** 0.5)
    same = sum(len(set(one)) == 1 for one in drawn) / count
    # 0.6 · 0.15, and 2000 with a leading zero now and then: 0.4 · 0.1 · P(one digit is kept)
    assert 0.08 < same < 0.13
    leading = Counter(one[0] for one in drawn)
    assert all(leading[digit] > count / 15 for digit in range(10))


def test_two_digits_are_left_as_drawn_but_for_pairs() -> None:
    random = rng(2)
    drawn = [one for one in (random_digits(random) for _ in range(8000)) if len(one) == 2]
    zeros = sum(one[1] == 0 for one in drawn) / len(drawn)
    assert zeros == pytest.approx(0.1, abs=5 * (0.09 / len(drawn)) ** 0.5)
    pairs = sum(one[0] == one[1] for one in drawn) / len(drawn)
    expected = 0.15 + 0.85 * 0.1
    assert pairs == pytest.approx(expected, abs=5 * (expected / len(drawn)) ** 0.5)


def test_a_known_shape_stands_on_the_line() -> None:
    field = amount([1], [[box()]] * 10, fixed())
    rows, columns = (np.flatnonzero(field.any(axis=axis)) for axis in (1, 0))
    tall = round(20 * 0.99)  # the middle of 0.88 to 1.1, at the middle size
    assert (rows[0], rows[-1] + 1) == (BASELINE - tall, BASELINE)
    assert len(columns) == round(12 * tall / 20)
    assert (field[rows[0] : BASELINE, columns[0] : columns[-1] + 1] == 200).all()
    assert columns[0] == 9  # the middle of 2 to 16


def test_small_zeros_and_hanging_tails() -> None:
    class Hanging(Fixed):
        def integers(self, *limits: int) -> int:
            return limits[0] if len(limits) == 2 else 0

    hanging: Any = Hanging(0.1)
    shapes = [[box()]] * 10
    tops: dict[int, int] = {}
    bottoms: dict[int, int] = {}
    for digit in range(10):
        # Alone, it has nothing behind it but separators: signs stand to its right.
        field = amount([digit], shapes, hanging)
        inked = field[:, np.flatnonzero((field == 200).sum(axis=0) > 9)[0]]
        rows = np.flatnonzero(inked == 200)
        tops[digit], bottoms[digit] = int(rows[0]), int(rows[-1]) + 1
    assert {digit for digit in bottoms if bottoms[digit] == BASELINE + 1} == {4, 7, 9}
    assert {digit for digit in bottoms if bottoms[digit] == BASELINE} == set(range(10)) - {4, 7, 9}
    assert bottoms[0] - tops[0] == round(20 * 0.725)
    assert all(bottoms[digit] - tops[digit] == 20 for digit in range(1, 10))


@pytest.mark.parametrize(
    ("tall", "bottom", "top", "stop"),
    [
        (1.0, 26.0, 6, 26),
        (0.5, 26.4, 16, 26),
        (0.1, 26.0, 20, 26),  # no less than six rows
        (1.0, 40.0, 12, 32),  # within the field
        (1.0, 3.0, 0, 20),
        (9.0, 26.0, 0, 30),
    ],
)
def test_a_shape_is_scaled_and_stood_on_its_bottom(
    tall: float, bottom: float, top: int, stop: int
) -> None:
    found = on_line(box(), tall, bottom, fixed())
    rows = np.flatnonzero(found.any(axis=1))
    assert (rows[0], rows[-1] + 1) == (top, stop)
    assert found.shape == (ROWS, round(12 * (stop - top) / 20))
    assert np.isin(found[top:stop], (199, 200)).all()


def test_greys_are_interpolated_linearly() -> None:
    step = np.repeat(np.array([[0], [240]], np.uint8), 4, axis=1)
    found = on_line(step, 4.0, 8.0, fixed())  # to 8 rows, of a quarter each
    assert found[:8, 3].tolist() == [0, 0, 30, 90, 150, 210, 240, 240]
    assert (found == found[:, :1]).all()


@pytest.fixture(scope="module")
def unseparated() -> Iterator[None]:
    """Leave separators away, which may be of any grey."""

    def same(parts: list[Part], *_: Any) -> list[Part]:
        return parts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lenet.synthesis.numbers.with_separators", same)
        yield


@given(st.lists(st.integers(0, 9), min_size=1, unique=True), SEEDS)
@settings(max_examples=50)
def test_every_digit_is_there_and_in_order(unseparated: None, digits: list[int], seed: int) -> None:
    # Each is of its own grey, the zero of the darkest, for it may be too small to be seen else.
    glyphs = [[box(width=20, value=250 - 15 * digit)] for digit in range(10)]
    field = amount(digits, glyphs, rng(seed)).astype(int)
    assert field.shape[0] == ROWS
    middles: list[float] = []
    for digit in digits:
        rows, columns = np.nonzero(np.abs(field - (250 - 15 * digit)) <= 1)
        assert len(rows) > 40
        assert BASELINE - 7 < rows.max() + 1 < BASELINE + 10
        middles.append(float(columns.mean()))
    assert middles == sorted(middles)
    others = set(range(10)) - set(digits)
    assert not any((np.abs(field - (250 - 15 * digit)) <= 1).any() for digit in others)


@given(SEEDS, st.integers(1, 60), st.integers(1, 60))
@settings(max_examples=50)
def test_shapes_of_any_size_find_room(
    unseparated: None, seed: int, height: int, width: int
) -> None:
    shape = np.full((height, width), 255, np.uint8)
    field = amount([3, 0, 9], [[shape]] * 10, rng(seed))
    rows, columns = (np.flatnonzero(field.any(axis=axis)) for axis in (1, 0))
    assert 6 <= len(rows) <= ROWS
    assert columns[0] >= 2
    assert columns[-1] < field.shape[1] - 2


def test_the_shapes_are_chosen_from_all_and_follow_from_chance_alone() -> None:
    glyphs = [[box(value=100), box(value=140), box(value=180)]] * 10
    fields = [amount([5], glyphs, rng(seed)) for seed in range(60)]
    seen = {value for field in fields for value in (100, 140, 180) if (field == value).sum() > 99}
    assert seen == {100, 140, 180}
    assert np.array_equal(fields[0], amount([5], glyphs, rng(0)))
    assert not np.array_equal(fields[0], fields[1])


def test_a_point_stands_behind_thousands() -> None:
    parts: list[Part] = [(box(ROWS, 3, 10 * place + 10), 1.0) for place in range(8)]

    class Thousands(Fixed):
        """Nothing but the second thing that chance decides happens."""

        def __init__(self) -> None:
            self.shares = chain([1.0, 0.0], repeat(1.0))

        def random(self) -> float:
            return next(self.shares)

    random: Any = Thousands()
    found = with_separators(parts, 2.5, random)
    digits = [any(columns is part for part, _ in parts) for columns, _ in found]
    assert digits == [*[True] * 2, False, *[True] * 3, False, *[True] * 3]
    assert [gap for (_, gap), digit in zip(found, digits, strict=True) if not digit] == [2.5, 2.5]
    dot = separator(".", random)
    assert all(
        np.array_equal(columns, dot)
        for (columns, _), digit in zip(found, digits, strict=True)
        if not digit
    )


def test_nothing_is_added_where_chance_says_so() -> None:
    parts: list[Part] = [(box(ROWS, 3), 1.0)] * 8
    assert with_separators(parts, 2.0, fixed()) == parts


@given(SEEDS, st.integers(0, 9))
def test_digits_keep_their_order_and_gaps(seed: int, count: int) -> None:
    parts: list[Part] = [(box(ROWS, 3), float(place)) for place in range(count)]
    found = with_separators(parts, 2.0, rng(seed))
    kept = [one for one in found if any(one[0] is part for part, _ in parts)]
    assert kept == parts
    assert all(columns.shape[0] == ROWS for columns, _ in found)


def test_signs_are_seldom_before_and_more_often_behind() -> None:
    part: Part = (box(ROWS, 3), 1.0)
    found = [with_separators([part], 2.0, rng(seed)) for seed in range(2000)]
    before = sum(one[0] is not part for one in found) / 2000
    behind = Counter(len(one) - 1 - (one[0] is not part) for one in found)
    assert before == pytest.approx(0.06, abs=5 * (0.06 * 0.94 / 2000) ** 0.5)
    assert set(behind) == {0, 1, 2}
    assert behind[0] / 2000 == pytest.approx(0.6, abs=5 * (0.24 / 2000) ** 0.5)
    assert behind[1] == pytest.approx(behind[2], abs=5 * 800**0.5)


@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.floats(-15, 12), st.integers(1, 255)),
        min_size=1,
        max_size=8,
    ),
    SEEDS,
)
@settings(max_examples=30)
def test_ink_hides_nothing(rows: list[tuple[int, float, int]], seed: int) -> None:
    """Against a loop over pixels, with places as the gaps say them."""
    parts: list[Part] = [
        (rng(width).integers(0, value + 1, (ROWS, width), dtype=np.uint8), gap)
        for width, gap, value in rows
    ]
    field = join(parts, rng(seed))
    place = rng(seed).uniform(2, 16)
    ends: list[int] = []
    expected: dict[tuple[int, int], int] = {}
    for columns, gap in parts:
        at = max(round(place), 0)
        for y, x in np.ndindex(columns.shape):
            value = int(columns[y, x])
            expected[y, at + x] = max(expected.get((y, at + x), 0), value)
        ends.append(at + columns.shape[1])
        place = ends[-1] + gap
    assert field.shape[0] == ROWS
    assert 2 <= field.shape[1] - max(ends) <= 16
    for y, x in np.ndindex(field.shape):
        assert field[y, x] == expected.get((y, x), 0)


@pytest.mark.parametrize(
    ("gap", "inked"), [(0.0, 10), (3.0, 13), (-2.0, 8), (-5.0, 5), (-40.0, 14)]
)
def test_gaps_by_hand(gap: float, inked: int) -> None:
    # Nine columns are in front; what would begin left of the field begins with it.
    field = join([(box(ROWS, 5), gap), (box(ROWS, 5, 90), 0.0)], fixed())
    columns = np.flatnonzero(field.any(axis=0))
    assert columns[-1] + 1 - columns[0] == inked
    assert (field == 200).sum() == 5 * ROWS


@pytest.mark.parametrize(
    ("before", "behind", "room"),
    [
        ({(9, 9): 200}, {(9, 0): 200}, 0),
        ({(9, 7): 200}, {(9, 1): 200}, 3),
        ({(9, 9): 200}, {(10, 0): 200}, 0),  # a row further down
        ({(9, 9): 200}, {(8, 2): 200}, 2),  # a row further up
        ({(9, 7): 200, (20, 8): 200}, {(9, 0): 200, (20, 1): 200}, 2),  # the nearest counts
        ({(9, 9): 200}, {(12, 0): 200}, 4),  # apart: half of the narrower
        ({(9, 9): 100, (9, 8): 101}, {(9, 0): 200}, 1),  # the rim of a stroke
        ({}, {(9, 0): 200}, 4),
        ({}, {}, 4),
    ],
)
def test_strokes_touch_by_hand(
    before: dict[tuple[int, int], int], behind: dict[tuple[int, int], int], room: int
) -> None:
    first, second = np.zeros((ROWS, 10), np.uint8), np.zeros((ROWS, 8), np.uint8)
    for columns, ink in ((first, before), (second, behind)):
        for pixel, value in ink.items():
            columns[pixel] = value
    apart = join([(first, 2.0), (second, 0.0)], fixed())
    field = join([(first, 2.0), (second, 0.0)], fixed(), strokes_touch=True)
    assert apart.shape[1] - field.shape[1] == room
    expected = np.zeros_like(field)
    expected[:, 9:19] = first
    at = 9 + 10 + 2 - room
    np.maximum(expected[:, at : at + 8], second, out=expected[:, at : at + 8])
    assert np.array_equal(field, expected)


@pytest.mark.parametrize(("kind", "touch"), [(0, True), (1, False), (2, False)])
def test_strokes_touch_where_digits_stand_closest(kind: int, touch: bool) -> None:
    class Spaced(Fixed):
        def choice(self, *_: Any, **__: Any) -> int:
            return kind

    spaced: Any = Spaced()
    corner = np.zeros((20, 12), np.uint8)  # an L, its neighbour a 7: apart but for the columns
    corner[:, 0] = corner[-1] = 200
    hook = corner[::-1, ::-1]
    field = amount([0, 1], [[corner], [hook]], spaced)
    parts: list[Part] = [
        (on_line(glyph, 0.99, BASELINE, spaced), random_gap(spaced)) for glyph in (corner, hook)
    ]
    assert np.array_equal(field, join(parts, spaced, strokes_touch=touch))
    assert field.shape != join(parts, spaced, strokes_touch=not touch).shape


def test_how_far_digits_stand_apart() -> None:
    random = rng(3)
    gaps = np.array([random_gap(random) for _ in range(4000)])
    assert gaps.min() >= -2.5
    assert gaps.max() <= 9
    # Touching 0.3 · 2.5 / 3.5; wide of more than 4 pixels 0.2 · 5 / 6
    assert (gaps < 0).mean() == pytest.approx(0.3 * 2.5 / 3.5, abs=0.033)
    assert (gaps > 4).mean() == pytest.approx(0.2 * 5 / 6, abs=0.03)


@given(
    st.integers(0, 6), st.integers(0, 6), st.integers(1, 8), st.integers(1, 8), st.integers(0, 5)
)
def test_what_is_cut_is_the_ink_alone(
    top: int, left: int, height: int, width: int, rim: int
) -> None:
    image = np.full((top + height + rim, left + width + 3), 40, np.uint8)
    ink = rng(top).integers(0, 256, (height, width), dtype=np.uint8)
    ink[0, 0] = ink[-1, -1] = 41
    image[top : top + height, left : left + width] = ink
    found = cut_to_ink(image)
    assert found is not None
    assert np.array_equal(found, ink)


@pytest.mark.parametrize(("value", "cut"), [(0, False), (40, False), (41, True), (255, True)])
def test_what_is_faint_is_no_ink(value: int, cut: bool) -> None:
    assert (cut_to_ink(np.full((3, 4), value, np.uint8)) is not None) == cut
