"""Ends a command by a signal as Ctrl-C does: by an exception, so that temporary files are removed.

Without this, SIGTERM and SIGHUP end Python at once: what was half written stays where it is.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

_IMPATIENT_SECONDS = 3.0
_AGAIN_SECONDS = 0.05


class Stopped(KeyboardInterrupt):
    """A signal has asked the process to end."""


def _send_to_main_thread() -> None:
    """Send SIGTERM so that it also wakes a main thread that waits."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGTERM)


@contextmanager
def end_by_exception() -> Generator[Callable[[], bool], None, None]:
    """Raise `Stopped` in the main thread at the first SIGINT, SIGTERM or SIGHUP.

    Others that follow within 3 seconds are ignored, so that what is left can be removed; a later
    one ends the process at once. A signal that was ignored at the start stays ignored (``nohup``,
    commands in the background of a script). SIGHUP always does what SIGTERM does, also where
    another handler of SIGTERM is installed inside. Outside the main thread, nothing changes.

    Yields a function that says whether a signal has come: code in C may turn `Stopped` into another
    exception, such as a failed import.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.getsignal(number) for number in numbers}
    first: list[float] = []

    def handle(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not first:
            first.append(now)
            raise Stopped
        if now - first[0] > _IMPATIENT_SECONDS:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    def hang_up(number: int, frame: FrameType | None) -> None:
        as_terminated = signal.getsignal(signal.SIGTERM)
        if callable(as_terminated):
            as_terminated(signal.SIGTERM, frame)

    def ask_again(unraisable: "sys.UnraisableHookArgs") -> None:
        # Python drops an exception that is raised while it removes an object.
        if isinstance(unraisable.exc_value, Stopped):
            first.clear()
            again = threading.Timer(_AGAIN_SECONDS, _send_to_main_thread)
            again.daemon = True
            again.start()
        else:
            report(unraisable)

    report = sys.unraisablehook
    if numbers:
        sys.unraisablehook = ask_again
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            is_hang_up = number == getattr(signal, "SIGHUP", None)
            signal.signal(number, hang_up if is_hang_up else handle)
    try:
        yield lambda: bool(first)
    finally:
        sys.unraisablehook = report
        for number, handler in before.items():
            if handler is not None:  # None: not installed from Python, so it cannot be restored
                signal.signal(number, handler)
