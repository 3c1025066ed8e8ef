import numpy as np
import pytest

from lenet.calibration.calibration import UNCALIBRATED, Calibration
from lenet.calibration.interval import wilson_interval
from lenet.errors import LenetError
from lenet.evaluation import Evaluation
from lenet.evaluation.accepted_errors import accepted

PROBABILITIES = np.array([[0.875, 0], [0.5, 0.25], [0.25, 0.5], [0.5, 0.5]], np.float32)
RESULT = Evaluation(("a", "b"), np.array([0, 0, 0, 1]), PROBABILITIES, PROBABILITIES)


@pytest.mark.parametrize(
    ("least", "most_none", "kept", "wrong"),
    [
        (0.9, None, 0, 0),
        (0.875, None, 1, 0),
        (0.5, None, 4, 2),
        (0.5, 0.125, 2, 1),
        (0.0, 0.25, 4, 2),
        (0.5, 0.0, 1, 1),
    ],
)
def test_counts_by_hand(least: float, most_none: float | None, kept: int, wrong: int) -> None:
    found = accepted(RESULT, Calibration(1.0, ((0.01, least),), most_none), 0.02)
    assert (found.images, found.accepted, found.wrong) == (4, kept, wrong)
    assert found.rejected == 1 - kept / 4
    assert found.error == (wrong / kept if kept else None)
    assert found.interval == (wilson_interval(wrong, kept) if kept else None)


def test_without_thresholds() -> None:
    with pytest.raises(LenetError, match="does not know when to reject"):
        accepted(RESULT, UNCALIBRATED, 0.01)
