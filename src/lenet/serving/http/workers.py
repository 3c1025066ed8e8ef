"""Where requests are worked on: at once, in a few threads, or one after another."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lenet.engine.native import default_threads

T = TypeVar("T")

SMALL = 4096
"""Pixels, or bytes of JSON, that cost less than handing them to a thread."""

_LARGE = 4_000_000  # pixels; decoded and made grey they fill some hundred MB at 25 million
_LONG = 256 * 1024  # bytes of JSON; as Python's objects they are some twenty times that


class Workers:
    """The threads of a service."""

    def __init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Begin, again if it was closed: an application may be started more than once."""
        self._few = ThreadPoolExecutor(default_threads(), "answer")
        # What takes much memory is done one at a time, and does not hold up the small.
        self._one = ThreadPoolExecutor(1, "answer-large")

    async def do(self, job: Callable[[], T], pixels: int = 0, text: int = 0) -> T:
        """Do a job in a thread and return its result.

        A caller that no longer waits withdraws a job that has not begun.

        Parameters
        ----------
        pixels
            Of the largest picture that the job decodes.
        text
            Bytes of JSON that it reads.
        """
        pool = self._one if pixels > _LARGE or text > _LONG else self._few
        return await asyncio.wrap_future(pool.submit(job))

    def close(self) -> None:
        """End the threads when they have done what they do."""
        self._few.shutdown(wait=False, cancel_futures=True)
        self._one.shutdown(wait=False, cancel_futures=True)
