"""Saying "I do not know": how sure a classifier is, and how much it has to leave unanswered.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proc. IEEE 86(11), 1998, Figure 10: the share of test images to reject so that 0.5% of the others
are wrong, where the least sure are those whose two largest outputs differ least.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.calibration.reject_curve import reject_curve


def margin(scores: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return the difference of the two largest outputs for each image.

    Parameters
    ----------
    scores
        Floating point, ``[N, classes]``, larger for the likelier class.

    Returns
    -------
    ``[N]``, of the same type, never negative.

    Raises
    ------
    ValueError
        `scores` has not two dimensions, or fewer than two classes.
    """
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise ValueError(f"scores must be [N, classes] of two classes or more, not {scores.shape}")
    largest = np.partition(scores, -2, axis=1)
    return largest[:, -1] - largest[:, -2]


def rejected_for_error(
    confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_], error: float
) -> float | None:
    """Return the least share of images to reject so that few of the accepted are wrong.

    The least confident go first, and images of equal confidence go together: a threshold cannot
    tell them apart.

    Parameters
    ----------
    confidence
        Floating point ``[N]``, larger for the surer answer; for instance a `margin`.
    right
        bool ``[N]``, whether each answer is right.
    error
        The greatest share of wrong answers allowed among the accepted, 0 to 1.

    Returns
    -------
    From 0 (all may be accepted) to below 1; None if no accepted set that holds anything is good
    enough.

    Raises
    ------
    ValueError
        Not one confidence an answer, or a confidence that is not a number.
    """
    if len(right) == 0 and confidence.shape == right.shape:
        return None
    curve = reject_curve(confidence, right)
    # A quotient of whole numbers is rounded as a literal is: 29 of 100 is not above 0.29, though
    # it is above 0.29 * 100.
    enough = np.flatnonzero(curve.error <= error)
    if len(enough) == 0:
        return None
    # Of whole numbers for the same reason: 1 - 0.7 is not 0.3.
    return (len(right) - int(curve.accepted[enough[-1]])) / len(right)
