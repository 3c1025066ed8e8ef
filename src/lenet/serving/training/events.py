"""The events of a training, kept for whoever follows it: Server-Sent Events, at any pace."""

import asyncio
import json
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

MOST_STEPS = 2000
"""``step`` events that are kept for those who come late: 200 seconds of them, then every other."""

MOST_FOLLOWERS = 64
HEARTBEAT_SECONDS = 2.0  # so often, too, a quiet follower looks whether to leave
LAST = ("done", "stopped", "failed")
"""After one of these nothing happens any more."""


@dataclass(frozen=True)
class Event:
    """What happened, numbered from 1; `step` counts the ``step`` events from 0, else it is None."""

    number: int
    name: str
    data: dict[str, Any]
    step: int | None


class History:
    """The events of one training, for followers who each read at their own pace.

    Nothing waits for a slow follower, and nothing is kept for one: it reads from here, and finds
    of what it missed only what still matters. Memory is bounded: of ``weights`` only the newest is
    kept, and of many ``step`` events every other, then every fourth and so on.
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._count = 0
        self._steps = 0
        self._stride = 1
        self._changed = asyncio.Event()
        self.ended = False
        self.followers = 0

    def add(self, name: str, data: dict[str, Any]) -> None:
        """Add an event; after one of the last kinds, nothing is added any more."""
        if self.ended:
            return
        if self._steps > MOST_STEPS * self._stride:
            self._stride *= 2
        self._events = [event for event in self._events if self._matters(event, name)]
        self._count += 1
        self._events.append(Event(self._count, name, data, self._steps if name == "step" else None))
        self._steps += name == "step"
        self.ended = name in LAST
        self.wake()

    def _matters(self, event: Event, after: str) -> bool:
        """Tell whether an event is kept when one called `after` comes."""
        if event.name == "weights":
            return after != "weights"
        return event.step is None or event.step % self._stride == 0

    def wake(self) -> None:
        """Let all followers look."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self, left: Callable[[], bool] = lambda: False) -> AsyncIterator[bytes]:
        """Give all events so far and all to come, as Server-Sent Events, until the last one.

        Parameters
        ----------
        left
            Tells when to give no more.
        """
        self.followers += 1
        try:
            async for block in self._blocks(left):
                yield block
        finally:
            self.followers -= 1

    async def _blocks(self, left: Callable[[], bool]) -> AsyncIterator[bytes]:
        at = 0
        while True:
            changed = self._changed  # before looking, so that nothing is missed in between
            news = self._events[bisect_right(self._events, at, key=lambda event: event.number) :]
            for event in news:
                at = event.number
                lines = f"id: {at}\nevent: {event.name}\ndata: {json.dumps(event.data)}\n\n"
                yield lines.encode()
            if left() or (self.ended and at == self._count):
                return
            if news:
                continue  # more may have come while those were sent
            try:
                await asyncio.wait_for(changed.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield b":\n\n"  # a comment: whoever is between us and the client keeps the line
