"""Lets large pictures be decoded and prepared one at a time, however many threads there are.

A picture of 100 million pixels takes about a gigabyte while it is decoded. Small pictures do not
wait for each other.
"""

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

LARGE = 8_000_000
"""Pixels; a picture of more is large."""


class _Turn(threading.local):
    """What the current thread does: whether it is in `until_used`, and whether it has the turn."""

    inside = False
    taken = False


_TURN = _Turn()
_lock: AbstractContextManager[Any] = threading.Lock()


def share(lock: AbstractContextManager[Any]) -> None:
    """Take turns with other processes too, by a lock of `multiprocessing`."""
    global _lock
    _lock = lock


@contextmanager
def until_used() -> Generator[None, None, None]:
    """Keep the turn, if `large` takes it inside, until the end of the block.

    A block decodes a picture and prepares it, so that the decoded picture is gone at its end.
    """
    _TURN.inside = True
    try:
        yield
    finally:
        _TURN.inside = False
        if _TURN.taken:
            _TURN.taken = False
            _lock.__exit__(None, None, None)


@contextmanager
def large(pixels: int) -> Generator[None, None, None]:
    """Wait for a turn if a picture is large; small ones pass."""
    if pixels <= LARGE or _TURN.taken:
        yield
    elif _TURN.inside:
        _lock.__enter__()
        _TURN.taken = True
        yield
    else:
        with _lock:
            yield
