"""Penalties and searches in logarithms: an oracle of the trellis, and short calls of the search."""

from itertools import islice
from math import inf, log

import numpy as np
from tests.reading.brute import NONE

from lenet.reading.pattern import Pattern
from lenet.reading.search import ANY, WIDTH, Search
from lenet.reading.trellis import LogProbabilities


def forward_penalty(log_probabilities: LogProbabilities, text: str) -> float:
    """Return -log of a number's probability, by CTC's forward recursion in logarithms."""
    symbols = [NONE]
    for digit in text:
        symbols += [int(digit), NONE]
    skips = [at > 1 and s not in (NONE, symbols[at - 2]) for at, s in enumerate(symbols)]
    enters = np.where(skips, 0.0, -np.inf)
    # Two impossible symbols in front, so that every symbol has two to its left.
    reached = np.full(len(symbols) + 2, -np.inf)
    reached[2] = 0.0
    for column in log_probabilities.astype(np.float64)[:, symbols]:
        before = np.logaddexp(reached[2:], reached[1:-1])
        reached[2:] = np.logaddexp(before, reached[:-2] + enters) + column
    return -float(np.logaddexp(reached[-1], reached[-2]))


def best_strings(
    log_probabilities: LogProbabilities, pattern: Pattern | None = None, count: int = 1
) -> list[tuple[str, float]]:
    """Return the most probable numbers that fit, with the logarithms of their probabilities."""
    found = Search.of(log_probabilities, pattern or ANY).strings(max(WIDTH, count))
    return [(text, log(probability)) for text, probability in islice(found, count)]


def log_total(log_probabilities: LogProbabilities, pattern: Pattern) -> float:
    """Return the logarithm of the probability that the number fits a pattern."""
    total = Search.of(log_probabilities, pattern).total
    return log(total) if total > 0 else -inf
