"""The limits of one request, and of all requests together."""

from dataclasses import dataclass

HEAD_BYTES = 32 * 1024
"""Most bytes of a request's head; browsers send a few hundred."""

_BODIES = 16


@dataclass(frozen=True)
class Limits:
    """The limits of the service; each is an option of ``lenet serve``.

    Parameters
    ----------
    body
        Bytes of a request's body, counted as they arrive, whatever ``Content-Length`` says.
    pixels
        Pixels of one picture, read from the file's header before decoding.
    images
        Pictures in one request.
    concurrent
        Requests in progress at once; one more is refused with 503.
    seconds
        Time from a request's head to the first byte of its answer.

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
        """Bytes of all bodies in memory together."""
        return _BODIES * self.body


DEFAULT = Limits()
