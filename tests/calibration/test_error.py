import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.calibration.error import expected_calibration_error, reliability


@pytest.mark.parametrize(
    ("confidence", "right", "bins", "error"),
    [
        ([1.0], [1], 15, 0.0),
        ([0.75], [1], 15, 0.25),
        ([0.75], [0], 15, 0.75),
        ([0.0], [0], 15, 0.0),
        ([0.0], [1], 15, 1.0),
        ([1.0] * 4, [1, 1, 1, 1], 15, 0.0),  # all right
        ([0.5] * 4, [0, 0, 0, 0], 15, 0.5),  # all wrong
        ([0.75] * 4, [1, 1, 1, 0], 15, 0.0),  # ties, exactly calibrated
        ([0.125, 0.875], [0, 1], 2, 0.125),
        ([0.125, 0.875], [1, 0], 2, 0.875),
        ([0.125, 0.875], [1, 0], 1, 0.0),  # one bin cannot tell them apart
        ([0.5, 0.625], [0, 1], 2, (0.5 + 0.375) / 2),  # 0.5 is in the lower bin
        ([0.25, 0.25, 0.25, 0.75], [0, 0, 0, 1], 2, (3 * 0.25 + 0.25) / 4),
    ],
)
def test_errors_by_hand(confidence: list[float], right: list[int], bins: int, error: float) -> None:
    found = expected_calibration_error(np.array(confidence), np.array(right, bool), bins)
    assert found == pytest.approx(error, abs=1e-15)


def test_bins_by_hand() -> None:
    found = reliability(np.array([0, 0.2, 0.25, 0.9, 1]), np.array([1, 0, 0, 1, 0], bool), 4)
    assert found.counts.tolist() == [3, 0, 0, 2]
    np.testing.assert_allclose(found.confidence, [0.15, np.nan, np.nan, 0.95])
    np.testing.assert_allclose(found.accuracy, [1 / 3, np.nan, np.nan, 0.5])
    assert found.excess == pytest.approx(2.35 / 5 - 2 / 5)


@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=60),
    st.integers(1, 20),
)
def test_equation_3_written_out(answers: list[tuple[float, bool]], bins: int) -> None:
    confidence = np.array([c for c, _ in answers], np.float32)
    right = np.array([ok for _, ok in answers])
    total = 0.0
    for m in range(1, bins + 1):
        inside = [
            (c, ok) for c, ok in answers if (m - 1) / bins < c <= m / bins or (m == 1 and c == 0)
        ]
        if inside:
            sure = sum(c for c, _ in inside) / len(inside)
            accuracy = sum(ok for _, ok in inside) / len(inside)
            total += len(inside) / len(answers) * abs(accuracy - sure)
    found = reliability(confidence, right, bins)
    assert found.error == pytest.approx(total, abs=1e-12)
    assert found.counts.sum() == len(answers)
    assert found.excess == pytest.approx(
        float(confidence.astype(float).mean()) - float(right.mean()), abs=1e-12
    )
    assert abs(found.excess) <= found.error + 1e-12


@pytest.mark.parametrize(
    ("confidence", "right"),
    [
        ([], []),
        ([0.5], [1, 0]),
        ([[0.5]], [[1]]),
        ([np.nan], [1]),
        ([np.inf], [1]),
        ([-0.1], [1]),
        ([1.1], [1]),
    ],
)
def test_what_is_no_probability_is_refused(confidence: list[float], right: list[int]) -> None:
    with pytest.raises(ValueError, match="confidence"):
        expected_calibration_error(np.array(confidence, float), np.array(right, bool))
