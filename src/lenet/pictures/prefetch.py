"""Many pictures, each made into something: others read ahead, while order and memory stay."""

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

_AHEAD = 256
# Seconds for which a picture may wait for others: they are answered faster together.
_PATIENCE = 0.02
_MOST_AT_ONCE = 4
# Pictures that are made before processes are started, which takes as long as these.
_FEW = 24

T = TypeVar("T")


@dataclass(frozen=True)
class Prepared(Generic[T]):
    """A picture's name, and what was made of it or why there is nothing."""

    name: str
    result: T | ImageError


def prepare(
    found: Iterable[Picture], make: Callable[[Images], T], in_processes: bool = False
) -> Iterator[list[Prepared[T]]]:
    """Read pictures in threads, make something of each, and give that in their order, some at once.

    No more than 256 are held, however many are found and however slowly they are used. A picture
    is given when it and all before it are read, even while the next is still to be found.

    Parameters
    ----------
    found
        Iterated in a thread of its own.
    make
        Called in the threads with decoded pictures, uint8 ``[height, width]`` or
        ``[height, width, 3]``. An `ImageError` becomes the picture's result; others end it all.
    in_processes
        Where there are many pictures, most are made in processes: worth it where `make` spends
        its time in Python. It and its results can be pickled then.

    Yields
    ------
    Lists that are not empty.
    """
    ready: SimpleQueue[Future[Prepared[T]] | BaseException | None] = SimpleQueue()
    room = threading.Semaphore(_AHEAD)
    stopped = threading.Event()
    at_once = min(os.cpu_count() or 1, _MOST_AT_ONCE)
    threads = ThreadPoolExecutor(at_once)
    pools: list[Executor] = [threads]

    def feed() -> None:
        end: BaseException | None = None
        try:
            for number, picture in enumerate(found):
                room.acquire()
                if stopped.is_set():
                    return
                if in_processes and number == _FEW:
                    pools.append(_processes(at_once, make))
                if len(pools) > 1:
                    ready.put(pools[1].submit(_prepared_there, picture))
                else:
                    ready.put(threads.submit(_prepared, picture, make))
        except BaseException as error:  # raised again where the pictures are used
            end = error
        ready.put(end)

    # A daemon: it may wait for standard input, which must not keep a process that ends.
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
            room.release()
            if not batch:
                due = monotonic() + _PATIENCE
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
        room.release()
        # Processes are waited for: their pipes must not close while the interpreter ends.
        for pool in pools:
            pool.shutdown(wait=pool is not threads, cancel_futures=True)


def _processes(count: int, make: Callable[[Images], Any]) -> Executor:
    # Imported here: whoever has one picture should not wait for it.
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Spawned: a fork would copy locks that threads hold.
    return ProcessPoolExecutor(count, get_context("spawn"), _remember, (make,))


_remembered: list[Callable[[Images], Any]] = []


def _remember(make: Callable[[Images], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is told to all; the first process ends us
    _remembered[:] = [make]


def _prepared_there(picture: Picture) -> Prepared[Any]:
    return _prepared(picture, _remembered[0])


def _prepared(picture: Picture, make: Callable[[Images], T]) -> Prepared[T]:
    try:
        image = _decoded(picture)
    except ImageError as error:
        return Prepared(picture.name, error)
    try:
        return Prepared(picture.name, make(image))
    except ImageError as error:  # which does not know the picture's name
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
    """Tell whether a file can only be read from its beginning to its end, as ``<(command)``."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # which opening it tells better
        return False
    return not S_ISREG(mode) and not S_ISDIR(mode)
