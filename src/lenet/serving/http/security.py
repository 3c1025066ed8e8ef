"""Checks who asks (host name, origin, API key); adds security headers for browsers."""

import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.serving.http.admission import API_PATHS
from lenet.serving.http.responses import problem

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SAFE = ("GET", "HEAD", "OPTIONS")


class SecurityHeaders:
    """Adds security headers to every response.

    With them, a browser loads nothing for a page from other servers, and no site, not even this
    one, can show these pages in a frame.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


class HostCheck:
    """Refuses requests for another host name (421), and from other sites' pages (403).

    Another site can let its own name point to 127.0.0.1, so that its page reaches this service
    (DNS rebinding); the requests then have that name as ``Host``. A page can also send requests to
    this service's own name; the browser then sends the page's site as ``Origin``.

    Parameters
    ----------
    hosts
        The names, without ports, under which this service is reached; None allows all.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] | None) -> None:
        self.app = app
        self.hosts = None if hosts is None else frozenset(one.lower() for one in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        app = self.app
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host, origin = headers.get("host", ""), headers.get("origin")
            if self.hosts is not None and _name(host) not in self.hosts:
                app = problem(
                    421,
                    f"{host[:100]!r} is not a name of this service; lenet serve --allow-host adds "
                    "a name",
                )
            elif origin is not None and scope["method"] not in _SAFE and not _same(origin, host):
                app = problem(403, f"a page of {origin[:100]!r} may not send this request")
        await app(scope, receive, send)


class ApiKey:
    """Requires ``Authorization: Bearer KEY`` for the API (else 401), not for page and metrics."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app = app
        self.expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        app, path = self.app, scope.get("path", "")
        if scope["type"] == "http" and (path.startswith(API_PATHS) or path == "/v2"):
            sent = Headers(scope=scope).get("authorization", "").encode("latin-1", "replace")
            # The comparison takes the same time for every key, so time reveals nothing about it.
            if not hmac.compare_digest(sent, self.expected):
                sentence = "this service needs its key: send Authorization: Bearer KEY"
                app = problem(401, sentence, {"WWW-Authenticate": "Bearer"})
        await app(scope, receive, send)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
