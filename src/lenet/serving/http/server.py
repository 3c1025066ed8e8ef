"""Runs the application in uvicorn, on a socket that it binds."""

import asyncio
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import ip_address
from types import FrameType
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from lenet.errors import LenetError
from lenet.serving.http.connections import MOST, Watch
from lenet.serving.http.limits import HEAD_BYTES, Limits
from lenet.serving.http.logs import LOGGING
from lenet.serving.http.protocol import WatchedProtocol
from lenet.serving.work.children import kill_all

_BACKLOG = 2048  # connections that the system keeps while the server is busy
_KEEP_ALIVE = 5  # seconds
_LEAST_SECONDS = 5.0  # from a signal to the end of the process
_LAST_SECONDS = 4  # of these, for a training and for threads
_UNFINISHED_SECONDS = 2.0  # for a request whose body still comes when the server stops


class Server(uvicorn.Server):
    """uvicorn's server; when it is stopped, it finishes the requests in progress.

    Parameters
    ----------
    make_app
        Returns the application; its argument is a function that says whether the server is
        stopping.
    limits
        When the server stops, requests that take longer than these allow are cut off. The process
        then ends, whatever its threads still do.
    started
        Called when the server accepts connections.

    Attributes
    ----------
    interrupted
        True if Ctrl-C stopped the server, and not SIGTERM.
    """

    def __init__(
        self,
        make_app: Callable[[Callable[[], bool]], ASGIApp],
        limits: Limits,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        self._started = started
        self._watch = Watch()
        self._seconds = max(limits.seconds, _LEAST_SECONDS)
        self.interrupted = False
        super().__init__(
            uvicorn.Config(
                make_app(lambda: self.should_exit),
                http=cast("type[asyncio.Protocol]", partial(WatchedProtocol, self._watch)),
                ws="none",
                lifespan="on",
                log_config=LOGGING,
                log_level="error",
                access_log=False,
                server_header=False,
                # Nothing depends on the client's address, so a proxy's headers are not trusted.
                proxy_headers=False,
                limit_concurrency=2 * MOST,  # the watch keeps fewer
                h11_max_incomplete_event_size=HEAD_BYTES,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=int(self._seconds - _LAST_SECONDS),
            )
        )

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until the server is stopped.

        Raises
        ------
        LenetError
            The server could not start.
        """
        try:
            super().run(sockets)
        except SystemExit as error:  # uvicorn's way to say that the application did not start
            raise LenetError("the service could not start; the lines above say why") from error
        except OSError as error:
            if self.started:
                raise
            reason = error.strerror or error
            raise LenetError(f"the service could not start: {reason}") from error

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, and then call `started`."""
        await super().startup(sockets)
        self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish the requests that are complete; those that are not have a moment."""
        asyncio.get_running_loop().call_later(_UNFINISHED_SECONDS, self._watch.stopped)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; on a second signal, without waiting for the requests in progress."""
        self.interrupted = sig == signal.SIGINT
        if not self.should_exit:
            end = threading.Timer(self._seconds, self._end)
            end.daemon = True
            end.start()
        self.force_exit = self.force_exit or self.should_exit
        self.should_exit = True

    def _end(self) -> None:
        """End this process although something in it goes on: a thread cannot be stopped."""
        kill_all()
        os._exit(130 if self.interrupted else 0)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to a port; port 0 takes any free one.

    Raises
    ------
    LenetError
        The port is in use or not allowed, or `host` is not an address of this machine.
    """
    taken = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, protocol)
        # This lets a new server take the port of one that has just ended. On Windows it would let
        # any program take the port of one that runs.
        if sys.platform != "win32":
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(_BACKLOG)  # the port of another that listens is refused only now
    except OSError as error:
        if taken is not None:
            taken.close()
        reason = f"{host} is not an address of this machine ({error.strerror})"
        if error.errno == errno.EADDRINUSE:
            reason = (
                f"port {port} of {host} is in use: choose another with --port, 0 for a free one"
            )
        elif error.errno == errno.EACCES:
            reason = f"you may not use port {port}: choose one from 1024 on with --port"
        raise LenetError(reason) from error
    return taken


def url_of(host: str, bound: socket.socket) -> str:
    """Return the server's URL, made of `host` and the port that the socket `bound` is bound to.

    An IPv6 address is put in brackets.
    """
    port = bound.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def names_of(host: str, allowed: Iterable[str]) -> list[str] | None:
    """Return the host names that requests to a server on `host` may use; None allows all.

    On a loopback address these are this machine's own names and those `allowed`. On other addresses
    the names are unknown, so all are allowed unless `allowed` lists some.
    """
    named = list(allowed)
    if is_loopback(host):
        return ["localhost", "127.0.0.1", "::1", host, *named]
    return [host, *named] if named else None


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
