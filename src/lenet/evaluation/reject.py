"""Saying "I do not know": how sure a classifier is, and how much it has to leave unanswered.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proc. IEEE 86(11), 1998, Figure 10: the share of test images to reject so that 0.5% of the others
are wrong, where the least sure are those whose two largest outputs differ least.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


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
    count = len(right)
    if confidence.shape != right.shape or confidence.ndim != 1:
        raise ValueError(f"{confidence.shape} confidences for {right.shape} answers")
    if np.isnan(confidence).any():
        raise ValueError("a confidence is not a number")
    if count == 0:
        return None
    order = np.argsort(-confidence)
    ordered = confidence[order]
    wrong = np.cumsum(~right[order])
    accepted = np.arange(1, count + 1)
    # A quotient of whole numbers is rounded as a literal is: 29 of 100 is not above 0.29, though
    # it is above 0.29 * 100.
    enough = wrong / accepted <= error
    enough[:-1] &= ordered[:-1] != ordered[1:]
    if not enough.any():
        return None
    return (count - int(accepted[enough][-1])) / count
