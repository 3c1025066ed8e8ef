"""Fits a network's temperature and thresholds on images that it was not trained on.

Thresholds come from counts. Smoother methods were tried: logistic regression of mistakes on the
confidence or its rank, isotonic regression, the mean of calibrated probabilities. The best came
about 15% closer to the error rate asked for with ReLU networks, but was wrong by half with LeNet-5
of 1998, whose confidence has another distribution.
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

_PER_MILLE = (1, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200)
ERRORS = tuple(error / 1000 for error in _PER_MILLE)
"""The error rates for which thresholds are fitted."""
FALSE_NONE_RATE = 0.002
"""The share of held-out images of the classes that may be rejected as "none"."""

_LOWEST, _HIGHEST = 0.01, 100.0
# Without a wrong answer among n, the error rate is below 3 / n at 95% confidence.
_RULE_OF_THREE = 3


def calibrate(
    network: Network, scores: Floats, labels: NDArray[np.int64], negatives: bool = False
) -> Calibration:
    """Fit all values of a `Calibration`: temperature, thresholds and `most_none`.

    If the network has a class "none", the temperature is used only if it lowers the expected
    calibration error of these images.

    Parameters
    ----------
    network
        The network that computed the scores.
    scores
        float32 ``[N, classes]``: the scores of held-out images.
    labels
        int64 ``[N]``: the class of each image.
    negatives
        True if the network was also trained on negatives. Then `Calibration.most_none` is fitted.

    Raises
    ------
    LenetError
        A score is not finite, or `negatives` is True for a network without a class "none".

    Examples
    --------
    >>> from lenet.networks import network_named
    >>> network = network_named("lenet")(classes=2)
    >>> scores = np.tile(np.array([4, 0], np.float32), (100, 1))
    >>> found = calibrate(network, scores, np.zeros(100, np.int64))
    >>> round(found.temperature, 2)
    0.87
    >>> [(error, round(probability, 2)) for error, probability in found.thresholds]
    [(0.03, 0.99)]
    """
    if negatives and network.rubbish is None:
        raise LenetError(f"network {network.name!r} has no class for images of none of its classes")
    correct = scores.argmax(axis=1) == labels
    calibration = Calibration(fit_temperature(network, scores, labels))
    if network.rubbish is not None:
        # If many images have a high probability of "none", as with the Gaussian outputs of 1998,
        # the most likely temperature can make every answer uncertain.
        calibration = min(
            (calibration, UNCALIBRATED),
            key=lambda one: expected_calibration_error(
                one.probabilities(network, scores).max(axis=1), correct
            ),
        )
    probabilities = calibration.probabilities(network, scores)
    most_none = fit_most_none(none_of_these(probabilities)) if negatives else None
    calibration = replace(calibration, most_none=most_none)
    answered = ~calibration.rejected(probabilities, None)
    thresholds = fit_thresholds(probabilities.max(axis=1)[answered], correct[answered])
    return replace(calibration, thresholds=thresholds)


def fit_temperature(network: Network, scores: Floats, labels: NDArray[np.int64]) -> float:
    """Return the temperature, 0.01 to 100, that minimises the negative log likelihood.

    This is the negative log likelihood of ``softmax(scores / T)``, in which the class "none" takes
    part if the network has it (Guo et al. 2017, section 4.2). The target of the label is
    ``(N + 1) / (N + 2)``, and the other classes share the rest, so that N correct answers do not
    lead to certainty (Platt, "Probabilistic Outputs for Support Vector Machines", Advances in Large
    Margin Classifiers, 1999, section 2.2).

    Parameters
    ----------
    scores, labels
        ``[N, classes]`` and int64 ``[N]``.

    Raises
    ------
    LenetError
        A score is not finite.
    """
    if not np.isfinite(scores).all():
        raise LenetError("the network's scores are not all numbers, so they cannot be calibrated")
    exact = scores.astype(np.float64)
    count, classes = exact.shape
    of_label = exact[np.arange(count), labels]
    rest = 1 / (count + 2) if classes > 1 else 0.0
    of_others = (exact.sum(axis=1) - of_label) / max(classes - 1, 1)
    target = (1 - rest) * of_label + rest * of_others  # the mean score under the target
    if network.rubbish is not None:
        exact = np.concatenate([exact, np.full((count, 1), -network.rubbish)], axis=1)
    greatest = exact.max(axis=1)
    exact -= greatest[:, None]
    target -= greatest

    def slope(temperature: float) -> float:
        """Return the derivative of the mean loss by 1 / temperature."""
        powers = np.exp(exact / temperature)
        powers /= powers.sum(axis=1, keepdims=True)
        return (float((powers * exact).sum()) - float(target.sum())) / count

    # The loss is convex in 1 / temperature, so its derivative has one zero: bisection finds it.
    low, high = _LOWEST, _HIGHEST
    while high / low > 1 + 1e-9:
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return float(np.sqrt(low * high))


def fit_thresholds(
    confidence: NDArray[np.floating[Any]],
    correct: NDArray[np.bool_],
    errors: tuple[float, ...] = ERRORS,
) -> tuple[tuple[float, float], ...]:
    """Return pairs ``(error, probability)`` for `Calibration.thresholds`.

    Each threshold accepts as many answers as possible, with an error rate among them of at most
    `error`. One more wrong answer is counted than there is, because of the choice among many
    thresholds: the lowest one with a low error rate was lucky, and is worse on other images.

    Parameters
    ----------
    confidence
        ``[N]``, the probability of each answer, 0 to 1.
    correct
        bool ``[N]``, whether each answer is correct.
    errors
        Rising error rates. There is no threshold for an error rate at which fewer than
        ``3 / error`` answers would be accepted, nor after the first at which all are accepted.

    Raises
    ------
    ValueError
        The shapes differ, or a confidence is NaN.
    """
    if len(correct) == 0 and confidence.shape == correct.shape:
        return ()
    curve = reject_curve(confidence, correct)
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


def fit_most_none(none: Floats, share: float = FALSE_NONE_RATE) -> float:
    """Return the lowest bound on the probability of "none" that rejects few images of the classes.

    Parameters
    ----------
    none
        ``[N]``, the probabilities of "none" of held-out images of the classes.
    share
        The highest share of these images to reject.

    Raises
    ------
    ValueError
        There are no images, or a probability is NaN.
    """
    if len(none) == 0 or np.isnan(none).any():
        raise ValueError("the probabilities of none must be numbers, at least one")
    return float(np.sort(none)[-1 - int(share * len(none))])
