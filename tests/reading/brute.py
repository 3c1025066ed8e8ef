"""Every alignment of a small field, one by one: the oracle of this folder's tests."""

from itertools import groupby, product

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

NONE = 10


def trellis(*columns: dict[int, float]) -> Doubles:
    """Return log probabilities from the weights of each column's symbols; others have weight 0."""
    field = np.full((len(columns), 11), -np.inf)
    for column, weights in zip(field, columns, strict=True):
        for symbol, weight in weights.items():
            column[symbol] = np.log(weight)
    return field


def spelled(path: tuple[int, ...]) -> str:
    return "".join(str(symbol) for symbol, _ in groupby(path) if symbol != NONE)


def every_number(log_probabilities: Doubles) -> dict[str, float]:
    """Return every number that has a probability, and that: the sum over its alignments."""
    numbers: dict[str, float] = {}
    possible = [np.flatnonzero(column > -np.inf).tolist() for column in log_probabilities]
    for path in product(*possible):
        score = sum(log_probabilities[at, symbol] for at, symbol in enumerate(path))
        probability = float(np.exp(score))
        numbers[spelled(path)] = numbers.get(spelled(path), 0.0) + probability
    return numbers


@st.composite
def fields(draw: st.DrawFn, most: int = 5) -> Doubles:
    """Log probabilities of up to `most` columns: three digits and none, some of them impossible."""
    digits = draw(st.lists(st.integers(0, 9), min_size=3, max_size=3, unique=True))
    weight = st.one_of(st.just(0.0), st.floats(1e-3, 1.0))
    columns = draw(st.lists(st.tuples(weight, weight, weight, st.floats(1e-3, 1.0)), max_size=most))
    return trellis(
        *(
            {s: w / sum(column) for s, w in zip((*digits, NONE), column, strict=True) if w}
            for column in columns
        )
    )


def network_like(columns: int, sharpness: float, seed: int) -> Doubles:
    """Log probabilities of all eleven symbols in every column, which sum to 1."""
    scores = sharpness * np.random.default_rng(seed).normal(size=(columns, 11))
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
