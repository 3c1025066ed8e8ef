"""Finds the most probable numbers of a trellis that fit a pattern (prefix search).

A trellis holds the probabilities of the digits in each column (`lenet.reading.trellis`), a pattern
the known format (`lenet.reading.pattern`).

The prefix search of Graves, Fernández, Gomez and Schmidhuber, ICML 2006, section 3.2, always
extends the prefix whose continuations have the highest probability, and yields a number when no
prefix can lead to a better one. The pattern is part of the search, as the grammar is in Proc. IEEE
86(11), 1998, Fig. 33: only continuations that fit count, and their probability is exact. One pass
from right to left makes this possible. It computes, for each column and each state of the pattern,
the probability that the rest fits.

Probabilities are float64 rather than logarithms: a number less probable than 1e-300 counts as
impossible.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count as numbered

import numpy as np

from lenet.reading.pattern import Pattern
from lenet.reading.trellis import NONE, SYMBOLS, Doubles, LogProbabilities, checked

ANY = Pattern.template("d*")
"""Every number, also the empty one."""

WIDTH = 32
"""The number of prefixes of each length that a search extends, if no more numbers are wanted."""

# [10, 11]. Column k marks the digits that can follow symbol k directly: all digits except k itself;
# after `NONE`, all digits.
_OTHERS = np.hstack((1.0 - np.eye(10), np.ones((10, 1))))


@dataclass(frozen=True)
class Search:
    """A trellis and a pattern, ready to be searched. Make one with `Search.of`.

    Parameters
    ----------
    probabilities
        float64 ``[11, C]``: the posterior probabilities of the columns.
    pattern
        The numbers to look for, an automaton of S states.
    fitting
        float64 ``[S, 10, C]``: if the digits so far led to state s and column c shows the next
        digit, the probability that the columns to its right complete a number that fits.
    total
        The probability that the number fits.
    """

    probabilities: Doubles
    pattern: Pattern
    fitting: Doubles
    total: float

    @classmethod
    def of(cls, log_probabilities: LogProbabilities, pattern: Pattern) -> "Search":
        """Make a search of a trellis; ValueError if it is not ``[C, 11]`` or holds NaN."""
        probabilities = np.exp(checked(log_probabilities))
        states = len(pattern.transitions)
        # Digits that cannot follow lead to one more state, from which nothing fits.
        next_states = np.array(
            [[states if to is None else to for to in row] for row in pattern.transitions], np.int64
        )
        after = next_states * SYMBOLS + np.arange(10)
        # The probability that the columns still to come fit, by state and symbol shown last.
        rest = np.zeros((states + 1, SYMBOLS))
        rest[:-1][np.array(pattern.accepting)] = 1.0
        alive = rest[:-1]
        fitting = np.empty((len(probabilities), states, 10))
        for column, next_fitting in zip(probabilities[::-1], fitting[::-1], strict=True):
            rest.take(after, out=next_fitting)
            paused = alive[:, NONE:] * column[NONE]
            alive *= column
            alive[:, :NONE] += paused
            alive += (next_fitting * column[:NONE]) @ _OTHERS
        return cls(
            np.ascontiguousarray(probabilities.T),
            pattern,
            np.ascontiguousarray(fitting.transpose(1, 2, 0)),
            float(rest[0, NONE]),
        )

    def strings(self, width: int) -> Iterator[tuple[str, float]]:
        """Yield numbers that fit and their probabilities, the most probable first.

        Only the first `width` prefixes of each length are extended. Each is at least as probable as
        a prefix that is left out, which therefore has less than 1/width of the total. So every
        number with more than that is found, and in its order.
        """
        transitions = self.pattern.transitions
        digits = self.probabilities[:NONE]
        rows: list[list[float]] = self.probabilities.tolist()
        columns = len(rows[0])
        extended_of_length: Counter[int] = Counter()
        serial = numbered()  # decides between equal probabilities, as arrays cannot be compared
        # -probability, serial number, text, state, and the probability that the last digit begins
        # in each column; None instead of the latter: the text is a number, not a prefix.
        heap: list[tuple[float, int, str, int, Doubles | None]] = []
        if self.total > 0:
            heap.append((-self.total, next(serial), "", 0, np.zeros(columns)))
        while heap:
            minus, _, text, state, begins = heappop(heap)
            if begins is None:
                yield text, -minus
                continue
            extended_of_length[len(text)] += 1
            if extended_of_length[len(text)] > width:
                continue
            last = int(text[-1]) if text else NONE
            paused, shown = _passed(begins, rows[last], rows[NONE], first=not text)
            either = paused + shown
            if self.pattern.accepting[state] and either[columns] > 0:
                heappush(heap, (-float(either[columns]), next(serial), text, state, None))
            extended = digits * either[:columns]
            if text:  # the same digit can only follow after a column of NONE
                extended[last] = digits[last] * paused[:columns]
            values: list[float] = np.einsum("kc,kc->k", extended, self.fitting[state]).tolist()
            for digit, probability in enumerate(values):
                to = transitions[state][digit]
                if to is not None and probability > 0:
                    entry = (-probability, next(serial), text + str(digit), to, extended[digit])
                    heappush(heap, entry)


def _passed(
    begins: Doubles, again: list[float], none: list[float], first: bool
) -> tuple[Doubles, Doubles]:
    """Follow a prefix through the columns.

    Parameters
    ----------
    begins
        ``[C]``: the probability that the prefix's last digit begins in a column.
    again, none
        ``[C]``: the posterior probabilities of that digit and of `NONE`.
    first
        True for the empty prefix, which is complete before any column.

    Returns
    -------
    float64 ``[C + 1]`` each: the probability that the columns to the left spell exactly the prefix
    and end with `NONE`; the same, but ending with its last digit.
    """
    paused, shown = float(first), 0.0
    all_paused, all_shown = [paused], [shown]
    # Each column needs the one before, and Python's own floats are ten times as fast as NumPy's.
    for begin, stay, rest in zip(begins.tolist(), again, none, strict=True):
        paused, shown = (paused + shown) * rest, begin + shown * stay
        all_paused.append(paused)
        all_shown.append(shown)
    return np.array(all_paused), np.array(all_shown)
