"""Does jobs in a process of its own: ``python -m lenet.serving.work.child``.

The service starts it, so that decoding a file of a stranger can be ended, cannot take all memory,
and cannot harm the service if a decoder crashes. It reads jobs from standard input and writes what
came of them to standard output, both as messages, and ends when standard input is closed.
"""

import os
import pickle
import signal
import sys
import traceback
import warnings
from pathlib import Path
from typing import IO, Any

from starlette.exceptions import HTTPException

from lenet.artifact import Artifact
from lenet.errors import LenetError
from lenet.serving.work import messages
from lenet.serving.work.cost import NeedsTurn
from lenet.serving.work.jobs import Job, run
from lenet.serving.work.messages import Message

_NICENESS = 10  # the service itself, which answers small pictures, goes first

# Memory beyond what this process has when it begins: with a turn, and without one.
BYTES_A_PIXEL = 12  # of the largest picture; a progressive JPEG takes ten while it is decoded
LEAST_BYTES = 128 * 1024 * 1024
BYTES_WITHOUT_TURN = 80 * 1024 * 1024

_MEMORY = "it needs more memory than the service gives to a request"


class _Memory:
    """Bounds this process's memory where the system can: an allocation beyond it fails."""

    def __init__(self) -> None:
        self._own = 0
        try:
            import resource

            # The sixth number is the size of data and stack, in pages; RLIMIT_DATA counts the same.
            pages = int(Path("/proc/self/statm").read_text().split()[5])
            self._own = pages * resource.getpagesize()
        except (ImportError, OSError, ValueError, IndexError):
            pass

    def allow(self, more: int) -> None:
        """Allow so many bytes more than this process had at first."""
        if self._own:
            import resource

            hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
            limit = self._own + more
            if hard != resource.RLIM_INFINITY:
                limit = min(limit, hard)
            resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def answered(message: Message, readers: dict[str, Artifact], memory: _Memory) -> Message:
    """Do the job that a message holds; return its result, or a message that says why there is none.

    The keys of such a message are ``status`` and ``detail`` for a request that is refused,
    ``needs_turn``, or ``defect`` with a traceback; and ``is_worn`` if this process should end.
    """
    table = message.table
    job = Job.from_json(table["job"])
    if job.does == "read" and len(message.arrays) > 1:
        # The service itself made this pickle; nothing of a request is in it.
        readers[job.network] = pickle.loads(message.arrays[1].tobytes())
    has_turn: bool = table["has_turn"]
    most = max(BYTES_A_PIXEL * job.limits.pixels, LEAST_BYTES) if has_turn else BYTES_WITHOUT_TURN
    _limit_time(table["seconds"])
    try:
        memory.allow(most)
        return run(job, message.arrays[0].tobytes(), readers.get(job.network), has_turn)
    except NeedsTurn:
        return Message({"needs_turn": True}, [])
    except MemoryError:
        answer = _refused(413, _MEMORY) if has_turn else Message({"needs_turn": True}, [])
        answer.table["is_worn"] = True  # decoders may not give back what they took
        return answer
    except HTTPException as error:
        return _refused(error.status_code, error.detail)
    except LenetError as error:
        return _refused(422, str(error))
    except Exception:
        return Message({"defect": traceback.format_exc()}, [])
    finally:
        _limit_time(0)


def _refused(status: int, detail: str) -> Message:
    return Message({"status": status, "detail": detail}, [])


def _limit_time(seconds: float) -> None:
    """End this process after some seconds, even within a decoder; 0 allows any time.

    The service ends it a little earlier, unless the service itself was killed.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def serve(source: IO[bytes], target: IO[bytes]) -> None:
    """Answer messages until the other side ends."""
    memory = _Memory()
    readers: dict[str, Artifact] = {}
    while True:
        try:
            message = messages.read(source)
            result = answered(message, readers, memory)
            del message
            messages.write(target, result.table, result.arrays)
        except (EOFError, BrokenPipeError):
            return


def main() -> None:
    """Answer messages on standard input; whatever else prints something does not disturb them."""
    warnings.simplefilter("ignore")
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    source: Any = sys.stdin.buffer
    target = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(source, target)


if __name__ == "__main__":
    main()
