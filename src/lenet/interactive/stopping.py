"""Turns Ctrl-C, SIGTERM and SIGHUP into a request, so that training stops between two steps."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stop_on_signals(
    numbers: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM),
) -> Generator[Callable[[], bool], None, None]:
    """Yield a function that returns True after the first of the signals.

    The first signal does nothing else. The second one acts as it did before. Only the main thread
    can receive signals: in another one, the function always returns False.
    """
    stopping = False
    if threading.current_thread() is not threading.main_thread():
        numbers = ()
    before = {number: signal.getsignal(number) for number in numbers}

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
