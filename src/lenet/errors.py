"""Defines the exception for errors that the user can correct."""

from collections.abc import Iterable


class LenetError(Exception):
    """An error that the user can correct: wrong use, or bad input.

    Its message is one sentence that says what is wrong, where, and what to do. The command line
    prints it and exits with status 2. Any other exception is a defect of this package.

    Examples
    --------
    >>> import lenet
    >>> from lenet.networks import lenet_network
    >>> try:
    ...     lenet_network(input_size=64)
    ... except lenet.LenetError as error:
    ...     print(error)
    LeNet reads images of 28×28 or 32×32, not 64×64
    """


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` with the known word closest to `word`, or an empty string."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
