"""Holds the threads in which requests are answered."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lenet.engine.native import default_threads

T = TypeVar("T")

SMALL = 4096
"""Pixels, or bytes of JSON, up to which an answer takes less time than handing it to a thread."""

_LARGE = 4_000_000  # pixels; 25 million take some hundred MB while they are decoded
_LONG = 256 * 1024  # bytes of JSON; Python's objects take about twenty times as much


class Workers:
    """Two thread pools: one for most jobs, and one thread for jobs that need much memory."""

    def __init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the pools, again after `close`: an application may be started more than once."""
        self._few = ThreadPoolExecutor(default_threads(), "answer")
        self._one = ThreadPoolExecutor(1, "answer-large")

    async def do(self, job: Callable[[], T], pixels: int = 0, text: int = 0) -> T:
        """Return the result of `job`, run in a thread.

        If the caller is cancelled, a job that has not begun is withdrawn.

        Parameters
        ----------
        pixels
            Pixels of the largest picture that the job decodes.
        text
            Bytes of JSON that the job reads.
        """
        pool = self._one if pixels > _LARGE or text > _LONG else self._few
        return await asyncio.wrap_future(pool.submit(job))

    def close(self) -> None:
        """End the threads after the jobs that have begun."""
        self._few.shutdown(wait=False, cancel_futures=True)
        self._one.shutdown(wait=False, cancel_futures=True)
