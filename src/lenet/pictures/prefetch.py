"""Applies a function to many pictures in parallel, in order, with bounded prefetch."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from queue import Empty, SimpleQueue
from stat import S_ISDIR, S_ISREG
from time import monotonic
from typing import Any, Generic, TypeVar

from lenet.pictures.find_files import Picture
from lenet.pictures.image import ImageError, read_image
from lenet.pictures.standard_input import read_all
from lenet.pictures.types import Images

_AHEAD = 256  # the most pictures in memory
_LONGEST_WAIT = 0.02  # seconds that a result waits for others; large batches are faster
_MOST_WORKERS = 4
_FEW = 24  # pictures that take as long as starting the processes

T = TypeVar("T")


@dataclass(frozen=True)
class Prepared(Generic[T]):
    """The name of a picture, and what `make` returned for it, or the error."""

    name: str
    result: T | ImageError


def prepare(
    pictures: Iterable[Picture], make: Callable[[Images], T], in_processes: bool = False
) -> Iterator[list[Prepared[T]]]:
    """Read pictures in threads, apply `make` to each, and yield the results in order, in batches.

    At most 256 pictures are in memory. A batch is yielded at the latest 20 ms after its first
    result, even while `pictures` still searches for the next picture.

    Parameters
    ----------
    pictures
        Iterated in its own thread.
    make
        Receives a decoded picture, uint8 ``[height, width]`` or ``[height, width, 3]``. An
        `ImageError` becomes the result of the picture; any other exception is raised here.
    in_processes
        True runs `make` in processes if there are many pictures, which is faster if it spends its
        time in Python. `make` and its results must then be picklable.

    Yields
    ------
    Lists that are not empty.
    """
    ready: SimpleQueue[Future[Prepared[T]] | BaseException | None] = SimpleQueue()
    free = threading.Semaphore(_AHEAD)
    stopped = threading.Event()
    workers = min(os.cpu_count() or 1, _MOST_WORKERS)
    threads = ThreadPoolExecutor(workers)
    pools: list[Executor] = [threads]

    def feed() -> None:
        end: BaseException | None = None
        try:
            for number, picture in enumerate(pictures):
                free.acquire()
                if stopped.is_set():
                    return
                if in_processes and number == _FEW:
                    pools.append(_processes(workers, make))
                if len(pools) > 1:
                    ready.put(pools[1].submit(_prepared_in_process, picture))
                else:
                    ready.put(threads.submit(_prepared, picture, make))
        except BaseException as error:  # raised again in the thread that uses the results
            end = error
        ready.put(end)

    # A daemon thread, because it may wait for standard input when the process ends.
    threading.Thread(target=feed, daemon=True).start()
    batch: list[Prepared[T]] = []
    due = 0.0
    try:
        while True:
            left = max(due - monotonic(), 0) if batch else None
            try:
                item = ready.get(timeout=left)
            except Empty:
                yield batch
                batch = []
                continue
            if not isinstance(item, Future):
                break
            if batch and not item.done() and wait([item], left).not_done:
                yield batch
                batch = []
            one = item.result()
            free.release()
            if not batch:
                due = monotonic() + _LONGEST_WAIT
            batch.append(one)
            if len(batch) == _AHEAD:
                yield batch
                batch = []
        if batch:
            yield batch
        if item is not None:
            raise item
    finally:
        stopped.set()
        free.release()
        # Wait for the processes: their pipes must not close while the interpreter ends.
        for pool in pools:
            pool.shutdown(wait=pool is not threads, cancel_futures=True)


def _processes(count: int, make: Callable[[Images], Any]) -> Executor:
    # Imported here, because a command with few pictures should start quickly.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # A fork would copy locks that other threads hold, so the processes are spawned.
    return ProcessPoolExecutor(count, get_context("spawn"), _remember, (make,))


_remembered: list[Callable[[Images], Any]] = []


def _remember(make: Callable[[Images], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the main process, which ends this
    _remembered[:] = [make]


def _prepared_in_process(picture: Picture) -> Prepared[Any]:
    return _prepared(picture, _remembered[0])


def _prepared(picture: Picture, make: Callable[[Images], T]) -> Prepared[T]:
    try:
        image = _decoded(picture)
    except ImageError as error:
        return Prepared(picture.name, error)
    try:
        return Prepared(picture.name, make(image))
    except ImageError as error:  # `make` does not know the picture's name
        return Prepared(picture.name, ImageError(f"{picture.name}: {error}"))


def _decoded(picture: Picture) -> Images:
    content = picture.content
    if isinstance(content, ImageError):
        raise content
    if isinstance(content, bytes):
        return read_image(BytesIO(content), "standard input")
    if not _is_pipe(content):
        return read_image(content)
    try:
        with content.open("rb", buffering=0) as stream:
            return read_image(BytesIO(read_all(stream, b"", picture.name)), picture.name)
    except OSError as error:
        raise ImageError(f"{picture.name}: cannot be read ({error.strerror})") from error


def _is_pipe(path: Path) -> bool:
    """Return True for a file without random access, for example ``<(command)``."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # the error is reported when the file is opened
        return False
    return not S_ISREG(mode) and not S_ISDIR(mode)
