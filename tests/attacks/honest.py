"""Honest clients of a service under attack, and the memory of all its processes."""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tests.serving.service import Service, as_file

CONNECTIONS = 16
PATIENCE = 5.0  # seconds


def bar() -> bytes:
    """Return a one as MNIST has it, 28 x 28."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 12:16] = 255
    return as_file(image)


def ask(body: bytes, path: str = "/v1/predict", kind: str = "image/png", more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass
class Seen:
    """What honest clients got: how many answers, and how many in time."""

    asked: int = 0
    answered: int = 0
    slowest: float = 0.0
    memory: list[int] = field(default_factory=list[int])

    @property
    def share(self) -> float:
        return self.answered / max(self.asked, 1)


def memory_of(process: int) -> int:
    """Return the resident memory of a process and of all that it started, in MB."""
    with suppress(OSError, IndexError):  # it has ended; one that nobody waited for has no VmRSS
        status = Path(f"/proc/{process}/status").read_text()
        own = int(status.partition("VmRSS:")[2].split()[0]) // 1024
        children = {
            int(one)
            for task in Path(f"/proc/{process}/task").iterdir()
            for one in (task / "children").read_text().split()
        }
        return own + sum(memory_of(child) for child in children)
    return 0


@contextmanager
def honest_clients(service: Service) -> Generator[Seen]:
    """Let 16 clients ask while the block runs, over connections that they keep, or open again."""
    seen, ended = Seen(), threading.Event()
    request = ask(bar())

    async def client() -> None:
        reader = writer = None
        while not ended.is_set():
            begin = time.monotonic()
            seen.asked += 1
            try:
                async with asyncio.timeout(PATIENCE):
                    if writer is None or reader is None:
                        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    _, _, length = head.lower().partition(b"content-length:")
                    if not length:  # the connection was closed with a short refusal
                        raise ConnectionError
                    await reader.readexactly(int(length.split()[0]))
                seen.answered += head.startswith(b"HTTP/1.1 200")
                if not head.startswith(b"HTTP/1.1 200"):
                    await asyncio.sleep(0.05)
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                if writer is not None:
                    writer.transport.abort()
                reader = writer = None
            seen.slowest = max(seen.slowest, time.monotonic() - begin)
            await asyncio.sleep(0.02)  # the attack shall have most of the processor
        if writer is not None:
            writer.transport.abort()

    async def watch() -> None:
        while not ended.is_set():
            seen.memory.append(memory_of(service.process.pid))
            await asyncio.sleep(0.1)

    async def all_of_them() -> None:
        await asyncio.gather(watch(), *(client() for _ in range(CONNECTIONS)))
        await asyncio.sleep(0.1)  # until the connections are closed

    thread = threading.Thread(target=lambda: asyncio.run(all_of_them()))
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


async def repeatedly(
    port: int, requests: list[bytes], connections: int, seconds: float
) -> dict[int, int]:
    """Send requests again and again over some connections; count the statuses, 0 for none."""
    statuses: dict[int, int] = {}
    end = time.monotonic() + seconds

    async def one(at: int) -> None:
        while time.monotonic() < end:
            status = 0
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(max(end - time.monotonic(), 0.1)):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    try:
                        writer.write(requests[at % len(requests)])
                        head = await reader.readuntil(b"\r\n\r\n")
                        status = int(head.split()[1])
                    finally:
                        writer.transport.abort()
            statuses[status] = statuses.get(status, 0) + 1
            at += connections

    await asyncio.gather(*(one(at) for at in range(connections)))
    await asyncio.sleep(0.1)  # until the connections are closed
    return statuses


def flood(
    requests: Callable[[], list[bytes]], connections: int = 10
) -> Callable[[int, float], dict[int, int]]:
    """Return an attack that sends requests from `connections` connections."""

    def attack(port: int, seconds: float) -> dict[int, int]:
        return asyncio.run(repeatedly(port, requests(), connections, seconds))

    return attack
