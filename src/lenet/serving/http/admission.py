"""Refuses requests that are too many, too large or too slow (admission control).

The middleware is plain ASGI, because Starlette's BaseHTTPMiddleware costs a task per request.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.serving.http.limits import HEAD_BYTES, RETRY, SMALL_BODY, Limits
from lenet.serving.http.responses import problem

API_PATHS = ("/v1/", "/v2/")
"""Paths whose requests are counted and need the key. Health, metrics and the page always answer."""

_TAKE_PICTURES = ("/predict", ":predict", "/read", "/infer")
"""The ends of paths that take large bodies."""

SLOW_SECONDS = 5.0
"""A body has this time, and a second more for each `SLOW_BYTES` that came."""

SLOW_BYTES = 2_000

_PIECE = 64 * 1024  # bytes of an answer that are handed to the connection at once


class AdmissionMiddleware:
    """Passes requests on to `app` within `limits`; answers others with 408, 413, 431 or 503.

    Attributes
    ----------
    working
        Requests under `API_PATHS` whose bodies have come, and whose answers have not begun.
    held
        Bytes of request bodies in memory, of those above `SMALL_BODY`.
    answering
        Bytes of answers that are longer than one piece and not sent yet.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.working = 0
        self.held = 0
        self.answering = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            app = self.app
        # uvicorn limits only a head that arrives in several pieces.
        elif sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > HEAD_BYTES:
            app = problem(431, f"the head has more than {HEAD_BYTES:,} bytes")
        elif scope["path"].startswith(API_PATHS) and self.is_full:
            app = problem(503, self.busy, RETRY)
        else:
            app = self._admitted
        await app(scope, receive, send)

    @property
    def is_full(self) -> bool:
        """Whether no more requests can be worked on."""
        return self.working >= self.limits.concurrent

    @property
    def busy(self) -> str:
        """A sentence for a request that comes then."""
        return f"the service is busy with {self.working} requests, its limit; try again later"

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange, seconds = _Exchange(self, scope, receive, send), self.limits.seconds
        try:
            async with asyncio.timeout(exchange.first_seconds) as exchange.deadline:
                await self.app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            if exchange.started:
                raise
            if exchange.unread:
                waited = asyncio.get_running_loop().time() - exchange.begin
                late = problem(408, f"the request was not complete after {waited:.0f} s")
            else:
                late = problem(503, f"the answer was not ready after {seconds:g} s", RETRY)
            await late(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:  # only a server that stops cancels requests
            if not exchange.started:
                late = problem(503, "the service stops", {**RETRY, "Connection": "close"})
                await late(scope, receive, send)
        finally:
            exchange.leave()
            exchange.finish()


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
        self.begin = asyncio.get_running_loop().time()
        limits = admission.limits
        self.first_seconds = limits.seconds
        if self.unread:
            self.first_seconds = min(limits.seconds, SLOW_SECONDS)
        path: str = scope["path"]
        self._most = limits.body if path.endswith(_TAKE_PICTURES) else min(limits.body, SMALL_BODY)
        self._admission = admission
        self._is_api = path.startswith(API_PATHS)
        self._counted = False
        self._arrived = self._held = self._answering = 0
        self._refused = False
        self._receive, self._send = receive, send
        if not self.unread:
            self._count()

    def _count(self) -> None:
        """Take a place among the requests at work."""
        if self._is_api and not self._counted:
            self._counted = True
            self._admission.working += 1

    async def receive(self) -> Message:
        was_unread = self.unread
        message = await self._next()
        limits = self._admission.limits
        if self._arrived > self._most or self.declared > 2 * self._most:
            await self._drain()
            raise HTTPException(413, f"the body has more than {self._most:,} bytes")
        if self._held > 0 and self._admission.held > limits.held:
            raise HTTPException(503, "too many bytes are being sent at once; try again", RETRY)
        if was_unread and not self.unread:
            if self._is_api and self._admission.is_full:
                raise HTTPException(503, self._admission.busy, RETRY)
            self._count()
        if was_unread:
            self._postpone()
        return message

    def _postpone(self) -> None:
        """Give a body that goes on more time, and a request that is complete the time of work."""
        if self.deadline is None or self.started or self.deadline.expired():
            return
        seconds = self._admission.limits.seconds
        if self.unread:
            seconds = min(seconds, SLOW_SECONDS + self._arrived / SLOW_BYTES)
        self.deadline.reschedule(self.begin + seconds)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif not self._refused:
            await self._continue(message)

    async def _start(self, message: Message) -> None:
        self.started = True
        # Only the start of an answer has a deadline: the events of a training go on for long.
        if self.deadline is not None and not self.deadline.expired():
            self.deadline.reschedule(None)
        self.leave()
        headers = MutableHeaders(scope=message)
        length = headers.get("content-length", "0")
        if self._is_api and length.isdecimal() and int(length) > _PIECE:
            if self._admission.answering + int(length) > self._admission.limits.held:
                self._refused = True
                busy = problem(503, "too many large answers are being sent; try again", RETRY)
                if self.unread:
                    busy.headers["connection"] = "close"
                await busy({"type": "http"}, self._receive, self._send)
                return
            self._answering = int(length)
            self._admission.answering += self._answering
        if self.unread:
            # The unread rest of the body must not be taken for the next request.
            headers["connection"] = "close"
        await self._send(message)

    async def _continue(self, message: Message) -> None:
        """Send a part of the answer, in pieces: the connection keeps what its client reads late."""
        body: bytes = message.get("body", b"")
        last = max(len(body) - 1, 0) // _PIECE * _PIECE
        for at in range(0, last, _PIECE):
            piece = body[at : at + _PIECE]
            await self._send({**message, "body": piece, "more_body": True})
        await self._send({**message, "body": body[last:]} if last else message)

    def leave(self) -> None:
        """Stop counting this request; may be called again."""
        self._admission.working -= self._counted
        self._admission.held -= self._held
        self._counted, self._held, self._is_left = False, 0, True

    def finish(self) -> None:
        """Stop counting the answer."""
        self._admission.answering -= self._answering
        self._answering = 0

    _is_left = False

    async def _next(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._arrived += len(message.get("body", b""))
            if self._arrived > SMALL_BODY and not self._is_left:
                self._admission.held += self._arrived - self._held
                self._held = self._arrived
            self.unread = bool(message.get("more_body", False))
        return message

    async def _drain(self) -> None:
        # A client that still sends when the connection is reset may lose the answer, so a body that
        # is only a little too long is read to its end.
        most = 2 * self._most
        while self.unread and self.declared <= most and self._arrived <= most:
            if (await self._next())["type"] != "http.request":
                return
