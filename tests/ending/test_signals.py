"""Signals end a command as Ctrl-C does."""

import signal
import threading

import pytest

from lenet.ending import signals
from lenet.ending.signals import Stopped, end_by_exception

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", NUMBERS)
def test_each_raises_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = [signal.getsignal(one) for one in NUMBERS]
    cleaned: list[bool] = []

    @end_by_exception()
    def work() -> None:
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(number)  # an impatient second one cannot disturb this
            cleaned.append(True)

    with pytest.raises(Stopped):
        work()
    assert cleaned
    assert [signal.getsignal(one) for one in NUMBERS] == before


def test_what_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    try:
        with end_by_exception():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_hang_up_does_what_another_handler_of_sigterm_does() -> None:
    seen: list[int] = []
    with end_by_exception():
        before = signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
        signal.raise_signal(signal.SIGHUP)
        signal.signal(signal.SIGTERM, before)
    assert seen == [signal.SIGTERM]


def test_an_exception_that_python_drops_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_AGAIN_SECONDS", 0.01)

    class Removed:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    @end_by_exception()
    def work() -> None:
        one = Removed()
        del one  # what is raised in __del__ is dropped
        threading.Event().wait(60)

    with pytest.raises(Stopped):
        work()


def test_another_thread_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def work() -> None:
        with end_by_exception():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_an_exception_that_became_another_is_known() -> None:
    with end_by_exception() as was_stopped:
        assert not was_stopped()
        with pytest.raises(ImportError):
            _turned_into_another()
        assert was_stopped()


def _turned_into_another() -> None:
    try:
        signal.raise_signal(signal.SIGTERM)
    except Stopped as error:
        raise ImportError from error
