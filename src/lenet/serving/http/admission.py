"""What every request passes: not too many at once, not too large, not too slow.

Plain ASGI, as `lenet.serving.http.security`: Starlette's BaseHTTPMiddleware costs a task a request.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.serving.http.limits import HEAD, Limits
from lenet.serving.http.responses import refuse

WORK = ("/v1/", "/v2/")
"""What takes time, and what a key guards. Health, metrics and the page answer when all is busy."""


class Gate:
    """Lets requests through to `app` within `limits`."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.working = 0
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it: 408, 413, 431 or 503."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # The server counts only what comes in pieces.
        if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > HEAD:
            await refuse(scope, receive, send, 431, f"the head has more than {HEAD:,} bytes")
            return
        if not scope["path"].startswith(WORK):
            await self._timed(_Exchange(self, scope, receive, send), scope)
            return
        if self.working >= self.limits.concurrent:
            sentence = f"{self.working} requests are being worked on, which is all that may be"
            await refuse(scope, receive, send, 503, sentence, retry_after="1")
            return
        self.working += 1
        exchange = _Exchange(self, scope, receive, send)
        try:
            await self._timed(exchange, scope)
        finally:
            exchange.leave()

    async def _timed(self, exchange: "_Exchange", scope: Scope) -> None:
        seconds = self.limits.seconds
        try:
            async with asyncio.timeout(seconds) as exchange.deadline:
                await self.app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            if exchange.started:
                raise
            if exchange.unread:
                status, sentence = 408, f"the request was not complete after {seconds:g} s"
            else:
                status, sentence = 503, f"the answer was not ready after {seconds:g} s"
            retry = {} if exchange.unread else {"retry_after": "1"}
            await refuse(scope, exchange.receive, exchange.send, status, sentence, **retry)


class _Exchange:
    """A request and its answer, on their way through the gate."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        self.gate = gate
        self.declared = int(length[:20]) if length.isascii() and length.isdecimal() else 0
        self.unread = self.declared > 0 or "transfer-encoding" in headers
        self.started = False
        self.deadline: asyncio.Timeout | None = None
        self._counts = scope["path"].startswith(WORK)
        self._arrived = 0
        self._receive, self._send = receive, send

    async def receive(self) -> Message:
        message = await self._next()
        limits = self.gate.limits
        if self._arrived > limits.body or self.declared > 2 * limits.body:
            await self._drain()
            # HTTPException and not Refusal: FastAPI, reading a body itself, lets only those pass.
            raise HTTPException(413, f"the body has more than {limits.body:,} bytes")
        if self.gate.held > limits.held:
            raise HTTPException(503, "too much is being sent at once", {"Retry-After": "1"})
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            # An answer that goes on, as the events of a training, takes as long as it takes.
            if self.deadline is not None and not self.deadline.expired():
                self.deadline.reschedule(None)
            self.leave()
            if self.unread:
                # What is left of the body must not be taken for the next request, nor be awaited.
                MutableHeaders(scope=message)["connection"] = "close"
        await self._send(message)

    def leave(self) -> None:
        """Make room for the next one."""
        if self._counts:
            self._counts = False
            self.gate.working -= 1
        self.gate.held -= self._arrived
        self._arrived = 0

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            size = len(message.get("body", b""))
            self._arrived += size
            self.gate.held += size
            self.unread = bool(message.get("more_body", False))
        return message

    async def _drain(self) -> None:
        """Read on, where little is left: who still sends would lose our answer to a reset."""
        most = 2 * self.gate.limits.body
        while self.unread and self.declared <= most and self._arrived <= most:
            if (await self._next())["type"] != "http.request":
                return
