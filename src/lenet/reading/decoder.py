"""What to answer for a field, and how sure: with what is known of its format, and its checksum."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from lenet.reading.pattern import Pattern
from lenet.reading.search import ANY, WIDTH, Search
from lenet.reading.trellis import LogShares, probabilities

EPSILON = 0.01
"""What is known of the format is taken to be wrong in one field of a hundred."""

_STRINGS = 300  # numbers that a check is asked about
_NEGLIGIBLE = 1e-3  # of the answer's probability
_PROPOSED = 3  # numbers that a view proposes where one is wanted


def read_string(
    views: LogShares | Sequence[LogShares],
    pattern: Pattern | None = None,
    check: Callable[[str], bool] | None = None,
) -> tuple[str, float]:
    """Return the most probable number that fits the pattern and passes the check; how sure that is.

    Without either the confidence is the number's probability P: exp(-E_dforw) of section X-C of
    Proc. IEEE 86(11), 1998. What is known of the format makes it P / (F + EPSILON (1 - F)), where F
    is the probability that the field holds any number of that format. This is the number's
    posterior probability where all other numbers are EPSILON times as frequent as the network,
    which knows nothing of formats, takes them to be: a field that hardly fits is not believed,
    however clear the answer is among what does.

    With a check, F is a sum over the numbers that were tried and passed: those at least a
    thousandth as probable as the answer, among the 300 most probable. It leaves out the many
    improbable ones, whose sum only a pattern's automaton can tell; where they matter, which takes a
    field that is hardly legible, the confidence is too high.

    Parameters
    ----------
    views
        float ``[C, 11]``, see `lenet.reading.trellis`; or several of one field, as several networks
        see it. Which is right is not known, so each counts alike: the probability of a number is
        the mean of what they give it.
    pattern
        Numbers that do not fit are never considered.
    check
        A checksum: says of a string of digits, which may be empty, whether it can be right.

    Returns
    -------
    The number and its confidence, 0 to 1. An empty number with a confidence above 0 says that the
    field is empty; ``("", 0.0)`` that nothing fits the pattern, or none of the 300 most probable
    numbers passes the check.

    Raises
    ------
    ValueError
        A view is not ``[C, 11]``, or holds NaN.
    """
    views = [views] if isinstance(views, np.ndarray) else views
    searches = [Search.of(one, pattern or ANY) for one in views]
    if check is None:
        answer, probability = next(_ranked(views, searches, 1), ("", 0.0))
        fits = sum(one.total for one in searches) / len(searches) if pattern else 1.0
    else:
        answer, probability, fits = _passing(_ranked(views, searches, _STRINGS), check)
    if not probability:
        return "", 0.0
    return answer, _confidence(probability, fits)


def most_probable(
    views: LogShares | Sequence[LogShares], pattern: Pattern | None = None, count: int = 5
) -> list[tuple[str, float]]:
    """Return up to `count` numbers and their confidences, the most probable first.

    Parameters and confidences are those of `read_string`, which answers the first of these where
    there is no check; so are the errors.
    """
    views = [views] if isinstance(views, np.ndarray) else views
    searches = [Search.of(one, pattern or ANY) for one in views]
    fits = sum(one.total for one in searches) / len(searches) if pattern else 1.0
    return [
        (text, _confidence(probability, fits))
        for text, probability in islice(_ranked(views, searches, count), count)
        if probability
    ]


def frequency(
    pattern: Pattern | None = None, check: Callable[[str], bool] | None = None
) -> Callable[[str], float] | None:
    """Return what says how frequent a number is, beside what the network takes it to be.

    1 for a number that fits the pattern and passes the check, else `EPSILON`. None where nothing is
    known.
    """
    if pattern is None and check is None:
        return None

    def of(number: str) -> float:
        fits = (pattern is None or pattern.fits(number)) and (check is None or check(number))
        return 1.0 if fits else EPSILON

    return of


def _confidence(probability: float, fits: float) -> float:
    # Rounding may put P a trifle above the sum that it is part of.
    return min(1.0, probability / (fits + EPSILON * (1.0 - fits)))


def _ranked(
    views: Sequence[LogShares], searches: Sequence[Search], count: int
) -> Iterator[tuple[str, float]]:
    """Yield up to `count` numbers and their probabilities, the most probable first.

    Of several views each proposes its own best; what none of them proposes is not considered.
    """
    if len(searches) == 1:
        yield from islice(searches[0].strings(max(WIDTH, count)), count)
        return
    each = max(_PROPOSED, count // len(searches))
    proposed = sorted(
        {text for one in searches for text, _ in islice(one.strings(max(WIDTH, each)), each)}
    )
    given = [probabilities(view, proposed) for view in views]
    means = [sum(of_one) / len(views) for of_one in zip(*given, strict=True)]
    yield from sorted(zip(proposed, means, strict=True), key=lambda one: -one[1])


def _passing(
    ranked: Iterator[tuple[str, float]], check: Callable[[str], bool]
) -> tuple[str, float, float]:
    """Return the best number that passes, its probability, and that of all found that pass."""
    answer, probability, fits = "", 0.0, 0.0
    for text, found in ranked:
        if found < _NEGLIGIBLE * probability:
            break
        if check(text):
            if not probability:
                answer, probability = text, found
            fits += found
    return answer, probability, fits
