"""Which numbers a field holds, the most probable first, among those that fit a pattern.

The prefix search of Graves, Fernández, Gomez and Schmidhuber, ICML 2006, section 3.2: the prefix
that most probability begins with is always lengthened next, and a number is answered when no
prefix is left that could do better. The pattern is part of the search, as the grammar is in Proc.
IEEE 86(11), 1998, Fig. 33: a prefix promises the probability of those of its continuations that
fit, exactly. One pass from right to left beforehand makes this possible; it says, for each column
and state of the automaton, how probable it is that the rest fits.

Probabilities here are float64, not logarithms: what is less probable than 1e-300 counts as
impossible.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count as numbered
from itertools import islice
from math import inf, log

import numpy as np

from lenet.reading.pattern import Pattern
from lenet.reading.trellis import NONE, SYMBOLS, Doubles, LogShares, checked

ANY = Pattern.template("d*")
"""Nothing is known of the number; also none at all, the empty string, is one."""

WIDTH = 32
"""How many prefixes of each length are lengthened, if no more are asked for."""

# Column k: the digits that can follow k directly, all but itself; after `NONE`, all.
_OTHERS = np.hstack((1.0 - np.eye(10), np.ones((10, 1))))


def best_strings(
    log_shares: LogShares, pattern: Pattern | None = None, count: int = 1
) -> list[tuple[str, float]]:
    """Return the most probable numbers with the logarithms of their probabilities, best first.

    Each probability is exact, a sum over all alignments. So is the order, down to a number that
    has less than 1/32 (or, if more than 32 are asked for, 1/count) of the probability of all that
    fit; below, a better one may have been missed.

    Parameters
    ----------
    log_shares
        float ``[C, 11]``; see `lenet.reading.trellis`.
    pattern
        Only numbers that fit it are answered.
    count
        How many at most; there are fewer if no more are possible.

    Raises
    ------
    ValueError
        `log_shares` is not ``[C, 11]``, or holds NaN.
    """
    found = Search.of(log_shares, pattern or ANY).strings(max(WIDTH, count))
    return [(text, log(probability)) for text, probability in islice(found, count)]


def log_total(log_shares: LogShares, pattern: Pattern) -> float:
    """Return the logarithm of the probability that the number fits a pattern, whatever it is.

    Raises
    ------
    ValueError
        `log_shares` is not ``[C, 11]``, or holds NaN.
    """
    total = Search.of(log_shares, pattern).total
    return log(total) if total > 0 else -inf


@dataclass(frozen=True)
class Search:
    """A field and a pattern, ready to be searched. Make one with `Search.of`.

    Parameters
    ----------
    shares
        float64 ``[11, C]``: the probabilities of the symbols.
    pattern
        What is looked for.
    fitting
        float64 ``[S, 10, C]``: if the digits so far led to one of the S states, and a column shows
        a further one: the probability that the columns right of it complete a number that fits.
    total
        The probability that the number fits.
    """

    shares: Doubles
    pattern: Pattern
    fitting: Doubles
    total: float

    @classmethod
    def of(cls, log_shares: LogShares, pattern: Pattern) -> "Search":
        """Make the pass from right to left."""
        shares = np.exp(checked(log_shares))
        states = len(pattern.moves)
        # One more state, from which nothing fits, takes the digits that cannot follow.
        moves = np.array(
            [[states if to is None else to for to in row] for row in pattern.moves], np.int64
        )
        after = moves * SYMBOLS + np.arange(10)
        # By state and the symbol shown last: how probable it is that the columns to come fit.
        rest = np.zeros((states + 1, SYMBOLS))
        rest[:-1][np.array(pattern.accepting)] = 1.0
        alive = rest[:-1]
        fitting = np.empty((len(shares), states, 10))
        for share, further in zip(shares[::-1], fitting[::-1], strict=True):
            rest.take(after, out=further)
            paused = alive[:, NONE:] * share[NONE]
            alive *= share
            alive[:, :NONE] += paused
            alive += (further * share[:NONE]) @ _OTHERS
        total = float(rest[pattern.start, NONE])
        return cls(
            np.ascontiguousarray(shares.T),
            pattern,
            np.ascontiguousarray(fitting.transpose(1, 2, 0)),
            total,
        )

    def strings(self, width: int) -> Iterator[tuple[str, float]]:
        """Yield numbers that fit and their probabilities, the most probable first.

        Of each length the first `width` prefixes are lengthened. They are different beginnings,
        each at least as probable as one that is left out, which therefore has less than 1/width of
        the total: every number with more than that is found, and comes in its order.
        """
        pattern = self.pattern
        digits = self.shares[:NONE]
        columns = digits.shape[1]
        shares: list[list[float]] = self.shares.tolist()
        never = np.zeros(columns)
        lengthened: Counter[int] = Counter()
        serial = numbered()  # decides between equals, as arrays do not compare
        # What to sort by, the text, its state, where its last digit begins; or None: a number.
        heap: list[tuple[float, int, str, int, Doubles | None]] = []
        if self.total > 0:
            heap.append((-self.total, next(serial), "", pattern.start, never))
        while heap:
            minus, _, text, state, begins = heappop(heap)
            if begins is None:
                yield text, -minus
                continue
            lengthened[len(text)] += 1
            if lengthened[len(text)] > width:
                continue
            last = int(text[-1]) if text else NONE
            paused, shown = _passed(begins, shares[last], shares[NONE], first=not text)
            either = paused + shown
            if pattern.accepts(state) and either[columns] > 0:
                heappush(heap, (-float(either[columns]), next(serial), text, state, None))
            further = digits * either[:columns]
            if text:
                further[last] = digits[last] * paused[:columns]  # not without NONE between
            promised: list[float] = np.einsum("kc,kc->k", further, self.fitting[state]).tolist()
            for digit, probability in enumerate(promised):
                to = pattern.step(state, digit)
                if to is not None and probability > 0:
                    entry = (-probability, next(serial), text + str(digit), to, further[digit])
                    heappush(heap, entry)


def _passed(
    begins: Doubles, again: list[float], none: list[float], first: bool
) -> tuple[Doubles, Doubles]:
    """Follow a prefix through the columns.

    Parameters
    ----------
    begins
        ``[C]``: how probable it is that the prefix's last digit begins in a column.
    again, none
        ``[C]``: the shares of that digit and of `NONE`.
    first
        It is the empty prefix, which is there before any column.

    Returns
    -------
    float64 ``[C + 1]`` each: how probable it is that the columns left of one spell exactly the
    prefix and end with `NONE`; the same with its last digit at the end.
    """
    paused, shown = float(first), 0.0
    all_paused, all_shown = [paused], [shown]
    # Floats of Python's own: each column needs the one before, and NumPy's cost ten times as much.
    for begin, stay, rest in zip(begins.tolist(), again, none, strict=True):
        paused, shown = (paused + shown) * rest, begin + shown * stay
        all_paused.append(paused)
        all_shown.append(shown)
    return np.array(all_paused), np.array(all_shown)
