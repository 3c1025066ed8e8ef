"""Applies a function to the pages of each file, in threads or processes."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, Generic, TypeVar

from lenet.ending.children import end_with_parent
from lenet.machine import processors
from lenet.pictures import turns
from lenet.pictures.find_files import Picture
from lenet.pictures.image import ImageError
from lenet.pictures.pages import Page, page_name, read_pages
from lenet.pictures.standard_input import read_all
from lenet.pictures.types import Images

PAGES = 16
"""Pages of one file that are prepared by one job; a longer file takes several."""

_MOST_WORKERS = 4
_FEW = 24  # pictures that take as long as starting the processes

T = TypeVar("T")


@dataclass(frozen=True)
class Prepared(Generic[T]):
    """What was made of a picture.

    Parameters
    ----------
    name
        The picture's name; for a file of several pages, with the number of the page.
    result
        What `make` returned, or the error.
    notice
        A sentence about what was left out of the file; None if nothing was.
    """

    name: str
    result: T | ImageError
    notice: str | None = None


@dataclass(frozen=True)
class Part(Generic[T]):
    """What was made of some pages of a file, and the number of all its pages."""

    done: list[Prepared[T]]
    pages: int

    def rest(self, picture: Picture) -> Iterator[Picture]:
        """Yield the pages of a picture that come after these, as pictures of `PAGES` pages each."""
        for first in range(len(self.done), self.pages, PAGES):
            yield replace(picture, first=first, count=PAGES)


class Pools(Generic[T]):
    """Threads that prepare pictures, and processes if there are many.

    Parameters
    ----------
    make, in_processes
        As for `lenet.pictures.prefetch.prepare`.
    """

    def __init__(self, make: Callable[[Images], T], in_processes: bool) -> None:
        self.workers = min(processors(), _MOST_WORKERS)
        self._make = make
        self._in_processes = in_processes
        self._threads = ThreadPoolExecutor(self.workers)
        self._processes: Executor | None = None
        self._submitted = 0
        self._lock = threading.Lock()

    def submit(self, picture: Picture) -> Future[Part[T]]:
        """Prepare at most `PAGES` pages of a picture; several threads may call this."""
        with self._lock:
            self._submitted += picture.count or 1
            if self._in_processes and self._submitted > _FEW and self._processes is None:
                self._processes = _processes(self.workers, self._make)
        if self._processes is not None:
            return self._processes.submit(_prepared_in_process, picture)
        return self._threads.submit(_prepared, picture, self._make)

    def shutdown(self) -> None:
        """Withdraw what has not begun, and end the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._processes is not None:
            # Wait for the processes: their pipes must not close while the interpreter ends.
            self._processes.shutdown(wait=True, cancel_futures=True)


def _processes(count: int, make: Callable[[Images], Any]) -> Executor:
    # Imported here, because a command with few pictures should start quickly.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # A fork would copy locks that other threads hold, so the processes are spawned.
    context = get_context("spawn")
    return ProcessPoolExecutor(count, context, _remember, (make, context.Lock()))


_remembered: list[Callable[[Images], Any]] = []


def _remember(make: Callable[[Images], Any], turn: AbstractContextManager[Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the main process, which ends this
    end_with_parent()
    turns.share(turn)
    _remembered[:] = [make]


def _prepared_in_process(picture: Picture) -> Part[Any]:
    return _prepared(picture, _remembered[0])


def _prepared(picture: Picture, make: Callable[[Images], T]) -> Part[T]:
    done: list[Prepared[T]] = []
    pages = 1
    try:
        with turns.until_used():
            for page in _pages(picture):  # only one decoded page is in memory
                name = page_name(picture.name, page.number)
                done.append(Prepared(name, _made(page, name, make), page.notice))
                pages = page.pages
    except ImageError as error:
        done.append(Prepared(picture.name, error))
    return Part(done, pages)


def _made(page: Page, name: str, make: Callable[[Images], T]) -> T | ImageError:
    if isinstance(page.result, ImageError):
        return page.result
    try:
        return make(page.result)
    except ImageError as error:  # `make` does not know the picture's name
        return ImageError(f"{name}: {error}")


def _pages(picture: Picture) -> Iterator[Page]:
    content, first = picture.content, picture.first
    count = PAGES if picture.count is None else picture.count
    if isinstance(content, ImageError):
        raise content
    if isinstance(content, bytes):
        return read_pages(BytesIO(content), "standard input", first, count)
    if not _is_pipe(content):
        return read_pages(content, "", first, count)
    try:
        with content.open("rb", buffering=0) as stream:
            # A pipe can be read only once, so this job does all of its pages.
            return read_pages(BytesIO(read_all(stream, b"", picture.name)), picture.name)
    except OSError as error:
        raise ImageError(f"{picture.name}: cannot be read ({error.strerror})") from error


def _is_pipe(path: Path) -> bool:
    """Return True for a file without random access, for example ``<(command)``."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # the error is reported when the file is opened
        return False
    return not S_ISREG(mode) and not S_ISDIR(mode)
