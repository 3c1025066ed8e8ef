"""The events of a training: everything so far for who comes late, within bounds, at any pace."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from lenet.serving.training import events
from lenet.serving.training.events import History


def parsed(block: bytes) -> tuple[str, dict[str, object]] | None:
    """Read one block of an event stream by the standard's rules; None: a comment."""
    fields: dict[str, str] = {}
    assert block.endswith(b"\n\n")
    for line in block.decode().strip("\n").split("\n"):
        if line and not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
    return (fields["event"], json.loads(fields["data"])) if fields else None


async def rest(stream: AsyncIterator[bytes]) -> list[tuple[str, dict[str, object]] | None]:
    return [parsed(block) async for block in stream]


def test_who_comes_late_gets_all_so_far_and_the_newest_weights_alone() -> None:
    async def scene() -> None:
        history = History()
        history.add("started", {"id": 1})
        history.add("weights", {"version": 1})
        history.add("step", {"loss": 2.5})
        history.add("weights", {"version": 2})
        history.add("done", {})
        history.add("step", {"loss": 0.0})  # too late
        assert await rest(history.follow()) == [
            ("started", {"id": 1}),
            ("step", {"loss": 2.5}),
            ("weights", {"version": 2}),
            ("done", {}),
        ]
        assert history.followers == 0

    asyncio.run(scene())


def test_followers_hear_at_once_and_a_slow_one_misses_only_what_is_past() -> None:
    async def scene() -> None:
        history = History()
        slow, quick = history.follow(), history.follow()
        history.add("weights", {"version": 1})
        assert parsed(await anext(slow)) == ("weights", {"version": 1})
        gathered = asyncio.create_task(rest(quick))
        await asyncio.sleep(0.01)
        for number in range(2, 5):
            history.add("weights", {"version": number})
            await asyncio.sleep(0.01)
        history.add("done", {})
        versions = [("weights", {"version": number}) for number in range(1, 5)]
        assert await gathered == [*versions, ("done", {})]
        assert await rest(slow) == [("weights", {"version": 4}), ("done", {})]

    asyncio.run(scene())


def test_steps_are_thinned_evenly_and_epochs_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST_STEPS", 10)

    async def scene() -> None:
        history = History()
        for number in range(1000):
            history.add("step", {"step": number})
            if number % 100 == 99:
                history.add("epoch", {"epoch": number})
        history.add("stopped", {})
        found = await rest(history.follow())
        kept = [
            data["step"] for event in found if event for name, data in [event] if name == "step"
        ]
        assert 5 <= len(kept) <= 10
        assert kept == list(range(0, 1000, 128))
        assert len(found) == len(kept) + 10 + 1

    asyncio.run(scene())


def test_a_heartbeat_keeps_a_quiet_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.01)

    async def scene() -> None:
        stream = History().follow()
        assert parsed(await anext(stream)) is None

    asyncio.run(scene())


def test_a_follower_leaves_when_the_service_stops() -> None:
    async def scene() -> None:
        history, left = History(), [False]
        gathered = asyncio.create_task(rest(history.follow(lambda: left[0])))
        await asyncio.sleep(0)
        left[0] = True
        history.wake()
        assert await asyncio.wait_for(gathered, 5) == []

    asyncio.run(scene())


def test_one_too_many_takes_the_place_of_the_oldest_of_the_most_frequent_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "MOST_FOLLOWERS", 3)

    async def scene() -> None:
        history = History()
        history.add("started", {})
        first, second, other = (history.follow(address=one) for one in "aab")
        for stream in (first, second, other):
            await anext(stream)
        last = history.follow(address="c")
        assert parsed(await anext(last)) == ("started", {})
        assert history.followers == 3
        assert await rest(first) == []  # it ends; the others go on
        history.add("done", {})
        for stream in (second, other, last):
            assert await rest(stream) == [("done", {})]

    asyncio.run(scene())
