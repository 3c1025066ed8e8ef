"""What a given number is worth: how probable, in which columns, how sure each of its digits.

`log_shares`, here and in the search, is what a network says of a field: float ``[C, 11]``, for each
of C columns, left to right, the log probabilities of the digits 0 to 9 and, last, of `NONE`
(nothing, rubbish, or the gap between digits). An alignment gives each column one of the eleven; it
spells the number that is left when neighbouring equal symbols become one and those of `NONE` fall
out. "00" therefore has a column of `NONE` between its digits. As the shares of a column sum to 1,
so do the probabilities of all numbers.

Source: Graves, Fernández, Gomez and Schmidhuber, "Connectionist Temporal Classification", ICML
2006, sections 3.1 and 4.1; the penalties are those of Proc. IEEE 86(11), 1998, equations 10 to 17.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError

NONE = 10
"""The symbol of a column that shows no digit."""

SYMBOLS = 11

LogShares = NDArray[np.floating[Any]]
"""float ``[C, 11]``, as the module says."""

Doubles = NDArray[np.float64]


def forward_penalty(log_shares: LogShares, text: str) -> float:
    """Return -log of a number's probability, summed over its alignments; infinite if it has none.

    For the number that a network answers this is the E_dforw of Proc. IEEE 86(11), 1998, equation
    17, as the penalty of all numbers together is 0; exp(-E_dforw) is the confidence of its section
    X-C.

    Raises
    ------
    LenetError
        `text` holds anything but the digits 0 to 9.
    ValueError
        `log_shares` is not ``[C, 11]``, or holds NaN.
    """
    scores, enters, reached = _lattice(log_shares, text)
    for column in scores:
        before = np.logaddexp(reached[2:], reached[1:-1])
        reached[2:] = np.logaddexp(before, reached[:-2] + enters) + column
    return -float(np.logaddexp(reached[-1], reached[-2]))


def probabilities(log_shares: LogShares, texts: Sequence[str]) -> list[float]:
    """Return the probability of each of some numbers, as exp(-`forward_penalty`), several at once.

    0 where it is below 1e-300. Errors are those of `forward_penalty`.
    """
    shares = np.exp(checked(log_shares))
    found: list[float] = _probabilities(shares, [digits_of(text) for text in texts]).tolist()
    return found


def alignment(log_shares: LogShares, text: str) -> list[tuple[int, int]]:
    """Return where each digit is shown by the most probable alignment (Viterbi's).

    Returns
    -------
    For each digit its first column, and the one after its last.

    Raises
    ------
    LenetError
        `text` holds anything but digits, or has no alignment: too long, or made of digits that the
        columns rule out.
    ValueError
        `log_shares` is not ``[C, 11]``, or holds NaN.
    """
    scores, enters, best = _lattice(log_shares, text)
    came = np.empty((len(scores), len(enters)), np.int64)  # 0, 1 or 2 symbols further left
    for at, column in enumerate(scores):
        ways = np.stack((best[2:], best[1:-1], best[:-2] + enters))
        came[at] = ways.argmax(axis=0)
        best[2:] = ways.max(axis=0) + column
    state = len(enters) - (1 if best[-1] >= best[-2] else 2)
    if best[state + 2] == -np.inf:
        raise LenetError(
            f"{text!r} cannot be what stands in these {len(scores)} columns: no alignment of its "
            "digits has a probability above 0"
        )
    first = [0] * len(text)
    end = [0] * len(text)
    for at in range(len(scores) - 1, -1, -1):
        if state % 2:
            digit = state // 2
            first[digit] = at
            end[digit] = max(end[digit], at + 1)
        state -= int(came[at, state])
    return list(zip(first, end, strict=True))


def digit_confidences(
    log_shares: LogShares, text: str, frequency: Callable[[str], float] | None = None
) -> list[float]:
    """Return how sure each digit of a number is, if the others are right.

    The posterior probability of the digit: P(text) by the sum of P over `text`, the nine numbers
    with another digit in its place, and the number without it. Each P is summed over all
    alignments, so that nothing has to be known of where the digit lies. It is never below the
    confidence of the whole number. 0 for every digit where P(text) is below 1e-300.

    Parameters
    ----------
    log_shares, text
        The columns, and what is read in them.
    frequency
        By which factor a number is rarer than the columns alone tell, where something is known of
        its format (`lenet.reading.decoder.frequency`); that of `text` is 1.

    Raises
    ------
    LenetError
        `text` holds anything but the digits 0 to 9.
    ValueError
        `log_shares` is not ``[C, 11]``, or holds NaN.
    """
    shares = np.exp(checked(log_shares))
    digits = digits_of(text)
    count = len(digits)
    if not count:
        return []
    replaced = np.tile(digits, (count, 10, 1))
    replaced[np.arange(count), :, np.arange(count)] = np.arange(10)
    shortened = [np.delete(digits, at) for at in range(count)]
    numbers = [*replaced.reshape(-1, count), *shortened]
    found = _probabilities(shares, numbers)
    if frequency is not None:
        found = found * [frequency("".join(map(str, number.tolist()))) for number in numbers]
    others = found[: 10 * count].reshape(count, 10)
    own = others[np.arange(count), digits]
    total = others.sum(axis=1) + found[10 * count :]
    sure = np.divide(own, total, out=np.zeros(count), where=own > 1e-300)
    return [float(confidence) for confidence in sure]


def checked(log_shares: LogShares) -> Doubles:
    """Return the log shares as float64, if they are what the module says they are."""
    if log_shares.ndim != 2 or log_shares.shape[1] != SYMBOLS or np.isnan(log_shares).any():
        raise ValueError(
            f"log shares are numbers [columns, {SYMBOLS}], not {list(log_shares.shape)} or NaN"
        )
    return log_shares.astype(np.float64)


def digits_of(text: str) -> NDArray[np.int64]:
    """Return a number's digits, int64 ``[len(text)]``; LenetError if it has anything else."""
    for at, character in enumerate(text):
        if character not in "0123456789":
            raise LenetError(
                f"the number {text!r} has {character!r} at character {at + 1}: "
                "give the digits 0 to 9 alone"
            )
    return np.array([int(character) for character in text], np.int64)


def _lattice(log_shares: LogShares, text: str) -> tuple[Doubles, Doubles, Doubles]:
    """Return what the recursions over columns begin with.

    For each column the scores of the number's symbols, ``[C, S]``; what it costs to enter each
    from two symbols further left, ``[S]``; and what is reached before the first column, ``[S + 2]``
    with two impossible symbols in front, so that every symbol has two before it.
    """
    symbols, skips = _symbols(text)
    reached = np.full(len(symbols) + 2, -np.inf)
    reached[2] = 0.0  # as if a column of NONE had come before the first
    return checked(log_shares)[:, symbols], np.where(skips, 0.0, -np.inf), reached


def _symbols(text: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the digits with `NONE` around them, and which may follow the last digit directly."""
    return _surrounded(digits_of(text))


def _surrounded(digits: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Do the same with numbers of one length, ``[..., L]`` to ``[..., 2 L + 1]``."""
    shape = (*digits.shape[:-1], 2 * digits.shape[-1] + 1)
    symbols = np.full(shape, NONE, np.int64)
    symbols[..., 1::2] = digits
    skips = np.zeros(shape, np.bool_)
    skips[..., 3::2] = digits[..., 1:] != digits[..., :-1]
    return symbols, skips


def _probabilities(shares: Doubles, numbers: Sequence[NDArray[np.int64]]) -> Doubles:
    """Return the probabilities of many numbers at once, of the digits of each.

    The recursion of `forward_penalty` with shares, not their logarithms: several times as fast.
    """
    lengths = np.array([len(digits) for digits in numbers], np.int64)
    digits = np.zeros((len(numbers), int(lengths.max(initial=0))), np.int64)
    for row, own in zip(digits, numbers, strict=True):
        row[: len(own)] = own  # what is behind changes nothing of what it comes after
    symbols, skips = _surrounded(digits)
    scores = np.ascontiguousarray(shares[:, symbols.T])
    enters = skips.T.astype(np.float64)
    reached = np.zeros((symbols.shape[1] + 2, len(digits)))
    reached[2] = 1.0
    for column in scores:
        before = reached[2:] + reached[1:-1]
        before += reached[:-2] * enters
        np.multiply(before, column, out=reached[2:])
    each, end = np.arange(len(numbers)), 2 * lengths + 2
    return reached[end, each] + reached[end - 1, each]
