import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.calibration.reject_curve import reject_curve
from lenet.evaluation.reject import rejected_for_error


@pytest.mark.parametrize(
    ("confidence", "right", "thresholds", "accepted", "wrong"),
    [
        ([0.5], [1], [0.5], [1], [0]),
        ([0.5], [0], [0.5], [1], [1]),
        ([1, 3, 2], [0, 1, 1], [3, 2, 1], [1, 2, 3], [0, 0, 1]),
        ([2, 2, 2], [0, 1, 0], [2], [3], [2]),  # ties go together
        ([3, 1, 3], [1, 0, 0], [3, 1], [2, 3], [1, 2]),
        ([np.inf, -np.inf], [1, 0], [np.inf, -np.inf], [1, 2], [0, 1]),
        ([0, 0, 0], [1, 1, 1], [0], [3], [0]),
    ],
)
def test_curves_by_hand(
    confidence: list[float],
    right: list[int],
    thresholds: list[float],
    accepted: list[int],
    wrong: list[int],
) -> None:
    curve = reject_curve(np.array(confidence, float), np.array(right, bool))
    assert curve.thresholds.tolist() == thresholds
    assert curve.accepted.tolist() == accepted
    assert curve.wrong.tolist() == wrong
    assert curve.rejected[-1] == 0
    assert curve.error[-1] == pytest.approx(1 - np.mean(right))


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.005, 0.1, 0.25, 1 / 3, 0.5, 1.0]),
)
def test_its_last_point_below_an_error_is_what_to_reject_for_it(
    answers: list[tuple[int, bool]], error: float
) -> None:
    confidence = np.array([c for c, _ in answers], np.float32)
    right = np.array([ok for _, ok in answers])
    curve = reject_curve(confidence, right)
    for threshold, count, wrong in zip(curve.thresholds, curve.accepted, curve.wrong, strict=True):
        kept = confidence >= threshold
        assert (np.count_nonzero(kept), np.count_nonzero(kept & ~right)) == (count, wrong)
    good = curve.rejected[curve.error <= error]
    expected = rejected_for_error(confidence, right, error)
    assert (None if len(good) == 0 else pytest.approx(good[-1])) == expected


@pytest.mark.parametrize(
    ("confidence", "right"), [([], []), ([1.0], [1, 0]), ([[1.0]], [[1]]), ([np.nan], [1])]
)
def test_what_makes_no_sense_is_refused(confidence: list[float], right: list[int]) -> None:
    with pytest.raises(ValueError, match="confidence"):
        reject_curve(np.array(confidence, float), np.array(right, bool))
