"""Holds the service's limits: for one request, and for all requests together.

`lenet.serving.http.admission` checks bodies, numbers of requests and times; `lenet.serving.api`
checks numbers of pictures and of pixels.
"""

from dataclasses import dataclass

HEAD_BYTES = 32 * 1024
"""Most bytes of a request's head (its first line and headers); browsers send a few hundred."""

_BODIES = 16


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
        Most requests in progress at once; one more is refused with 503.
    seconds
        Longest time from a request's head to the first byte of its answer.

    Examples
    --------
    >>> Limits(body=1_000_000).held
    16000000
    """

    body: int = 8 * 1024 * 1024
    pixels: int = 25_000_000
    images: int = 64
    concurrent: int = 64
    seconds: float = 30.0

    @property
    def held(self) -> int:
        """Most bytes of all bodies in memory together."""
        return _BODIES * self.body


DEFAULT = Limits()
