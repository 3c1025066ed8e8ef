"""Applies a function to many pictures in parallel, in order, with bounded prefetch."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeVar

from lenet.pictures.find_files import Picture
from lenet.pictures.prepare import Part, Pools, Prepared
from lenet.pictures.types import Images

_AHEAD = 256  # the most pictures in memory
_LONGEST_WAIT = 0.02  # seconds that a result waits for others; large batches are faster

T = TypeVar("T")


def prepare(
    pictures: Iterable[Picture], make: Callable[[Images], T], in_processes: bool = False
) -> Iterator[list[Prepared[T]]]:
    """Read pictures in threads, apply `make` to each, and yield the results in order, in batches.

    At most 256 pictures are in memory; of a file with several pages, some at a time. A batch is
    yielded at the latest 20 ms after its first result, even while `pictures` still searches for the
    next picture.

    Parameters
    ----------
    pictures
        Iterated in its own thread. A file with several pages gives a result for each.
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
    ready: SimpleQueue[tuple[Picture, Future[Part[T]]] | BaseException | None] = SimpleQueue()
    free = threading.Semaphore(_AHEAD)
    stopped = threading.Event()
    pools = Pools(make, in_processes)

    def feed() -> None:
        end: BaseException | None = None
        try:
            for picture in pictures:
                free.acquire()
                if stopped.is_set():
                    return
                ready.put((picture, pools.submit(picture)))
        except BaseException as error:  # raised again in the thread that uses the results
            end = error
        ready.put(end)

    # A daemon thread, because it may wait for standard input when the process ends.
    threading.Thread(target=feed, daemon=True).start()
    batch: list[Prepared[T]] = []
    due = 0.0
    waiting: Iterator[Picture] = iter(())  # more pages of the last file
    begun: deque[tuple[Picture, Future[Part[T]]]] = deque()  # the first of them
    try:
        while True:
            left = max(due - monotonic(), 0) if batch else None
            while len(begun) < pools.workers and (part := next(waiting, None)):
                begun.append((part, pools.submit(part)))
            try:
                item = begun.popleft() if begun else ready.get(timeout=left)
            except Empty:
                yield batch
                batch = []
                continue
            if not isinstance(item, tuple):
                break
            picture, future = item
            if batch and not future.done() and wait([future], left).not_done:
                yield batch
                batch = []
            part = future.result()
            if picture.count is None:
                waiting = part.rest(picture)
                free.release()
            for one in part.done:
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
        pools.shutdown()
