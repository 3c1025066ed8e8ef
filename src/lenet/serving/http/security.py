"""Who may ask, and what a browser may do with the answer."""

import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.serving.http.admission import WORK
from lenet.serving.http.responses import refuse

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SAFE = ("GET", "HEAD", "OPTIONS")


class SecurityHeaders:
    """Adds what keeps a browser from running, framing or guessing at what is served."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


class HostCheck:
    """Refuses requests under a foreign name, and those that a foreign page sends.

    A page of anybody's may let its name point to 127.0.0.1 and then speak, in a browser on this
    machine, with what listens there as if it were its own server (DNS rebinding). Its requests
    carry its own name as ``Host``. And without reading the answers, it may send what changes
    something, or costs something, to us under our own name; a browser then says its ``Origin``.

    Parameters
    ----------
    hosts
        The names, without ports, under which this service is reached; None: all.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] | None) -> None:
        self.app = app
        self.hosts = None if hosts is None else frozenset(one.lower() for one in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it: 421 or 403."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.hosts is not None and _name(host) not in self.hosts:
            sentence = (
                f"this service is not called {host[:100]!r}; lenet serve --allow-host gives it "
                "another name"
            )
            await refuse(scope, receive, send, 421, sentence)
        elif origin is not None and scope["method"] not in _SAFE and not _same(origin, host):
            sentence = f"a page of {origin[:100]!r} may not use this service through a browser"
            await refuse(scope, receive, send, 403, sentence)
        else:
            await self.app(scope, receive, send)


class ApiKey:
    """Asks for ``Authorization: Bearer KEY`` on what works, not on the page, health and metrics."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app = app
        self.expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it: 401."""
        path: str = scope.get("path", "")
        if scope["type"] == "http" and (path.startswith(WORK) or path == "/v2"):
            given = Headers(scope=scope).get("authorization", "").encode("latin-1", "replace")
            # In constant time: how long a comparison takes would tell how much is right.
            if not hmac.compare_digest(given, self.expected):
                sentence = "this needs the service's key: send Authorization: Bearer KEY"
                await refuse(scope, receive, send, 401, sentence, www_authenticate="Bearer")
                return
        await self.app(scope, receive, send)


def _name(host: str) -> str:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return ""
    return name or ""


def _same(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
