import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.evaluation.reject import margin, rejected_for_error


def test_margins_by_hand() -> None:
    scores = np.array([[3, 1, 2.5], [0, 0, -1], [-5, -1, -9], [np.inf, 2, 1]])
    assert margin(scores).tolist() == [0.5, 0, 4, np.inf]
    assert margin(scores.astype(np.float32)).dtype == np.float32
    assert margin(np.array([[0.25, 1.0]])).tolist() == [0.75]


@pytest.mark.parametrize("shape", [(3,), (3, 1), (2, 2, 2)])
def test_a_margin_takes_two_classes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="two classes or more"):
        margin(np.zeros(shape))


@pytest.mark.parametrize(
    ("confidence", "right", "error", "rejected"),
    [
        ([4, 3, 2, 1], [1, 1, 1, 1], 0.0, 0.0),
        ([4, 3, 2, 1], [1, 1, 1, 0], 0.0, 0.25),
        ([4, 3, 2, 1], [1, 1, 1, 0], 0.25, 0.0),
        ([4, 3, 2, 1], [1, 1, 1, 0], 0.24, 0.25),
        ([4, 3, 2, 1], [1, 0, 1, 1], 0.25, 0.0),  # more accepted right answers make up for one
        ([4, 3, 2, 1], [1, 0, 1, 1], 0.2, 0.75),
        ([1, 2, 3, 4], [1, 1, 0, 1], 0.2, 0.75),  # in whatever order they come
        ([4, 3, 3, 1], [1, 1, 0, 1], 0.0, 0.75),  # equals go together, the right one too
        ([3, 3, 3, 3], [1, 1, 1, 0], 0.2, None),
        ([4, 3, 2, 1], [0, 1, 1, 1], 0.2, None),  # the surest is wrong
        ([4, 3, 2, 1], [0, 0, 0, 0], 1.0, 0.0),
        ([np.inf, np.inf, -np.inf], [1, 1, 0], 0.0, 1 / 3),
        ([0.5], [1], 0.0, 0.0),
        ([0.5], [0], 0.5, None),
        ([], [], 0.5, None),
    ],
)
def test_cases_by_hand(
    confidence: list[float], right: list[int], error: float, rejected: float | None
) -> None:
    found = rejected_for_error(np.array(confidence, float), np.array(right, bool), error)
    assert found == rejected


@pytest.mark.parametrize("error", [0.07, 0.29, 0.57])
def test_an_error_met_exactly_is_met(error: float) -> None:
    """0.29 * 100 is below 29 in floating point."""
    right = np.arange(100) >= round(100 * error)
    assert rejected_for_error(np.arange(100.0), right, error) == 0
    assert rejected_for_error(-np.arange(100.0), right, error) == 0
    assert rejected_for_error(np.arange(100.0), right, np.nextafter(error, 0)) == 0.01


def by_trying(confidence: list[int], right: list[bool], error: float) -> float | None:
    """Try every threshold."""
    shares: list[float] = []
    for threshold in confidence:
        kept = [ok for c, ok in zip(confidence, right, strict=True) if c >= threshold]
        if kept.count(False) / len(kept) <= error:
            shares.append((len(right) - len(kept)) / len(right))
    return min(shares, default=None)


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.booleans()), max_size=30),
    st.sampled_from([0.0, 0.005, 0.1, 0.25, 1 / 3, 0.5, 1.0]),
)
def test_no_threshold_does_better(answers: list[tuple[int, bool]], error: float) -> None:
    confidence, right = [c for c, _ in answers], [ok for _, ok in answers]
    found = rejected_for_error(np.array(confidence, np.float32), np.array(right, bool), error)
    assert found == by_trying(confidence, right, error)


@pytest.mark.parametrize(
    ("confidence", "right"), [([1.0], [True, False]), ([[1.0]], [[True]]), ([np.nan], [True])]
)
def test_what_makes_no_sense_is_refused(confidence: list[float], right: list[bool]) -> None:
    with pytest.raises(ValueError, match="confidence"):
        rejected_for_error(np.array(confidence), np.array(right), 0.1)
