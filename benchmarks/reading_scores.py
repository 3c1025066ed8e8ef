"""What answers to pictures of numbers are worth: strings, digits, and what rejecting buys."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.calibration.error import expected_calibration_error
from lenet.calibration.interval import wilson_interval
from lenet.calibration.reject_curve import reject_curve

ASKED = (0.01, 0.005)
"""Shares of wrong numbers that are tolerable among the accepted."""

_DRAWS = 1000


@dataclass(frozen=True)
class Answer:
    """What a system says of one crop.

    Parameters
    ----------
    file
        The crop's name.
    digits
        What it says.
    text
        What was read: digits alone, empty where there are none.
    confidence
        0 to 1; 0 where the system gave none.
    """

    file: str
    digits: str
    text: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether all of it was read right."""
        return self.text == self.digits

    @property
    def surety(self) -> float:
        """The confidence to accept it by: nobody accepts an answer without digits."""
        return self.confidence if self.text else -1.0


def edit_distance(first: str, second: str) -> int:
    """Return how many insertions, deletions and replacements lead from one string to another.

    Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", Soviet
    Physics Doklady 10(8), 1966.
    """
    row = list(range(len(second) + 1))
    for count, one in enumerate(first, start=1):
        before, row = row, [count]
        for place, other in enumerate(second):
            row.append(min(before[place] + (one != other), before[place + 1] + 1, row[place] + 1))
    return row[-1]


def scores(
    answers: Sequence[Answer], thresholds: Sequence[tuple[float, float]] = ()
) -> dict[str, Any]:
    """Return all that the tables say of one system, as plain values.

    Parameters
    ----------
    thresholds
        Pairs ``(error, least confidence)`` that were fixed before.
    """
    right = sum(one.right for one in answers)
    digits = sum(len(one.digits) for one in answers)
    wrong = sum(edit_distance(one.text, one.digits) for one in answers)
    return {
        "strings": len(answers),
        "right": right,
        "right_interval": wilson_interval(right, len(answers)),
        "digits": digits,
        "digit_errors": wrong,
        # Readings that are too long could make more errors than there are digits.
        "digit_error_interval": wilson_interval(min(wrong, digits), digits),
        "own": [{"error": error, **parted(answers, least)} for error, least in thresholds],
        "hindsight": [
            {"error": error, **parted(answers, best_threshold(answers, error))} for error in ASKED
        ],
        "area": area(answers),
        "calibration_error": expected_calibration_error(_confidence(answers), _right(answers)),
        "calibration_error_by_chance": error_by_chance(_confidence(answers)),
        "lengths": by_length(answers),
    }


def parted(answers: Sequence[Answer], least: float | None) -> dict[str, Any]:
    """Count what is accepted and right, accepted and wrong, and rejected.

    Parameters
    ----------
    least
        The confidence to accept from; None rejects all.
    """
    accepted = [one for one in answers if least is not None and one.text and one.surety >= least]
    right = sum(one.right for one in accepted)
    return {
        "threshold": least,
        "correct": right,
        "wrong": len(accepted) - right,
        "rejected": len(answers) - len(accepted),
    }


def best_threshold(answers: Sequence[Answer], error: float) -> float | None:
    """Return the confidence from which most are accepted, a share of at most `error` wrong.

    None if there is none. It is chosen with the answers that it is then used for, which flatters.
    """
    curve = reject_curve(_surety(answers), _right(answers))
    enough = np.flatnonzero((curve.error <= error) & (curve.thresholds >= 0))
    return float(curve.thresholds[enough[-1]]) if len(enough) else None


def area(answers: Sequence[Answer]) -> float:
    """Return the area under the error-reject curve, 0 to 1.

    The mean over the answers of the error among those that are at least as sure: the error where a
    share is rejected that nobody knows beforehand. (Geifman, Uziel, El-Yaniv, "Bias-Reduced
    Uncertainty Estimation for Deep Neural Classifiers", ICLR 2019: AURC.)
    """
    curve = reject_curve(_surety(answers), _right(answers))
    counts = np.diff(curve.accepted, prepend=0)
    return float(np.average(curve.error, weights=counts))


def error_by_chance(confidence: NDArray[np.float64]) -> float:
    """Return the mean expected calibration error if each answer is right as often as it says.

    Of so few answers even then some bins have more right ones than expected, others fewer.
    """
    random = np.random.default_rng(0)
    draws = random.random((_DRAWS, len(confidence))) < confidence
    return float(np.mean([expected_calibration_error(confidence, right) for right in draws]))


def by_length(answers: Sequence[Answer]) -> dict[str, dict[str, int]]:
    """Return for each number of digits how many numbers have it, and how many are right."""
    groups: dict[int, list[bool]] = defaultdict(list)
    for one in answers:
        groups[len(one.digits)].append(one.right)
    return {str(n): {"strings": len(groups[n]), "right": sum(groups[n])} for n in sorted(groups)}


def _confidence(answers: Sequence[Answer]) -> NDArray[np.float64]:
    return np.array([one.confidence for one in answers], np.float64)


def _surety(answers: Sequence[Answer]) -> NDArray[np.float64]:
    return np.array([one.surety for one in answers], np.float64)


def _right(answers: Sequence[Answer]) -> NDArray[np.bool_]:
    return np.array([one.right for one in answers], np.bool_)
