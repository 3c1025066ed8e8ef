"""Checks who asks (host name, origin, API key); adds security headers for browsers."""

import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.errors import LenetError
from lenet.serving.http.admission import API_PATHS
from lenet.serving.http.responses import problem

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    # Other sites get no address from the page; its own requests are known by it (`HostCheck`).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STARTS_WORK = "/v1/runs/"  # evaluates a network, and may download its data
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
    this service's own name. The browser then names the page's site as ``Origin`` if it sends
    something, and says in ``Sec-Fetch-Site`` that it is another one, but only to names that it
    trusts: to localhost, or with TLS. A request for a run starts work, so a browser that says
    neither must name a page of this service as ``Referer``.

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
            host = headers.get("host", "")
            if self.hosts is not None and _name(host) not in self.hosts:
                app = problem(
                    421,
                    f"{host[:100]!r} is not a name of this service; lenet serve --allow-host adds "
                    "a name",
                )
            elif not _is_ours(scope, headers, host):
                origin = headers.get("origin", "another site")
                app = problem(403, f"a page of {origin[:100]!r} may not send this request")
        await app(scope, receive, send)


class ApiKey:
    """Requires ``Authorization: Bearer KEY`` for the API (else 401), not for page and metrics."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self.app = app
        self.expected = key.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        app, path = self.app, scope.get("path", "")
        if scope["type"] == "http" and (path.startswith(API_PATHS) or path == "/v2"):
            scheme, _, sent = Headers(scope=scope).get("authorization", "").partition(" ")
            key = sent.strip().encode("latin-1", "replace")
            # The comparison takes the same time for every key, so time reveals nothing about it.
            # The scheme has any case (RFC 9110, section 11.1).
            if not (hmac.compare_digest(key, self.expected) and scheme.lower() == "bearer"):
                sentence = "this service needs its key: send Authorization: Bearer KEY"
                app = problem(401, sentence, {"WWW-Authenticate": "Bearer"})
        await app(scope, receive, send)


def checked_key(key: str | None) -> str | None:
    """Return the key, without blanks around it; None if there is none.

    Raises
    ------
    LenetError
        It is empty, which may be a mistake and would let everybody in, or cannot be sent in a head.
    """
    if key is None:
        return None
    key = key.strip()
    if not key:
        raise LenetError(
            "the API key is empty: give one with --api-key or LENET_API_KEY, or unset LENET_API_KEY"
        )
    if not key.isprintable():
        raise LenetError("the API key has signs that cannot be sent: use letters and digits")
    return key


def _is_ours(scope: Scope, headers: Headers, host: str) -> bool:
    """Return whether a request comes from no page of another site, as far as can be known."""
    path, origin = scope["path"], headers.get("origin")
    if scope["method"] not in _SAFE:
        return origin is None or _same(origin, host)
    if not path.startswith(API_PATHS):
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    source = origin or headers.get("referer")
    if source is not None:
        return _same(source, host)
    # Browsers call themselves Mozilla; other programs send what they like anyway.
    is_browser = headers.get("user-agent", "").startswith("Mozilla/")
    return not (is_browser and path.startswith(_STARTS_WORK))


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
