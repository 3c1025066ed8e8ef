"""A client of an application in this process."""

import asyncio
from functools import cache
from typing import Any, Self

import httpx
from starlette.types import ASGIApp, Message

from lenet.serving.api.registry import Served
from lenet.serving.app import create_app
from lenet.serving.work.children import IsGone
from lenet.serving.work.jobs import Job, run
from lenet.serving.work.messages import Message as Done


class Client:
    """Asks an ASGI application without a socket; entered, it starts and stops it.

    With ``start=False`` the application is not told that it starts.
    """

    def __init__(self, app: ASGIApp, start: bool = True) -> None:
        self._starts = start
        self._app = app
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # pyright: ignore[reportArgumentType] the same protocol under another name
        self._http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
        self._stop = asyncio.Event()

    def __enter__(self) -> Self:
        if self._starts:
            self._runner.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._end())
        self._runner.close()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._runner.run(self._http.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    async def _start(self) -> None:
        started = asyncio.Event()

        async def receive() -> Message:
            if not started.is_set():
                return {"type": "lifespan.startup"}
            await self._stop.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: Message) -> None:
            assert message["type"].endswith(".complete"), message
            started.set()

        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._life = asyncio.ensure_future(self._app(scope, receive, send))
        await started.wait()

    async def _end(self) -> None:
        if self._starts:
            self._stop.set()
            await self._life
        await self._http.aclose()


class InThreads:
    """Does jobs in threads of this process, which costs a test less than a process."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def open(self) -> None: ...

    async def do(self, job: Job, body: bytes, is_gone: IsGone) -> Done:
        reader = self._served.get(job.network).artifact if job.network else None
        return await asyncio.to_thread(run, job, body, reader, has_turn=True)

    def close(self) -> None: ...


@cache
def shipped() -> Served:
    """Return the networks that ship, loaded once."""
    return Served()


def client_of(served: Served | None = None, start: bool = True, **options: Any) -> Client:
    """Return a client of the whole service."""
    known = served or shipped()
    options.setdefault("jobs", InThreads(known))
    return Client(create_app(known, **options), start)
