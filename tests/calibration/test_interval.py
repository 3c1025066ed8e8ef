from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.calibration.interval import wilson_interval


@pytest.mark.parametrize(
    ("wrong", "count", "low", "high"),
    [
        # z² / n and z² / (n + z²), with z² = 3.8414588: what is left of the formula at the ends.
        (0, 10, 0.0, 3.8414588 / 13.8414588),
        (10, 10, 10 / 13.8414588, 1.0),
        (1, 1, 1 / 4.8414588, 1.0),
        # (0.5 ± sqrt(0.25 z²/n + z⁴/4n²) / (1 + z²/n)): the middle stays in the middle.
        (50, 100, 0.5 - 0.0961685, 0.5 + 0.0961685),
    ],
)
def test_values_by_hand(wrong: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(wrong, count) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(("wrong", "count"), [(0, 7), (1, 20), (95, 10_000), (10_000, 10_000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_scipy_says_the_same(wrong: int, count: int, confidence: float) -> None:
    stats: Any = pytest.importorskip("scipy.stats")
    theirs = stats.binomtest(wrong, count).proportion_ci(confidence, method="wilson")
    assert wilson_interval(wrong, count, confidence) == pytest.approx(
        (theirs.low, theirs.high), abs=1e-12
    )


@given(st.integers(1, 100_000), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_ends_lie_z_standard_errors_from_the_share(
    count: int, data: st.DataObject, confidence: float
) -> None:
    """The interval's definition: |share - p| = z * sqrt(p (1 - p) / n) at both ends p."""
    wrong = data.draw(st.integers(0, count))
    z = {0.5: 0.6744897502, 0.9: 1.6448536270, 0.95: 1.9599639845, 0.99: 2.5758293035}[confidence]
    low, high = wilson_interval(wrong, count, confidence)
    assert 0 <= low <= wrong / count <= high <= 1
    for end in (low, high):
        error = z * sqrt(end * (1 - end) / count)
        assert abs(wrong / count - end) == pytest.approx(error, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "count", "confidence"),
    [(-1, 10, 0.95), (11, 10, 0.95), (0, 0, 0.95), (1, 10, 0.0), (1, 10, 1.0), (1, 10, 95)],
)
def test_what_is_no_share_is_refused(wrong: int, count: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="of "):
        wilson_interval(wrong, count, confidence)
