"""Computes reliability diagrams and the expected calibration error.

Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section
2 and equation 3.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.calibration.reject_curve import check_answers

BINS = 15
"""The number of bins in the paper's tables."""


@dataclass(frozen=True)
class Reliability:
    """Confidence and accuracy in bins of equal width, from 0 to 1.

    Parameters
    ----------
    counts
        int64 ``[bins]``: the number of answers in each bin.
    confidence, accuracy
        float64 ``[bins]``: the mean confidence and the accuracy; NaN in an empty bin.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error, 0 to 1.

        This is the mean difference between confidence and accuracy, weighted by the counts.
        """
        return self._mean(np.abs(self.accuracy - self.confidence))

    @property
    def excess(self) -> float:
        """The mean confidence minus the accuracy, -1 to 1; above 0 the network is too confident."""
        return self._mean(self.confidence - self.accuracy)

    def _mean(self, values: NDArray[np.float64]) -> float:
        filled = self.counts > 0
        return float(np.average(values[filled], weights=self.counts[filled]))


def reliability(
    confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_], bins: int = BINS
) -> Reliability:
    """Sort answers into bins by their confidence.

    Parameters
    ----------
    confidence
        Floating point ``[N]``, 0 to 1, the probability of each answer.
    correct
        bool ``[N]``, whether each answer is correct.
    bins
        The number of bins. Bin m holds confidences above ``(m - 1) / bins``, up to ``m / bins``;
        the first bin also holds 0.

    Raises
    ------
    ValueError
        There are no answers, the shapes differ, or a confidence is not from 0 to 1.
    """
    check_answers(confidence, correct)
    if not ((confidence >= 0) & (confidence <= 1)).all():  # also raises for NaN
        raise ValueError("a confidence is not from 0 to 1")
    exact = confidence.astype(np.float64)
    places = np.maximum(np.searchsorted(np.arange(bins + 1) / bins, exact, side="left") - 1, 0)
    counts = np.bincount(places, minlength=bins)
    divisors = np.where(counts > 0, counts, np.nan)
    return Reliability(
        counts,
        np.bincount(places, exact, minlength=bins) / divisors,
        np.bincount(places, correct, minlength=bins) / divisors,
    )


def expected_calibration_error(
    confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_], bins: int = BINS
) -> float:
    """Return the expected calibration error; arguments and errors as for `reliability`.

    Examples
    --------
    >>> round(expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False])), 3)
    0.4
    """
    return reliability(confidence, correct, bins).error
