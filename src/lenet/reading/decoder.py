"""Chooses the most probable number, and its confidence, given a format and a checksum.

The format and the checksum are known beforehand, if at all (`lenet.reading.pattern`).
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from lenet.reading.pattern import Pattern
from lenet.reading.search import ANY, WIDTH, Search
from lenet.reading.trellis import LogProbabilities, string_probabilities

EPSILON = 0.01
"""The prior weight of a number that does not have the expected format; 1 for one that has it."""

_MOST_CHECKED = 300  # numbers that a check is called with
_NEGLIGIBLE = 1e-3  # of the answer's probability
_PROPOSED = 3  # numbers that each member of an ensemble proposes if one is wanted


def read_string(
    members: LogProbabilities | Sequence[LogProbabilities],
    pattern: Pattern | None = None,
    check: Callable[[str], bool] | None = None,
) -> tuple[str, float]:
    """Return the most probable number that fits the pattern and the check, and its confidence.

    Without pattern and check the confidence is the number's probability P: exp(-E_dforw) of section
    X-C of Proc. IEEE 86(11), 1998. With a known format it is P / (F + EPSILON (1 - F)), where F is
    the probability of all numbers of that format. This is the number's posterior probability if
    all other numbers have the prior weight EPSILON. So the confidence is low in an image that
    hardly fits the format, even if one number of the format is far more probable than the others.

    With a check, F is summed over the numbers that were tried and passed: those among the 300 most
    probable that have at least a thousandth of the answer's probability. The sum leaves out many
    improbable numbers, so the confidence is too high if the image is hardly legible.

    Parameters
    ----------
    members
        float ``[C, 11]``, see `lenet.reading.trellis`; or a sequence of them, one for each member
        of an ensemble. A number's probability is the mean over the members.
    pattern
        Only numbers that fit it are considered.
    check
        A checksum: whether a string of digits, which may be empty, can be correct.

    Returns
    -------
    The number and its confidence, 0 to 1. An empty number with a confidence above 0 means that the
    image holds no digits; ``("", 0.0)`` means that nothing fits the pattern, or that none of the
    300 most probable numbers passes the check.

    Raises
    ------
    ValueError
        A trellis is not ``[C, 11]``, or holds NaN.
    """
    if check is None:
        return next(iter(most_probable(members, pattern, 1)), ("", 0.0))
    members = [members] if isinstance(members, np.ndarray) else members
    searches = [Search.of(one, pattern or ANY) for one in members]
    answer, probability, fits = "", 0.0, 0.0
    for text, found in _ranked(members, searches, _MOST_CHECKED):
        if found < _NEGLIGIBLE * probability:
            break
        if check(text):
            if not probability:
                answer, probability = text, found
            fits += found
    return (answer, _confidence(probability, fits)) if probability else ("", 0.0)


def most_probable(
    members: LogProbabilities | Sequence[LogProbabilities],
    pattern: Pattern | None = None,
    count: int = 5,
) -> list[tuple[str, float]]:
    """Return up to `count` numbers and their confidences, the most probable first.

    The first is the answer of `read_string` without a check. Parameters, confidences and errors are
    those of `read_string`.
    """
    members = [members] if isinstance(members, np.ndarray) else members
    searches = [Search.of(one, pattern or ANY) for one in members]
    fits = sum(one.total for one in searches) / len(searches) if pattern else 1.0
    return [
        (text, _confidence(probability, fits))
        for text, probability in islice(_ranked(members, searches, count), count)
        if probability
    ]


def prior(
    pattern: Pattern | None = None, check: Callable[[str], bool] | None = None
) -> Callable[[str], float] | None:
    """Return a function that gives a number's prior weight; None without pattern and check.

    The weight is 1 for a number that fits the pattern and passes the check, otherwise `EPSILON`.
    """
    if pattern is None and check is None:
        return None

    def weight(number: str) -> float:
        fits = (pattern is None or pattern.fits(number)) and (check is None or check(number))
        return 1.0 if fits else EPSILON

    return weight


def _confidence(probability: float, fits: float) -> float:
    # Rounding may put P slightly above F, the sum that it is part of.
    return min(1.0, probability / (fits + EPSILON * (1.0 - fits)))


def _ranked(
    members: Sequence[LogProbabilities], searches: Sequence[Search], count: int
) -> Iterator[tuple[str, float]]:
    """Yield up to `count` numbers and their probabilities, the most probable first.

    Each member of an ensemble proposes its own best numbers. Others are not considered.
    """
    if len(searches) == 1:
        yield from islice(searches[0].strings(max(WIDTH, count)), count)
        return
    each = max(_PROPOSED, count // len(searches))
    proposed = sorted(
        {text for one in searches for text, _ in islice(one.strings(max(WIDTH, each)), each)}
    )
    by_member = [string_probabilities(one, proposed) for one in members]
    means = [sum(of_one) / len(members) for of_one in zip(*by_member, strict=True)]
    yield from sorted(zip(proposed, means, strict=True), key=lambda one: -one[1])
