"""Watches the connections of the server, so that slow clients take nothing from others.

A connection waits for its client while a request's head or body is incomplete, and while the client
does not read an answer. If there are too many connections, the one that has waited longest is
closed: clients that do something keep theirs.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

MOST = 512
"""Most connections; most systems let a process have 1,024 files."""

MOST_OF_ADDRESS = 256
"""Most connections of one address, such as that of a proxy."""

HEAD_SECONDS = 10.0
"""Longest time from a new connection, or from the last answer on it, to the end of a head."""

READ_SECONDS = 10.0
"""A client must read some of an answer in this time."""

READ_BYTES = 10_000
"""What counts as some: a thousand bytes a second."""

_SECONDS = 1.0  # between two looks at all connections


class Connection(Protocol):
    """A connection, as the watch sees it."""

    @property
    def transport(self) -> asyncio.Transport:
        """What its bytes go through."""
        ...

    @property
    def address(self) -> str:
        """Where its client is."""
        ...

    @property
    def since(self) -> float:
        """When it began to wait for its client, in the loop's time."""
        ...

    @property
    def waits(self) -> str:
        """For which part it waits: ``"head"``, ``"body"``, or ``""`` while it is at work."""
        ...


class Watch:
    """The connections of one server."""

    def __init__(self) -> None:
        self._connections: dict[Connection, Unread] = {}
        self._addresses: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: Connection) -> bool:
        """Add a connection, and close another if there are too many; False if there is no room."""
        fits = True
        if self._addresses[connection.address] >= MOST_OF_ADDRESS:
            fits = self._make_room(
                one for one in self._connections if one.address == connection.address
            )
        elif len(self._connections) >= MOST:
            fits = self._make_room(self._connections)
        if fits:
            self._connections[connection] = Unread(connection.since)
            self._addresses[connection.address] += 1
            if self._timer is None:
                self._again()
        return fits

    def remove(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        if self._connections.pop(connection, None) is None:
            return
        self._addresses[connection.address] -= 1
        if not self._addresses[connection.address]:
            del self._addresses[connection.address]
        if not self._connections and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def stopped(self) -> None:
        """End the connections whose requests are not complete, because the server stops."""
        for one in list(self._connections):
            if one.waits:
                one.transport.abort()

    def _make_room(self, among: Iterable[Connection]) -> bool:
        waiting = [one for one in among if one.waits or one.transport.get_write_buffer_size()]
        if not waiting:
            return False
        longest = min(waiting, key=lambda one: one.since)
        self.remove(longest)
        longest.transport.abort()
        return True

    def _again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_SECONDS, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for one, unread in list(self._connections.items()):
            if unread.is_late(now, one.transport.get_write_buffer_size()):
                one.transport.abort()
            elif one.waits == "head" and now - one.since > HEAD_SECONDS:
                one.transport.close()
        self._again()


class Unread:
    """How much of its answers a client has not read, and since when."""

    def __init__(self, now: float) -> None:
        self._bytes = 0
        self._since = now

    def is_late(self, now: float, left: int) -> bool:
        """Return whether the client reads too slowly; `left` is what it has not read by now."""
        read = self._bytes - left
        if left == 0 or read < 0 or read >= READ_BYTES:  # it reads, or there is more to read
            self._bytes, self._since = left, now
            return False
        return now - self._since > READ_SECONDS
