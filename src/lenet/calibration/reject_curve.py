"""What rejecting buys: the error among the accepted answers, for any share rejected."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RejectCurve:
    """One point for each threshold that tells answers apart, from few accepted to all.

    Parameters
    ----------
    thresholds
        Floating point ``[points]``, falling: answers of at least this confidence are accepted.
    accepted
        int64 ``[points]``, how many they are; the last is all of them.
    wrong
        int64 ``[points]``, how many of the accepted are wrong.
    """

    thresholds: NDArray[np.floating[Any]]
    accepted: NDArray[np.int64]
    wrong: NDArray[np.int64]

    @property
    def rejected(self) -> NDArray[np.float64]:
        """Share of the answers rejected, falling to 0."""
        return 1 - self.accepted / self.accepted[-1]

    @property
    def error(self) -> NDArray[np.float64]:
        """Share of wrong answers among the accepted."""
        return self.wrong / self.accepted


def reject_curve(confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_]) -> RejectCurve:
    """Compute the curve; answers of equal confidence are accepted or rejected together.

    Parameters
    ----------
    confidence
        Floating point ``[N]``, larger for the surer answer.
    right
        bool ``[N]``, whether each answer is right.

    Raises
    ------
    ValueError
        No answers, not one confidence an answer, or a confidence that is not a number.
    """
    if confidence.ndim != 1 or confidence.shape != right.shape or len(right) == 0:
        raise ValueError(f"{confidence.shape} confidences for {right.shape} answers")
    if np.isnan(confidence).any():
        raise ValueError("a confidence is not a number")
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    last = np.flatnonzero(np.append(ordered[:-1] != ordered[1:], True))
    wrong = np.cumsum(~right[order], dtype=np.int64)
    return RejectCurve(ordered[last], last + 1, wrong[last])
