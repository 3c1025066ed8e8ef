"""Computes the error rate among the accepted answers, for any share of rejected answers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RejectCurve:
    """Counts the accepted and the wrong answers for each threshold on the confidence.

    The points run from few accepted answers to all.

    Parameters
    ----------
    thresholds
        Floating point ``[points]``, falling: answers of at least this confidence are accepted.
    accepted
        int64 ``[points]``: the number of accepted answers. The last point accepts all.
    wrong
        int64 ``[points]``: the number of wrong answers among the accepted.
    """

    thresholds: NDArray[np.floating[Any]]
    accepted: NDArray[np.int64]
    wrong: NDArray[np.int64]

    @property
    def rejected(self) -> NDArray[np.float64]:
        """The share of rejected answers, ``[points]``, falling to 0."""
        return 1 - self.accepted / self.accepted[-1]

    @property
    def error(self) -> NDArray[np.float64]:
        """The error rate among the accepted answers, ``[points]``."""
        return self.wrong / self.accepted


def reject_curve(confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_]) -> RejectCurve:
    """Compute the reject curve; answers of equal confidence are rejected together.

    Parameters
    ----------
    confidence
        Floating point ``[N]``, the confidence of each answer.
    correct
        bool ``[N]``, whether each answer is correct.

    Raises
    ------
    ValueError
        There are no answers, the shapes differ, or a confidence is NaN.

    Examples
    --------
    >>> curve = reject_curve(np.array([0.9, 0.5, 0.7]), np.array([True, False, True]))
    >>> curve.thresholds.tolist(), curve.accepted.tolist(), curve.wrong.tolist()
    ([0.9, 0.7, 0.5], [1, 2, 3], [0, 0, 1])
    """
    check_answers(confidence, correct)
    if np.isnan(confidence).any():
        raise ValueError("a confidence is NaN")
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    last = np.flatnonzero(np.append(ordered[:-1] != ordered[1:], True))
    wrong = np.cumsum(~correct[order], dtype=np.int64)
    return RejectCurve(ordered[last], last + 1, wrong[last])


def check_answers(confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_]) -> None:
    """Raise a ValueError unless there are answers, and a confidence for each of them."""
    if confidence.ndim != 1 or confidence.shape != correct.shape or len(correct) == 0:
        raise ValueError(f"{confidence.shape} confidences do not fit {correct.shape} answers")
