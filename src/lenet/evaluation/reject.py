"""Computes a classifier's margins, and how many images to reject for a wanted error rate.

A margin is the difference of the two largest outputs for an image. Source: LeCun, Bottou, Bengio,
Haffner, "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE 86(11), 1998, Figure
10: the share of test images to reject so that 0.5% of the others are wrong. The images with the
smallest margins are rejected.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.calibration.reject_curve import reject_curve

REJECT_ERROR = 0.005
"""The error rate among the accepted for which the paper's Figure 10 counts rejections."""


def margin(scores: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return the difference of the two largest outputs for each image.

    Parameters
    ----------
    scores
        Floating point, ``[N, classes]``, larger for the more probable class.

    Returns
    -------
    ``[N]``, of the same dtype, never negative.

    Raises
    ------
    ValueError
        `scores` does not have two dimensions, or has fewer than two classes.

    Examples
    --------
    >>> margin(np.array([[0.5, 3.0, 1.0], [2.0, 2.0, 0.0]])).tolist()
    [2.0, 0.0]
    """
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ValueError(f"scores must be [N, classes] of two classes or more, not {scores.shape}")
    largest = np.partition(scores, -2, axis=1)
    return largest[:, -1] - largest[:, -2]


def rejected_for_error(
    confidence: NDArray[np.floating[Any]], correct: NDArray[np.bool_], error: float
) -> float | None:
    """Return the smallest share of images to reject for an error rate among the accepted.

    The images of least confidence are rejected first. Images of equal confidence are rejected
    together, because no threshold separates them.

    Parameters
    ----------
    confidence
        Floating point ``[N]``, for instance a `margin`.
    correct
        bool ``[N]``, whether each answer is correct.
    error
        The highest error rate allowed among the accepted, 0 to 1.

    Returns
    -------
    From 0 to below 1; None if every threshold that accepts an image leads to a higher error rate.

    Raises
    ------
    ValueError
        The shapes differ, or a confidence is NaN.

    Examples
    --------
    >>> confidence, correct = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True])
    >>> rejected_for_error(confidence, correct, 0.1)  # reject the two of least confidence
    0.5
    """
    if len(correct) == 0 and confidence.shape == correct.shape:
        return None
    curve = reject_curve(confidence, correct)
    # The quotient of whole numbers is rounded like the literal `error`: 29 / 100 <= 0.29 holds,
    # but 29 <= 0.29 * 100 does not.
    enough = np.flatnonzero(curve.error <= error)
    if len(enough) == 0:
        return None
    # Also a quotient of whole numbers, because 1 - 0.7 is not 0.3.
    return (len(correct) - int(curve.accepted[enough[-1]])) / len(correct)
