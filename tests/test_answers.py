import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from lenet.answers import Answer, accepted_error, answers
from lenet.calibration.calibration import UNCALIBRATED, Calibration
from lenet.errors import LenetError
from lenet.networks import Network, lenet_network

CLASSES = ("a", "b", "c", "d")
NETWORK = lenet_network(channels=(2, 3), hidden=(5,), classes=4)
LAST: Any = NETWORK.layers[-1]
# "none of these" has the score 0, as though it were a fifth class.
ASKING = dataclasses.replace(
    NETWORK, layers=(*NETWORK.layers[:-1], dataclasses.replace(LAST, rubbish=0.0))
)
FITTED = Calibration(thresholds=((0.002, 0.9), (0.01, 0.6), (0.05, 0.3)))


def answer(
    scores: list[float],
    network: Network = NETWORK,
    calibration: Calibration = UNCALIBRATED,
    error: float | None = None,
) -> Answer:
    table = np.log(np.array([scores], np.float32))
    (one,) = answers(network, CLASSES, calibration, table, error, np.array([False]))
    return one


def test_an_answer_computed_by_hand() -> None:
    one = answer([1, 5, 2, 2])
    assert (one.label, one.rejected, one.none) == ("b", False, None)
    assert one.probability == pytest.approx(0.5)
    assert [label for label, _ in one.top] == ["b", "c", "d"]  # equal ones in the classes' order
    assert [share for _, share in one.top] == pytest.approx([0.5, 0.2, 0.2])


def test_none_of_these_is_what_the_classes_leave() -> None:
    one = answer([1, 5, 2, 1], ASKING)
    assert one.none == pytest.approx(0.1)
    assert [share for _, share in one.top] == pytest.approx([0.5, 0.2, 0.1])


@pytest.mark.parametrize(
    ("error", "most_none", "rejected"),
    [
        (None, None, False),
        (0.05, None, False),  # 0.5 is at least 0.3
        (0.01, None, True),
        (0.02, None, True),  # the stricter of the two around it
        (None, 0.05, True),  # none of these: 0.1
        (None, 0.2, False),
        (0.05, 0.05, True),
    ],
)
def test_what_is_rejected(error: float | None, most_none: float | None, rejected: bool) -> None:
    calibration = dataclasses.replace(FITTED, most_none=most_none)
    assert answer([1, 5, 2, 1], ASKING, calibration, error).rejected is rejected


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 5), st.just(4)),
        elements=st.floats(-20, 20, width=32),
    )
)
def test_answers_are_the_softmax_sorted(scores: NDArray[np.float32]) -> None:
    found = answers(NETWORK, CLASSES, UNCALIBRATED, scores, None, np.zeros(len(scores), np.bool_))
    powers = np.exp(scores.astype(np.float64))
    for one, row in zip(found, powers / powers.sum(axis=1, keepdims=True), strict=True):
        assert [share for _, share in one.top] == pytest.approx(sorted(row)[:0:-1], abs=1e-5)
        assert one.probability == pytest.approx(row[CLASSES.index(one.label)], abs=1e-5)
        assert (one.label, one.probability) == one.top[0]


@pytest.mark.parametrize(
    ("calibration", "asked", "expected"),
    [
        (UNCALIBRATED, None, None),
        (FITTED, None, 0.01),
        (Calibration(thresholds=((0.05, 0.3),)), None, 0.05),  # none so small as 1%
        (FITTED, 0.002, 0.002),
        (FITTED, 0.5, 0.5),
    ],
)
def test_the_error_that_is_accepted(
    calibration: Calibration, asked: float | None, expected: float | None
) -> None:
    assert accepted_error(calibration, asked) == expected


@pytest.mark.parametrize(
    ("calibration", "asked", "message"),
    [
        (UNCALIBRATED, 0.01, "--validation 0.1"),
        (FITTED, 0.001, "0.1%"),
        (FITTED, 0.0, "between 0 and 1"),
        (FITTED, 1.0, "between 0 and 1"),
        (FITTED, float("nan"), "between 0 and 1"),
    ],
)
def test_an_error_that_cannot_be_had_is_said(
    calibration: Calibration, asked: float, message: str
) -> None:
    with pytest.raises(LenetError, match=message):
        accepted_error(calibration, asked)
