"""Holds the service's limits: for one request, and for all requests together.

`lenet.serving.http.admission` checks bodies, numbers of requests and times; `lenet.serving.work`
checks numbers of pictures and of pixels, and bounds work and memory.
"""

from dataclasses import dataclass

HEAD_BYTES = 32 * 1024
"""Most bytes of a request's head (its first line and headers); browsers send a few hundred."""

RETRY = {"Retry-After": "1"}
"""The header of an answer that says that there is too much to do."""

SMALL_BODY = 64 * 1024
"""Bytes of a body that is always taken; all connections together send little with such bodies."""

_BODIES = 4
_WORK_SECONDS = 10.0


@dataclass(frozen=True)
class Limits:
    """The limits of the service; each is an option of ``lenet serve``.

    Parameters
    ----------
    body
        Most bytes of a request's body, counted as they arrive, whatever ``Content-Length`` says.
    pixels
        Most pixels of one picture, read from the file's header before decoding.
    images
        Most pictures in one request.
    concurrent
        Most requests in progress at once, each from the end of its body to the beginning of its
        answer; one more is refused with 503.
    seconds
        Longest time from a request's head to the first byte of its answer.

    Examples
    --------
    >>> Limits(body=1_000_000).held
    4000000
    """

    body: int = 8 * 1024 * 1024
    pixels: int = 25_000_000
    images: int = 64
    concurrent: int = 64
    seconds: float = 30.0

    @property
    def held(self) -> int:
        """Most bytes in memory together of all bodies above `SMALL_BODY`, and of large answers."""
        return _BODIES * self.body

    @property
    def waiting(self) -> int:
        """Most requests that need a process at once, so that smaller ones still find room."""
        return max(self.concurrent // 2, 1)

    @property
    def work_seconds(self) -> float:
        """Longest time that a process may take for a request."""
        return min(self.seconds, _WORK_SECONDS)


DEFAULT = Limits()
