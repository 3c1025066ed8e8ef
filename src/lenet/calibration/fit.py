"""Make a network's confidence mean something, by images that it was not trained on.

Thresholds come from counting. Of smoother ways (logistic regression of mistakes on confidence or
its rank, isotonic regression, the mean of calibrated probabilities) the best came some 15% closer
to the error asked for on ReLU networks, and missed it by half on LeNet-5 of 1998, whose confidence
has another shape.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.calibration.calibration import UNCALIBRATED, Calibration, none_of_these
from lenet.calibration.error import expected_calibration_error
from lenet.calibration.reject_curve import reject_curve
from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks.network import Network

ERRORS = (
    0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2,
)  # fmt: skip
"""Shares of wrong answers that thresholds are fitted for."""
SHARE_OF_NONE = 0.002
"""Share of held-out images of the classes that may be taken for none of them."""

_COLDEST, _HOTTEST = 0.01, 100.0
# No wrong answer among n says at 95% confidence that their share is below 3/n, and no less.
_RULE_OF_THREE = 3


def calibrate(
    network: Network, scores: Floats, labels: NDArray[np.int64], negatives: bool = False
) -> Calibration:
    """Fit all that a `Calibration` holds.

    Of a network with a class for images of none of its classes the temperature is kept only if it
    brings confidence closer to accuracy (by the expected calibration error on the same images).

    Parameters
    ----------
    network
        The network that gave the scores.
    scores
        float32 ``[N, classes]``: its scores of images that took no part in training.
    labels
        int64 ``[N]``: the class of each image.
    negatives
        True if the network was also trained on images of none of the classes. Then
        `Calibration.most_none` is fitted too.

    Raises
    ------
    LenetError
        Scores that are not finite, or `negatives` for a network without a class "none".
    """
    if negatives and network.rubbish is None:
        raise LenetError(f"network {network.name!r} has no class for images of none of its classes")
    right = scores.argmax(axis=1) == labels
    calibration = Calibration(fit_temperature(network, scores, labels))
    if network.rubbish is not None:
        # Where many images pass for none of the classes, as with the Gaussian outputs of 1998, one
        # temperature for all can be the likeliest and leave nothing certain.
        calibration = min(
            (calibration, UNCALIBRATED),
            key=lambda one: expected_calibration_error(
                one.probabilities(network, scores).max(axis=1), right
            ),
        )
    shares = calibration.probabilities(network, scores)
    most_none = fit_most_none(none_of_these(shares)) if negatives else None
    calibration = replace(calibration, most_none=most_none)
    answered = ~calibration.rejected(shares, None)
    thresholds = fit_thresholds(shares.max(axis=1)[answered], right[answered])
    return replace(calibration, thresholds=thresholds)


def fit_temperature(network: Network, scores: Floats, labels: NDArray[np.int64]) -> float:
    """Return the temperature that makes held-out labels the likeliest, 0.01 to 100.

    It minimises the negative log likelihood of ``softmax(scores / T)``, where "none of the classes"
    takes part with its own score where the network has it (Guo et al. 2017, section 4.2). Each
    label counts as ``(n + 1) / (n + 2)`` of an image, the rest being spread over the other classes,
    so that n right answers do not make certainty (Platt, "Probabilistic Outputs for Support Vector
    Machines", Advances in Large Margin Classifiers, 1999, section 2.2).

    Parameters
    ----------
    scores
        ``[N, classes]``, finite.
    labels
        int64 ``[N]``.

    Raises
    ------
    LenetError
        Scores that are not finite.
    """
    if not np.isfinite(scores).all():
        raise LenetError("the network's scores are not all numbers, so they cannot be calibrated")
    exact = scores.astype(np.float64)
    count, classes = exact.shape
    right = exact[np.arange(count), labels]
    doubt = 1 / (count + 2) if classes > 1 else 0.0
    others = (exact.sum(axis=1) - right) / max(classes - 1, 1)
    wanted = (1 - doubt) * right + doubt * others
    if network.rubbish is not None:
        exact = np.concatenate([exact, np.full((count, 1), -network.rubbish)], axis=1)
    greatest = exact.max(axis=1)
    exact -= greatest[:, None]
    wanted -= greatest

    def slope(temperature: float) -> float:
        powers = np.exp(exact / temperature)
        powers /= powers.sum(axis=1, keepdims=True)
        return (float((powers * exact).sum()) - float(wanted.sum())) / count

    # The likelihood's slope by 1/T only rises with 1/T, so its one zero lies between.
    cold, hot = _COLDEST, _HOTTEST
    while hot / cold > 1 + 1e-9:
        middle = float(np.sqrt(cold * hot))
        if slope(middle) > 0:
            cold = middle
        else:
            hot = middle
    return float(np.sqrt(cold * hot))


def fit_thresholds(
    confidence: NDArray[np.floating[Any]],
    right: NDArray[np.bool_],
    errors: tuple[float, ...] = ERRORS,
) -> tuple[tuple[float, float], ...]:
    """Return pairs ``(error, least confidence)``, as `Calibration.thresholds` has them.

    Each accepts as many answers as it can with at most that share of wrong ones, where one more
    wrong answer is counted than there was: the last of many thresholds at which a count is low
    enough is the luckiest, and on other images would do a little worse.

    Parameters
    ----------
    confidence
        ``[N]``, the probability of each answer, 0 to 1.
    right
        bool ``[N]``, whether each is right.
    errors
        Rising. One that the answers cannot support is left out: fewer than ``3 / error`` would be
        accepted. After the first for which all are accepted there are no more.

    Raises
    ------
    ValueError
        Not one confidence an answer, or a confidence that is not a number.
    """
    if len(right) == 0 and confidence.shape == right.shape:
        return ()
    curve = reject_curve(confidence, right)
    expected = (curve.wrong + 1) / (curve.accepted + 1)
    pairs: list[tuple[float, float]] = []
    for error in errors:
        enough = np.flatnonzero(expected <= error)
        if len(enough) == 0 or error * curve.accepted[enough[-1]] < _RULE_OF_THREE:
            continue
        pairs.append((error, float(curve.thresholds[enough[-1]])))
        if enough[-1] == len(curve.thresholds) - 1:
            break
    return tuple(pairs)


def fit_most_none(none: Floats, share: float = SHARE_OF_NONE) -> float:
    """Return the probability of "none of the classes" that few images of the classes exceed.

    Parameters
    ----------
    none
        ``[N]``, see `lenet.calibration.calibration.none_of_these`, of held-out images of the
        classes.
    share
        The greatest share of them to leave unanswered.

    Raises
    ------
    ValueError
        No images, or a probability that is not a number.
    """
    if len(none) == 0 or np.isnan(none).any():
        raise ValueError("the probabilities of none of the classes must be numbers, at least one")
    return float(np.sort(none)[-1 - int(share * len(none))])
