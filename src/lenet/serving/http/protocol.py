"""Adds a time limit for the head of a request to uvicorn's HTTP/1.1 protocol.

The head is a request's first line and headers. uvicorn waits without limit for a head that comes
byte by byte. Enough connections like that would leave none for others.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""Most seconds from a new connection, or from the last answer on it, to the end of a head."""


class HeadTimeoutProtocol(H11Protocol):
    """Closes a connection that does not send a head in time."""

    _timer: asyncio.TimerHandle | None = None

    # uvicorn's own method takes a Transport where asyncio's takes a BaseTransport.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer."""
        super().connection_made(transport)
        self._update()

    def data_received(self, data: bytes) -> None:
        """Stop the timer if the head is complete."""
        super().data_received(data)
        self._update()

    def on_response_complete(self) -> None:
        """Start the timer for the next request."""
        super().on_response_complete()
        self._update()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop()
        super().connection_lost(exc)

    def _update(self) -> None:
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._stop()
        elif self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
