import re

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lenet.evaluation import Evaluation
from lenet.report.confidence import reject, reject_sentence, reliability, reliability_sentence
from lenet.report.png import png


def evaluation(confidence: list[float], right: list[int]) -> Evaluation:
    """Answer class 0 with the probabilities given."""
    first = np.array(confidence, np.float32)
    shares = np.stack([first, (1 - first) / np.float32(4)], axis=1)
    scores = np.tile(np.array([1, 0], np.float32), (len(right), 1))
    return Evaluation(("a", "b"), 1 - np.array(right), scores, shares)


CASES = {
    "one image": ([0.9], [1]),
    "one mistake": ([0.9], [0]),
    "all right": ([0.99] * 40, [1] * 40),
    "all wrong": ([0.7] * 40, [0] * 40),
    "far from every bitmap": ([0.0] * 40, [1] * 20 + [0] * 20),
    "certain": ([1.0] * 40, [1] * 39 + [0]),
    "ties": ([0.9] * 10 + [0.8] * 10, [1] * 10 + [0, 1] * 5),
    "two thousand": (np.linspace(0.2, 1, 2000).tolist(), [1, 0] * 500 + [1] * 1000),
}


@pytest.mark.parametrize("case", CASES)
def test_all_is_drawn(case: str) -> None:
    result = evaluation(*CASES[case])
    for draw in (reliability, reject):
        assert len(png(draw(result))) > 5000


def test_the_diagram_shows_its_bins() -> None:
    result = evaluation([0.25, 0.25, 0.9, 0.9, 0.9, 0.9], [0, 1, 1, 1, 1, 0])
    axes, below = reliability(result).axes
    points = axes.lines[-1].get_xydata()
    np.testing.assert_allclose(np.asarray(points), [[0.25, 0.5], [0.9, 0.75]], rtol=1e-6)
    bars = [one for one in below.patches if isinstance(one, Rectangle)]
    assert [bar.get_height() for bar in bars] == [2, 4]
    title = f"{(2 * 0.25 + 4 * 0.15) / 6:.2%}"
    assert title in axes.get_title()


def test_the_curve_is_the_evaluations_with_its_half_percent() -> None:
    right = [0] * 100 + [1] * 100 + [0] + [1] * 199
    result = evaluation(np.linspace(0.5, 1, 400).tolist(), right)
    assert result.rejected_at_half_percent == 0.25
    (axes,) = reject(result).axes
    line = np.asarray(axes.lines[0].get_xydata())
    curve = result.reject_curve
    np.testing.assert_allclose(
        line[:, 1], np.interp(-line[:, 0], -100 * curve.rejected, 100 * curve.error)
    )
    (point,) = (one for one in axes.lines if one.get_marker() == "o")
    np.testing.assert_allclose(np.asarray(point.get_xydata()), [[25, 100 / 300]])
    texts = " ".join(one.get_text() for one in axes.texts)
    assert "25.0% rejected" in texts
    assert "25.25% wrong with none rejected" in texts
    assert axes.get_xlim()[1] == 50


def test_where_half_a_percent_is_out_of_reach_it_is_not_marked() -> None:
    (axes,) = reject(evaluation(*CASES["all wrong"])).axes
    assert [one.get_text() for one in axes.texts] == ["100.00% wrong with none rejected"]


@pytest.mark.parametrize(
    ("confidence", "right", "said"),
    [
        (
            [0.75] * 4,
            [1, 1, 1, 0],
            r"^75\.0% of the answers are correct.* the two agree\.",
        ),
        (
            [1.0] * 4,
            [1, 1, 1, 0],
            r"confidence is 100\.0%: .* overconfident by 25\.0 percentage",
        ),
        ([0.5] * 4, [1, 1, 1, 0], r"50\.0%: .* underconfident by 25\.0 percentage"),
        (
            [0.5, 1.0],
            [1, 0],
            r"75\.0%: .* overconfident by 25\.0 .* differ by 75\.0 percentage",
        ),
    ],
)
def test_what_is_said_of_reliability(confidence: list[float], right: list[int], said: str) -> None:
    assert re.search(said, reliability_sentence(evaluation(confidence, right)))


@pytest.mark.parametrize(
    ("confidence", "right", "said"),
    [
        (
            [0.9] * 4,
            [1, 1, 1, 1],
            r"0\.00% of the answers are wrong\. .* no image has to be",
        ),
        ([0.9] * 4, [1, 1, 1, 0], r"25\.00% .* No threshold reaches an error rate of 0\.5%"),
        (
            [0.9] * 3 + [0.5],
            [1, 1, 1, 0],
            r"25\.00% .* If the 25\.0% .* are rejected, .*Figure 10",
        ),
    ],
)
def test_what_is_said_of_rejecting(confidence: list[float], right: list[int], said: str) -> None:
    assert re.search(said, reject_sentence(evaluation(confidence, right)))
