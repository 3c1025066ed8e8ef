"""Lets the watch of connections see uvicorn's HTTP/1.1 protocol."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from lenet.serving.http.connections import Watch

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n"
    b"content-length: 0\r\n\r\n"
)


class WatchedProtocol(H11Protocol):
    """Tells `watch` what it waits for (`lenet.serving.http.connections.Connection`)."""

    def __init__(self, watch: Watch, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._watch = watch
        self.address = ""
        self.since = 0.0

    @property
    def waits(self) -> str:
        """See `Connection`."""
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            return "head"
        return "body" if cycle.more_body else ""

    # uvicorn's own method takes a Transport where asyncio's takes a BaseTransport.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Add it to the watch, or refuse it."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.since = self.loop.time()
        if not self._watch.add(self):
            transport.write(_FULL)
            transport.close()

    def on_response_complete(self) -> None:
        """Wait for the next request from now on."""
        self.since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove it from the watch."""
        self._watch.remove(self)
        super().connection_lost(exc)
