"""Signs between digits: by hand, what each looks like, wherever chance puts its strokes."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lenet.synthesis.separators import BASELINE, ROWS, SIGNS, separator

MANY = range(200)

# The rows that ink may be in, and the least and the greatest width.
FRAMES = {
    ".": (22, 30, 2, 6),
    ",": (20, 32, 2, 10),
    "-": (7, 25, 5, 20),
    "=": (3, 28, 6, 20),
    "~": (2, 31, 1, 16),
    "/": (2, 30, 5, 15),
    "#": (3, 29, 11, 18),
    "*": (5, 26, 6, 12),
    "$": (2, 30, 8, 13),
}


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def inside(sign: str, seed: int) -> NDArray[np.bool_]:
    """Return where a sign's strokes are at least half covered by ink."""
    image = separator(sign, rng(seed))
    return image > image.max() / 2


def pieces(line: NDArray[np.bool_]) -> int:
    """How many runs of ink there are along a row or a column."""
    return int(np.count_nonzero(np.diff(line.astype(np.int8), prepend=0) == 1))


def middles(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean column of each row's ink, of the rows that have any."""
    return np.array([np.flatnonzero(row).mean() for row in rows if row.any()])


def test_every_sign_has_a_frame() -> None:
    assert set(FRAMES) == set(SIGNS)


@pytest.mark.parametrize("sign", FRAMES)
def test_signs_have_ink_in_their_place_and_nowhere_else(sign: str) -> None:
    top, bottom, narrow, wide = FRAMES[sign]
    darkest: list[int] = []
    for seed in MANY:
        image = separator(sign, rng(seed))
        assert image.dtype == np.uint8
        assert image.shape[0] == ROWS
        assert narrow <= image.shape[1] <= wide
        rows = np.flatnonzero(image.any(axis=1))
        assert top <= rows[0]
        assert rows[-1] < bottom
        # Cut to its width: more than a rim at both edges, before it was made lighter.
        assert min(image[:, 0].max(), image[:, -1].max()) >= 0.6 * 40
        darkest.append(int(image.max()))
    assert min(darkest) >= 0.6 * 255 * 0.7  # a pen of 1.6 pixels need not fill one
    assert max(darkest) > 240


@pytest.mark.parametrize("sign", FRAMES)
def test_chance_alone_says_how_a_sign_looks(sign: str) -> None:
    first, again = separator(sign, rng(1)), separator(sign, rng(1))
    assert np.array_equal(first, again)
    assert len({separator(sign, rng(seed)).tobytes() for seed in range(20)}) == 20


def test_a_dash_is_one_level_stroke_and_equals_are_two() -> None:
    joined = 0
    for seed in MANY:
        dash = inside("-", seed)
        assert all(pieces(column) == 1 for column in dash.T[1:-1])
        assert np.ptp(np.flatnonzero(dash.any(axis=1))) < 9
        equals = inside("=", seed)
        counts = [pieces(column) for column in equals.T]
        assert max(counts) >= 2 or np.ptp(np.flatnonzero(equals.any(axis=1))) < 9
        joined += 3 in counts or counts[-1] == 1
    assert 20 < joined < 150  # now and then in one go


def test_a_slash_leans_to_the_right_from_line_to_top() -> None:
    for seed in MANY:
        across = middles(inside("/", seed))
        assert len(across) >= 15
        assert across[0] - across[-1] > 3
        assert (np.diff(across) <= 1).all()


def test_points_stand_on_the_line_and_commas_hang_below_it() -> None:
    hanging = 0
    for seed in MANY:
        dot, comma = inside(".", seed), inside(",", seed)
        assert np.flatnonzero(dot.any(axis=1))[-1] <= BASELINE + 3
        assert dot.sum() < 30
        down = np.flatnonzero(comma.any(axis=1))
        hanging += bool(down[-1] > BASELINE)
        across = middles(comma)
        assert across[-1] <= across[0] + 0.5  # to the left
    assert hanging > len(MANY) / 2


def test_a_hash_has_two_strokes_each_way() -> None:
    for seed in MANY:
        image = inside("#", seed)
        assert 2 in [pieces(row) for row in image]
        assert max(pieces(column) for column in image.T) >= 2
        level = image.sum(axis=1)
        assert level.max() > 1.6 * np.median(level[level > 0])


def test_a_star_is_as_high_as_wide_around_its_middle() -> None:
    for seed in MANY:
        star = inside("*", seed)
        rows, columns = np.nonzero(star)
        y, x = rows - rows.mean(), columns - columns.mean()
        assert np.hypot(y, x).max() < 3.5 + 1.8 + 1
        assert abs(np.ptp(rows) - np.ptp(columns)) <= 2
        assert np.hypot(y, x).min() < 1.2  # all rays meet there


def test_a_dollar_is_an_s_with_a_bar_from_top_to_bottom() -> None:
    for seed in MANY:
        image = inside("$", seed)
        assert image[5:27].any(axis=1).all()
        # The S begins at the upper right, ends at the lower left.
        assert middles(image[9:10])[0] > middles(image[22:24]).min()
        assert np.ptp(np.flatnonzero(image[5])) <= 4


def test_flourishes_go_anywhere() -> None:
    images: list[Any] = [inside("~", seed) for seed in MANY]
    heights = [int(np.ptp(np.flatnonzero(image.any(axis=1)))) + 1 for image in images]
    widths = [image.shape[1] for image in images]
    assert np.std(heights) > 2
    assert np.std(widths) > 2
    assert all(image.any() for image in images)


@pytest.mark.parametrize("sign", ["", "%", "..", "7"])
def test_a_sign_nobody_knows_is_no_sign(sign: str) -> None:
    with pytest.raises(ValueError, match="is none of"):
        separator(sign, rng(0))
