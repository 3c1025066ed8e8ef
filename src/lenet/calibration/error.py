"""Whether a network that says 90% is right nine times out of ten.

Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017,
section 2: reliability diagrams, and the expected calibration error (equation 3).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""As in the paper's tables."""


@dataclass(frozen=True)
class Reliability:
    """Answers sorted by confidence into bins of equal width, the first from 0, the last up to 1.

    Parameters
    ----------
    counts
        int64 ``[bins]``, how many answers.
    confidence
        float64 ``[bins]``, the mean confidence of each bin's answers; NaN where there are none.
    accuracy
        float64 ``[bins]``, the share of them that is right; NaN where there are none.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error, 0 to 1.

        How far confidence and accuracy are apart in a bin, on average over the answers.
        """
        filled = self.counts > 0
        apart = np.abs(self.accuracy - self.confidence)[filled]
        return float(np.average(apart, weights=self.counts[filled]))

    @property
    def excess(self) -> float:
        """By how much the mean confidence is above the accuracy, -1 to 1; below it is negative."""
        filled = self.counts > 0
        apart = (self.confidence - self.accuracy)[filled]
        return float(np.average(apart, weights=self.counts[filled]))


def reliability(
    confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_], bins: int = BINS
) -> Reliability:
    """Sort answers into bins.

    Parameters
    ----------
    confidence
        Floating point ``[N]``, 0 to 1: the probability of each answer.
    right
        bool ``[N]``, whether each answer is right.
    bins
        How many; bin m holds confidences above ``(m - 1) / bins`` up to ``m / bins``, and the first
        holds 0 too.

    Raises
    ------
    ValueError
        No answers, not one confidence an answer, or a confidence that is no probability.
    """
    if confidence.ndim != 1 or confidence.shape != right.shape or len(right) == 0:
        raise ValueError(f"{confidence.shape} confidences for {right.shape} answers")
    if not ((confidence >= 0) & (confidence <= 1)).all():  # NaN fails too
        raise ValueError("a confidence is no number from 0 to 1")
    sure = confidence.astype(np.float64)
    places = np.maximum(np.searchsorted(np.arange(bins + 1) / bins, sure, side="left") - 1, 0)
    counts = np.bincount(places, minlength=bins)
    some = np.where(counts > 0, counts, np.nan)
    return Reliability(
        counts,
        np.bincount(places, sure, minlength=bins) / some,
        np.bincount(places, right, minlength=bins) / some,
    )


def expected_calibration_error(
    confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_], bins: int = BINS
) -> float:
    """Return `Reliability.error` of answers; arguments and errors as `reliability`."""
    return reliability(confidence, right, bins).error
