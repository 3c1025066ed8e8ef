"""Refuses requests that are too many, too large or too slow (admission control).

The middleware is plain ASGI, because Starlette's BaseHTTPMiddleware costs a task per request.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.serving.http.limits import HEAD_BYTES, Limits
from lenet.serving.http.responses import problem

API_PATHS = ("/v1/", "/v2/")
"""Paths whose requests are counted and need the key. Health, metrics and the page always answer."""

_RETRY = {"Retry-After": "1"}


class AdmissionMiddleware:
    """Passes requests on to `app` within `limits`; answers others with 408, 413, 431 or 503.

    Attributes
    ----------
    working
        Requests under `API_PATHS` in progress.
    held
        Bytes of request bodies in memory.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.working = 0
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            app = self.app
        # uvicorn limits only a head that arrives in several pieces.
        elif sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > HEAD_BYTES:
            app = problem(431, f"the head has more than {HEAD_BYTES:,} bytes")
        elif scope["path"].startswith(API_PATHS) and self.working >= self.limits.concurrent:
            busy = f"the service is busy with {self.working} requests, its limit; try again later"
            app = problem(503, busy, _RETRY)
        else:
            app = self._admitted
        await app(scope, receive, send)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange, seconds = _Exchange(self, scope, receive, send), self.limits.seconds
        try:
            async with asyncio.timeout(seconds) as exchange.deadline:
                await self.app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            if exchange.started:
                raise
            if exchange.unread:
                late = problem(408, f"the request was not complete after {seconds:g} s")
            else:
                late = problem(503, f"the answer was not ready after {seconds:g} s", _RETRY)
            await late(scope, exchange.receive, exchange.send)
        finally:
            exchange.leave()


class _Exchange:
    """One request and its answer: counts the bytes that arrive, and notices when it is answered."""

    def __init__(
        self, admission: AdmissionMiddleware, scope: Scope, receive: Receive, send: Send
    ) -> None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        self.declared = int(length[:20]) if length.isascii() and length.isdecimal() else 0
        self.unread = self.declared > 0 or "transfer-encoding" in headers
        self.started = False
        self.deadline: asyncio.Timeout | None = None
        self._admission = admission
        self._counted = scope["path"].startswith(API_PATHS)
        self._arrived = 0
        self._receive, self._send = receive, send
        admission.working += self._counted

    async def receive(self) -> Message:
        message = await self._next()
        limits = self._admission.limits
        if self._arrived > limits.body or self.declared > 2 * limits.body:
            await self._drain()
            raise HTTPException(413, f"the body has more than {limits.body:,} bytes")
        if self._admission.held > limits.held:
            raise HTTPException(503, "too many bytes are being sent at once; try again", _RETRY)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            # Only the start of an answer has a deadline: the events of a training go on for long.
            if self.deadline is not None and not self.deadline.expired():
                self.deadline.reschedule(None)
            self.leave()
            if self.unread:
                # The unread rest of the body must not be taken for the next request.
                MutableHeaders(scope=message)["connection"] = "close"
        await self._send(message)

    def leave(self) -> None:
        """Stop counting this request; may be called again."""
        self._admission.working -= self._counted
        self._admission.held -= self._arrived
        self._counted, self._arrived = False, 0

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self._arrived += size
            self._admission.held += size
            self.unread = bool(message.get("more_body", False))
        return message

    async def _drain(self) -> None:
        # A client that still sends when the connection is reset may lose the answer, so a body that
        # is only a little too long is read to its end.
        most = 2 * self._admission.limits.body
        while self.unread and self.declared <= most and self._arrived <= most:
            if (await self._next())["type"] != "http.request":
                return
