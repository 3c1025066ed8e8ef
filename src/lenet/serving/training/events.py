"""Keeps the events of a training for clients that follow it as Server-Sent Events."""

import asyncio
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

MOST_STEPS = 2000
"""Most ``step`` events that are kept: 200 seconds of them; of longer trainings every other."""

MOST_FOLLOWERS = 64
HEARTBEAT_SECONDS = 2.0  # a follower without events also checks this often whether to end
LAST = ("done", "stopped", "failed")
"""The kinds of event that end a training."""


@dataclass(frozen=True)
class Event:
    """An event, numbered from 1; `step` numbers the ``step`` events from 0, and is else None."""

    number: int
    name: str
    data: dict[str, Any]
    step: int | None


class History:
    """The events of one training, for followers who each read at their own pace.

    A follower reads from here, so nothing waits for a slow one. A slow one gets only those of the
    missed events that still matter. Memory is bounded: of ``weights`` only the latest is kept,
    and of many ``step`` events every other, then every fourth and so on.
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._count = 0
        self._steps = 0
        self._stride = 1
        self._changed = asyncio.Event()
        self.ended = False
        self._followers: dict[object, str] = {}

    def add(self, name: str, data: dict[str, Any]) -> None:
        """Add an event; after the end of the training nothing is added."""
        if self.ended:
            return
        if self._steps > MOST_STEPS * self._stride:
            self._stride *= 2
        self._events = [event for event in self._events if self._is_kept(event, name)]
        self._count += 1
        self._events.append(Event(self._count, name, data, self._steps if name == "step" else None))
        self._steps += name == "step"
        self.ended = name in LAST
        self.wake()

    def _is_kept(self, event: Event, following: str) -> bool:
        """Return whether an event is kept when an event called `following` comes."""
        if event.name == "weights":
            return following != "weights"
        return event.step is None or event.step % self._stride == 0

    def wake(self) -> None:
        """Make all followers look for new events, and check whether to end."""
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def followers(self) -> int:
        """How many clients follow."""
        return len(self._followers)

    def _make_room(self) -> None:
        """End the stream that has gone on longest, of the address that has most."""
        if len(self._followers) >= MOST_FOLLOWERS:
            address = Counter(self._followers.values()).most_common(1)[0][0]
            del self._followers[next(one for one, at in self._followers.items() if at == address)]
            self.wake()

    async def follow(
        self, stopping: Callable[[], bool] = lambda: False, address: str = ""
    ) -> AsyncIterator[bytes]:
        """Yield the events so far and those to come, as Server-Sent Events, up to the last one.

        If `MOST_FOLLOWERS` follow already, one of them is left out, so that nobody can keep
        others away. A browser that was left out comes again by itself.

        Parameters
        ----------
        stopping
            Ends the stream early when it returns True.
        address
            Where the client is.
        """
        self._make_room()
        me = object()
        self._followers[me] = address
        at = 0
        try:
            while me in self._followers:
                changed = self._changed  # taken before the events, so that none is missed
                start = bisect_right(self._events, at, key=lambda event: event.number)
                new = self._events[start:]
                for event in new:
                    if me not in self._followers:
                        return
                    at = event.number
                    lines = f"id: {at}\nevent: {event.name}\ndata: {json.dumps(event.data)}\n\n"
                    yield lines.encode()
                if stopping() or (self.ended and at == self._count):
                    return
                if new:
                    continue  # others may have come while these were sent
                try:
                    await asyncio.wait_for(changed.wait(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b":\n\n"  # a comment, so that no proxy closes a quiet connection
        finally:
            self._followers.pop(me, None)
