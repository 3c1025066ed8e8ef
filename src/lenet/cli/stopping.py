"""Turns Ctrl-C and SIGTERM into a request, so that training stops between two steps."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_signals() -> Generator[Callable[[], bool], None, None]:
    """Yield a function that returns True after the first SIGINT or SIGTERM.

    The first signal does nothing else. The second one acts as it did before.
    """
    stopping = False
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        restore()

    for number in before:
        signal.signal(number, handle)
    try:
        yield lambda: stopping
    finally:
        restore()
