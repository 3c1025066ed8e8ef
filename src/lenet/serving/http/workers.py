"""Holds the threads in which networks compute."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lenet.engine.native import default_threads

T = TypeVar("T")


class Workers:
    """A thread pool, for work that is known to be short: a thread cannot be ended."""

    def __init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the pool, again after `close`: an application may be started more than once."""
        self._pool = ThreadPoolExecutor(default_threads(), "answer")

    async def do(self, job: Callable[[], T]) -> T:
        """Return the result of `job`, run in a thread.

        If the caller is cancelled, a job that has not begun is withdrawn.
        """
        return await asyncio.wrap_future(self._pool.submit(job))

    def close(self) -> None:
        """End the threads after the jobs that have begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)
