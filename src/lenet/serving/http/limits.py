"""How much one request, and all of them together, may take."""

from dataclasses import dataclass

HEAD = 32 * 1024
"""Bytes of a request's head; browsers send a few hundred."""

_BODIES = 16


@dataclass(frozen=True)
class Limits:
    """The service's limits; each has an option of ``lenet serve``.

    Parameters
    ----------
    body
        Bytes of a request's body, counted as they come, whatever ``Content-Length`` says.
    pixels
        Of one picture, as its header has them: before it is decoded.
    images
        Pictures in one request.
    concurrent
        Requests that are worked on at once; one more is refused with 503.
    seconds
        From a request's head to the beginning of its answer.
    """

    body: int = 8 * 1024 * 1024
    pixels: int = 25_000_000
    images: int = 64
    concurrent: int = 64
    seconds: float = 30.0

    @property
    def held(self) -> int:
        """Bytes of all bodies together: many of the greatest at once would exhaust memory."""
        return _BODIES * self.body


DEFAULT = Limits()
