"""Computes probabilities and alignments of numbers, and digits' confidences, in a trellis.

A trellis is a float array ``[C, 11]``. Row c holds the posterior log probabilities of a column of
the image, from left to right: first the digits 0 to 9, then `NONE` (blank, rubbish, or the gap
between digits). An alignment gives each column one of these symbols. It spells the number that is
left after equal neighbours are merged and `NONE` is dropped; "00" therefore needs a column of
`NONE` between its digits. The probability of a number is the sum over its alignments; the
probabilities of all numbers sum to 1.

The forward penalty of a number is -log of its probability. For all numbers together it is 0. So the
forward penalty of an answer equals E_dforw (equation 17), and the confidence of section X-C,
exp(-E_dforw), is the answer's probability.

Source: Graves, Fernández, Gomez and Schmidhuber, "Connectionist Temporal Classification", ICML
2006, sections 3.1 and 4.1; the penalties: Proc. IEEE 86(11), 1998, equations 10 to 17.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError

NONE = 10
"""The symbol of a column that shows no digit."""

SYMBOLS = 11

LogProbabilities = NDArray[np.floating[Any]]
"""float ``[C, 11]``: a trellis, as described in the module."""

Doubles = NDArray[np.float64]


def string_probabilities(log_probabilities: LogProbabilities, texts: Sequence[str]) -> list[float]:
    """Return the probability of each number in `texts`; 0 if it is below 1e-300.

    Raises
    ------
    LenetError
        A text holds anything but the digits 0 to 9.
    ValueError
        `log_probabilities` is not ``[C, 11]``, or holds NaN.
    """
    probabilities = np.exp(checked(log_probabilities))
    found: list[float] = _number_probabilities(
        probabilities, [_digits(text) for text in texts]
    ).tolist()
    return found


def alignment(log_probabilities: LogProbabilities, text: str) -> list[tuple[int, int]]:
    """Return the columns of each digit in the most probable alignment (Viterbi's).

    Returns
    -------
    For each digit its first column, and one past its last.

    Raises
    ------
    LenetError
        `text` holds anything but digits, or each of its alignments has the probability 0.
    ValueError
        As for `string_probabilities`.

    Examples
    --------
    >>> columns = np.full((4, SYMBOLS), 0.01)
    >>> columns[[0, 1, 2, 3], [4, NONE, 4, 4]] = 0.9
    >>> alignment(np.log(columns), "44")
    [(0, 1), (2, 4)]
    """
    symbols, skips = _with_gaps(_digits(text))
    scores = checked(log_probabilities)[:, symbols]
    enters = np.where(skips, 0.0, -np.inf)
    # Two impossible symbols in front, so that every symbol has two to its left.
    best = np.full(len(symbols) + 2, -np.inf)
    best[2] = 0.0  # as if a column of NONE came before the first
    steps = np.empty(
        scores.shape, np.int64
    )  # the best path came from 0, 1 or 2 symbols to the left
    for at, column in enumerate(scores):
        ways = np.stack((best[2:], best[1:-1], best[:-2] + enters))
        steps[at] = ways.argmax(axis=0)
        best[2:] = ways.max(axis=0) + column
    state = len(enters) - (1 if best[-1] >= best[-2] else 2)
    if best[state + 2] == -np.inf:
        raise LenetError(
            f"the number {text!r} has the probability 0 in these {len(scores)} columns: it has no "
            "alignment"
        )
    first = [0] * len(text)
    end = [0] * len(text)
    for at in range(len(scores) - 1, -1, -1):
        if state % 2:
            digit = state // 2
            first[digit] = at
            end[digit] = max(end[digit], at + 1)
        state -= int(steps[at, state])
    return list(zip(first, end, strict=True))


def digit_confidences(
    members: Sequence[LogProbabilities], text: str, prior: Callable[[str], float] | None = None
) -> list[float]:
    """Return the confidence of each digit of a number, given that the other digits are correct.

    The posterior probability of the digit: P(text) divided by the sum of P over `text`, the nine
    numbers with another digit in its place, and the number without it. P is the mean over the
    ensemble's members, and each member sums over all alignments, so the place of the digit need not
    be known. A digit's confidence is never below that of the whole number
    (`lenet.reading.decoder.read_string` without a check). It is 0 for every digit if P(text) is
    below 1e-300.

    Parameters
    ----------
    members
        float ``[C, 11]``, one trellis for each member of the ensemble.
    text
        The number.
    prior
        Returns the prior weight of a number, 1 for `text` (`lenet.reading.decoder.prior`). P is
        multiplied by it.

    Raises
    ------
    LenetError, ValueError
        As for `string_probabilities`.

    Examples
    --------
    >>> columns = np.full((1, SYMBOLS), 0.0125)
    >>> columns[0, [4, 9]] = 0.6, 0.2875
    >>> (confidence,) = digit_confidences([np.log(columns)], "4")
    >>> round(confidence, 3)
    0.6
    """
    digits = _digits(text)
    count = len(digits)
    if not count:
        return []
    replaced = np.tile(digits, (count, 10, 1))
    replaced[np.arange(count), :, np.arange(count)] = np.arange(10)
    without = [np.delete(digits, at) for at in range(count)]
    numbers = [*replaced.reshape(-1, count), *without]
    found = np.sum(
        [_number_probabilities(np.exp(checked(one)), numbers) for one in members], axis=0
    )
    if prior is not None:
        found = found * [prior("".join(map(str, number.tolist()))) for number in numbers]
    others = found[: 10 * count].reshape(count, 10)
    own = others[np.arange(count), digits]
    total = others.sum(axis=1) + found[10 * count :]
    sure = np.divide(own, total, out=np.zeros(count), where=own > 1e-300 * len(members))
    return [float(confidence) for confidence in sure]


def checked(log_probabilities: LogProbabilities) -> Doubles:
    """Return a trellis as float64; ValueError if it is not ``[C, 11]`` or holds NaN."""
    shape = log_probabilities.shape
    if len(shape) != 2 or shape[1] != SYMBOLS or np.isnan(log_probabilities).any():
        raise ValueError(
            f"log probabilities are numbers [columns, {SYMBOLS}], not {list(shape)} or NaN"
        )
    return log_probabilities.astype(np.float64)


def _digits(text: str) -> NDArray[np.int64]:
    """Return a number's digits, int64 ``[len(text)]``."""
    for at, character in enumerate(text):
        if character not in "0123456789":
            raise LenetError(
                f"the number {text!r} has {character!r} at character {at + 1}: "
                "give the digits 0 to 9 alone"
            )
    return np.array([int(character) for character in text], np.int64)


def _with_gaps(digits: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Put `NONE` around the digits of numbers of one length, ``[..., L]``.

    Returns
    -------
    The symbols, ``[..., 2 L + 1]``; and whether a symbol may follow the one two places to its left
    directly, as a digit may that differs from the digit before.
    """
    shape = (*digits.shape[:-1], 2 * digits.shape[-1] + 1)
    symbols = np.full(shape, NONE, np.int64)
    symbols[..., 1::2] = digits
    skips = np.zeros(shape, np.bool_)
    skips[..., 3::2] = digits[..., 1:] != digits[..., :-1]
    return symbols, skips


def _number_probabilities(probabilities: Doubles, numbers: Sequence[NDArray[np.int64]]) -> Doubles:
    """Return the probabilities of numbers, given as their digits, in a trellis of probabilities.

    The forward recursion of CTC for all numbers at once. It multiplies probabilities rather than
    add their logarithms, which is several times as fast.
    """
    lengths = np.array([len(digits) for digits in numbers], np.int64)
    digits = np.zeros((len(numbers), int(lengths.max(initial=0))), np.int64)
    for row, own in zip(digits, numbers, strict=True):
        row[: len(own)] = own  # the padding to the right does not change the sums to its left
    symbols, skips = _with_gaps(digits)
    scores = np.ascontiguousarray(probabilities[:, symbols.T])
    enters = skips.T.astype(np.float64)
    reached = np.zeros((symbols.shape[1] + 2, len(digits)))
    reached[2] = 1.0
    for column in scores:
        before = reached[2:] + reached[1:-1]
        before += reached[:-2] * enters
        np.multiply(before, column, out=reached[2:])
    each, end = np.arange(len(numbers)), 2 * lengths + 2
    return reached[end, each] + reached[end - 1, each]
