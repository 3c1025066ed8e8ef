"""Keeps the processes in which jobs are done, and ends one that takes too long."""

import asyncio
import os
import pickle
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Any, Protocol

from starlette.exceptions import HTTPException

from lenet.artifact import Artifact
from lenet.serving.http.limits import RETRY, Limits
from lenet.serving.work import messages
from lenet.serving.work.jobs import LONG, Job
from lenet.serving.work.messages import Message, as_array

PROCESSES = 2
"""One can be busy with a large picture while the other goes on with all others."""

MOST_JOBS = 1000
"""Then a process is replaced, in case that a decoder loses memory."""

_GRACE = 2.0  # seconds after which a process ends itself, if nobody else does

_ALONE = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0

_running: set["Child"] = set()


IsGone = Callable[[], Awaitable[bool]]
"""Says whether the client has left."""


class Jobs(Protocol):
    """Whatever does jobs: processes, or the test's own."""

    def open(self) -> None:
        """Begin; may be called again after `close`."""
        ...

    async def do(self, job: Job, body: bytes, is_gone: IsGone) -> Message:
        """Do a job, unless its client is gone; `HTTPException` if the request is refused."""
        ...

    def close(self) -> None:
        """End, and leave what is in progress."""
        ...


class Ended(Exception):
    """The process ended before it answered."""


class Child:
    """One process; `ask` is called in a thread, `kill` in any."""

    def __init__(self) -> None:
        self.jobs = 0
        self.readers: set[str] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False
        self._lock = Lock()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process, unless it runs already."""
        with self._lock:
            if self._killed:
                raise Ended
            if self._process is None:
                _running.add(self)
                self._process = _start()
            return self._process

    def ask(self, table: dict[str, Any], arrays: list[Any]) -> Message:
        """Send a message and wait for the answer; `Ended` if there is none."""
        process = self.start()
        assert process.stdin is not None
        assert process.stdout is not None
        self.jobs += 1
        try:
            messages.write(process.stdin, table, arrays)
            return messages.read(process.stdout)
        except (OSError, EOFError, ValueError) as error:
            raise Ended from error

    def kill(self) -> None:
        """End the process at once; a call of `ask` then raises `Ended`."""
        with self._lock:
            self._killed = True
            _running.discard(self)
            process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def close_pipes(self) -> None:
        """Close the pipes of a process that was killed, when nobody reads from them any more."""
        if self._process is not None:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()


def _start() -> subprocess.Popen[bytes]:
    # -P: a folder in which the service is started must not hold our modules. What decoders print
    # about a file of a stranger is no message of ours. Ctrl-C goes to the service alone.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "lenet.serving.work.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=sys.platform != "win32",
        creationflags=_ALONE,
    )


def kill_all() -> None:
    """End all processes of this service at once."""
    for one in list(_running):
        one.kill()


class Children:
    """Does jobs in processes. One that takes too long is ended, and so is its process.

    Parameters
    ----------
    reader
        Returns the network of a name, for jobs that read.
    """

    def __init__(self, limits: Limits, reader: Callable[[str], Artifact]) -> None:
        self._limits = limits
        self._reader = reader
        self._waiting = 0

    def open(self) -> None:
        """Start one process, so that the first request does not wait for it."""
        self._threads = ThreadPoolExecutor(PROCESSES, "ask")
        self._turns = asyncio.Semaphore(PROCESSES)
        self._large = asyncio.Lock()
        self._idle = [Child()]
        self._busy: set[Child] = set()
        self._threads.submit(self._idle[0].start)

    async def do(self, job: Job, body: bytes, is_gone: IsGone) -> Message:
        """Do a job, unless its client is gone.

        Raises
        ------
        HTTPException
            503: too many jobs wait. 413: it takes too long or too much memory. 422: its process
            crashed. Or the request is refused for another reason.
        """
        if self._waiting >= self._limits.waiting:
            sentence = f"{self._waiting} requests with larger pictures wait, the limit; try again"
            raise HTTPException(503, sentence, RETRY)
        self._waiting += 1
        try:
            is_text = job.source in ("json", "instances") or job.does == "tensors"
            if not is_text or len(body) <= LONG:
                answer = await self._asked(job, body, is_gone, has_turn=False)
                if "needs_turn" not in answer.table:
                    return answer
            async with self._large:
                return await self._asked(job, body, is_gone, has_turn=True)
        finally:
            self._waiting -= 1

    async def _asked(self, job: Job, body: bytes, is_gone: IsGone, has_turn: bool) -> Message:
        seconds = self._limits.work_seconds
        async with self._turns:
            if await is_gone():
                raise HTTPException(400, "the connection was closed before the request was done")
            child = self._idle.pop() if self._idle else Child()
            table = {"job": job.to_json(), "has_turn": has_turn, "seconds": seconds + _GRACE}
            arrays: list[Any] = [as_array(body)]
            if job.does == "read" and job.network not in child.readers:
                arrays.append(as_array(pickle.dumps(self._reader(job.network))))
                child.readers.add(job.network)
            self._busy.add(child)
            asked = asyncio.get_running_loop().run_in_executor(
                self._threads, child.ask, table, arrays
            )
            is_well = False
            try:
                async with asyncio.timeout(seconds):
                    answer = await asyncio.shield(asked)
                is_well = child.jobs < MOST_JOBS and "is_worn" not in answer.table
            except TimeoutError as error:
                sentence = f"the request takes more than {seconds:g} s of work, the limit"
                raise HTTPException(413, sentence) from error
            except Ended as error:
                sentence = "a picture cannot be decoded: the process that decodes it crashed"
                raise HTTPException(422, sentence) from error
            finally:
                self._busy.discard(child)
                if is_well:
                    self._idle.append(child)
                else:
                    child.kill()
                    asked.add_done_callback(lambda done: _left(child, done))
        return _checked(answer)

    def close(self) -> None:
        """End the processes."""
        for child in [*self._idle, *self._busy]:
            child.kill()
        for child in self._idle:
            child.close_pipes()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _left(child: Child, done: "asyncio.Future[Message]") -> None:
    if not done.cancelled():
        done.exception()  # it is known, and need not be reported as forgotten
    child.close_pipes()


def _checked(answer: Message) -> Message:
    """Raise what an answer reports."""
    table = answer.table
    if "status" in table:
        raise HTTPException(table["status"], table["detail"])
    if "defect" in table:
        raise RuntimeError(f"in a process that does jobs:\n{table['defect']}")
    return answer
