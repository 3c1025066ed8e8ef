"""Ctrl-C and SIGTERM as a request, so that a run stops between two steps and not within one."""

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether someone has asked to stop; call it to be told."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        """Tell."""
        return self.asked


@contextmanager
def stop_on_signals() -> Generator[Stop, None, None]:
    """Turn the first SIGINT or SIGTERM into `Stop.asked`; the second one acts as ever."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        stop.asked = True
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
