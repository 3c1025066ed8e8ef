"""A socket, and uvicorn behind it until somebody says stop."""

import errno
import signal
import socket
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from math import ceil
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from lenet.errors import LenetError
from lenet.serving.http.limits import HEAD, Limits
from lenet.serving.http.protocol import PatientProtocol

_CONNECTIONS = 512  # open at once; most systems let a process have 1,024 files
_KEEP_ALIVE = 5  # seconds


class Server(uvicorn.Server):
    """uvicorn's server; finishes what is in flight when it is told to stop.

    Parameters
    ----------
    make_app
        Gets what tells whether the server is stopping, and returns the application.
    limits
        Its limits; who is in flight longer than they allow is cut off when the server stops.
    started
        Called when connections are taken.

    Attributes
    ----------
    interrupted
        It was Ctrl-C, and not SIGTERM, that stopped it.
    """

    def __init__(
        self,
        make_app: Callable[[Callable[[], bool]], ASGIApp],
        limits: Limits,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        self._started = started
        self.interrupted = False
        super().__init__(
            uvicorn.Config(
                make_app(lambda: self.should_exit),
                http=PatientProtocol,
                ws="none",
                lifespan="on",
                log_level="error",
                access_log=False,
                server_header=False,
                # Who the client is matters to nothing here, so no proxy's word is taken for it.
                proxy_headers=False,
                limit_concurrency=_CONNECTIONS,
                h11_max_incomplete_event_size=HEAD,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=ceil(limits.seconds),
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self._started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; a second time, without waiting for what is in flight."""
        self.interrupted = sig == signal.SIGINT
        if self.should_exit:
            self.force_exit = True
        self.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """Take a port; 0 is any that is free.

    Raises
    ------
    LenetError
        It is taken or not ours to take, or `host` is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, protocol)
    except OSError as error:
        raise LenetError(f"{host} is no address to serve on ({error.strerror})") from error
    try:
        # A port whose last server has just ended may be taken again.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
    except OSError as error:
        taken.close()
        raise LenetError(_why_not(host, port, error)) from error
    return taken


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: choose another with --port, or 0 for a free one"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by you: choose one from 1024 on with --port"
    return f"{host} is no address to serve on ({error.strerror})"


def url_of(host: str, taken: socket.socket) -> str:
    """Return the address to open in a browser."""
    port = taken.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def names_of(host: str, further: Iterable[str]) -> list[str] | None:
    """Return the names under which a server on `host` is reached; None: nobody knows.

    On loopback only this machine's own names make sense. Elsewhere the names are the network's to
    know, unless some are given.
    """
    named = list(further)
    if _is_loopback(host):
        return ["localhost", "127.0.0.1", "::1", host, *named]
    return [host, *named] if named else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
