"""Requests over kept connections, each sent when the answer to the last has come.

Raw sockets in asyncio: a client library would take more of the machine than the server does.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Measured:
    """What a load found: seconds of each answer, by status, and how long it lasted."""

    wall: float = 0.0
    seconds: list[float] = field(default_factory=list[float])
    statuses: Counter[int] = field(default_factory=Counter[int])
    lost: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return rates, times in milliseconds, and what became of the requests."""
        ordered = sorted(self.seconds)

        def at(share: float) -> float:
            return round(1e3 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 2)

        return {
            "requests": len(ordered),
            "a_second": round(self.statuses[200] / self.wall, 1),
            "p50_ms": at(0.5),
            "p99_ms": at(0.99),
            "greatest_ms": at(1),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "lost": self.lost,
        }


class _Connection(asyncio.Protocol):
    """One of the connections."""

    def __init__(self, requests: Sequence[bytes], first: int, end: float, into: Measured) -> None:
        self.requests, self.next, self.end, self.into = requests, first, end, into
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answer = bytearray()
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head = self.answer.find(b"\r\n\r\n")
        if head < 0:
            return
        lines = bytes(self.answer[:head]).lower().split(b"\r\n")
        length = next(int(one[15:]) for one in lines if one.startswith(b"content-length:"))
        if len(self.answer) < head + 4 + length:
            return
        now = time.perf_counter()
        self.into.seconds.append(now - self.sent)
        self.into.statuses[int(lines[0].split()[1])] += 1
        self.answer.clear()
        if now < self.end:
            self._send()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None or time.perf_counter() < self.end:
            self.into.lost += 1
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.requests[self.next % len(self.requests)])
        self.next += 1


async def load(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Measured:
    """Send `requests`, again and again, over some connections for some seconds."""
    loop, result = asyncio.get_running_loop(), Measured()
    start = time.perf_counter()

    async def one(place: int) -> None:
        first = place * len(requests) // connections
        _, connection = await loop.create_connection(
            lambda: _Connection(requests, first, start + seconds, result), "127.0.0.1", port
        )
        await connection.done

    await asyncio.gather(*(one(place) for place in range(connections)))
    result.wall = time.perf_counter() - start
    return result


def request(path: str, body: bytes, kind: str, headers: str = "") -> bytes:
    """Return the bytes of a POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
