import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.pictures.types import Images
from lenet.synthesis.paper import on_paper

SEEDS = st.integers(0, 2**32 - 1)
BLANK = np.zeros((32, 60), np.uint8)


def written(rows: int, columns: int, seed: int) -> Images:
    return np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)


def on_many(ink: Images, count: int = 600) -> list[Images]:
    return [on_paper(ink, np.random.default_rng(seed)) for seed in range(count)]


@given(st.integers(1, 40), st.integers(1, 90), SEEDS)
def test_the_same_size_and_the_given_ink_stays(rows: int, columns: int, seed: int) -> None:
    ink = written(rows, columns, seed)
    before = ink.copy()
    first, again = (on_paper(ink, np.random.default_rng(seed)) for _ in range(2))
    assert first.shape == ink.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert np.array_equal(ink, before)


@given(SEEDS)
def test_where_more_ink_is_no_less_comes_out(seed: int) -> None:
    less, other = written(32, 50, seed), written(32, 50, seed + 1)
    found = on_paper(less, np.random.default_rng(seed))
    assert (on_paper(np.maximum(less, other), np.random.default_rng(seed)) >= found).all()


def test_paper_darkens_full_ink_hardly() -> None:
    full = np.full((32, 60), 255, np.uint8)
    assert min(int(field.min()) for field in on_many(full, 200)) >= 230


def test_clean_paper_is_as_frequent_as_its_three_marks_allow() -> None:
    clean = sum(np.array_equal(field, BLANK) for field in on_many(BLANK, 1500)) / 1500
    # 5 deviations of a share of 0.65 · 0.7 · 0.75 of 1500
    assert clean == pytest.approx(0.341, abs=0.061)


def test_a_line_runs_all_across_below_the_digits_or_above() -> None:
    low = high = 0
    for field in on_many(BLANK):
        # A line is what is darker than waves and grain together can be.
        lined = np.flatnonzero((field >= 100).any(axis=0))
        if len(lined) < 60 or (field > 0).mean() > 0.12:
            continue  # none, or not alone
        rows = field.argmax(axis=0).astype(np.int64)
        assert np.abs(np.diff(rows)).max() <= 1
        assert (rows > 18).all() or (rows < 12).all()
        low, high = low + bool(rows[0] > 18), high + bool(rows[0] < 12)
    assert low > high > 0


def test_waves_have_a_direction_and_grain_has_none() -> None:
    """A field of waves is like itself one step along them; a field of grain is not."""
    alike: list[float] = []
    for field in on_many(BLANK):
        if (field > 0).mean() > 0.2:
            plane = field.astype(np.float64)
            steps = [(plane[:, 1:], plane[:, :-1]), (plane[1:], plane[:-1])]
            alike.append(max(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in steps))
    values = np.array(alike)
    assert (values > 0.8).sum() > 50
    assert (np.abs(values) < 0.15).sum() > 50
