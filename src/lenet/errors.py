"""Defines the exception for errors that the user can correct."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from lenet.visible import visible


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

    lines = False
    """True if the message has several lines; else a line end in it is part of a name."""

    def __str__(self) -> str:
        """Return the message; what a terminal would act on in a name is written as an escape."""
        return visible(super().__str__(), self.lines)


class ErrorInLines(LenetError):
    """A `LenetError` whose message has several lines."""

    lines = True


class OutOfMemory(LenetError, MemoryError):
    """There is not enough memory for what was asked; it is a `MemoryError` too."""


def not_enough(error: MemoryError) -> OutOfMemory:
    """Return the error for the user; NumPy's says how much was wanted.

    Examples
    --------
    >>> print(not_enough(MemoryError("30 GiB")))
    there is not enough memory (30 GiB); take fewer or smaller images, or a smaller network
    """
    if isinstance(error, OutOfMemory):
        return error
    why = f" ({error})" if str(error) else ""
    return OutOfMemory(
        f"there is not enough memory{why}; take fewer or smaller images, or a smaller network"
    )


@contextmanager
def enough_memory() -> Generator[None, None, None]:
    """Turn a `MemoryError` inside into an `OutOfMemory`; also a decorator."""
    try:
        yield
    except MemoryError as error:
        raise not_enough(error) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` with the known word closest to `word`, or an empty string."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
