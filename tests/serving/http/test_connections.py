"""The watch of connections, with connections and a clock that the test plays."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from lenet.serving.http import connections
from lenet.serving.http.connections import READ_BYTES, READ_SECONDS, Connection, Unread, Watch


@dataclass(eq=False)
class Played:
    """A connection and its transport."""

    address: str = "a"
    since: float = 0.0
    waits: str = "head"
    unread: int = 0
    ended: list[str] = field(default_factory=list[str])

    @property
    def transport(self) -> Any:
        return self

    def abort(self) -> None:
        self.ended.append("abort")

    def close(self) -> None:
        self.ended.append("close")

    def get_write_buffer_size(self) -> int:
        return self.unread


def watched(scene: Callable[[Watch], None]) -> None:
    async def run() -> None:
        scene(Watch())

    asyncio.run(run())


def test_the_one_that_waits_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 3)

    def scene(watch: Watch) -> None:
        busy, idle, newer = Played(waits="", since=0), Played("b", 1), Played("c", 2)
        for one in (busy, newer, idle):
            assert watch.add(one)
        assert watch.add(Played("d", 3))
        assert (busy.ended, idle.ended, newer.ended) == ([], ["abort"], [])

    watched(scene)


def test_an_address_has_only_a_part_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_OF_ADDRESS", 2)

    def scene(watch: Watch) -> None:
        other = Played("b", 0)
        crowd = [Played(since=1), Played(since=2)]
        for one in (other, *crowd):
            assert watch.add(one)
        assert watch.add(Played(since=3))
        assert (other.ended, crowd[0].ended, crowd[1].ended) == ([], ["abort"], [])

    watched(scene)


def test_if_all_are_at_work_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 1)

    def scene(watch: Watch) -> None:
        busy = Played(waits="")
        assert watch.add(busy)
        assert not watch.add(Played())
        busy.unread = 10  # its client does not read: that is no work
        assert watch.add(Played())
        assert busy.ended == ["abort"]

    watched(scene)


def test_one_that_is_closed_leaves_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 1)

    def scene(watch: Watch) -> None:
        busy = Played(waits="")
        watch.add(busy)
        watch.remove(busy)
        watch.remove(busy)
        assert watch.add(Played())

    watched(scene)


@pytest.mark.parametrize(
    ("played", "ended"),
    [
        (Played(since=-connections.HEAD_SECONDS - 1), ["close"]),
        (Played(since=-connections.HEAD_SECONDS - 1, waits="body"), []),  # admission's affair
        (Played(since=-connections.HEAD_SECONDS - 1, waits=""), []),
        (Played(since=-1.0), []),
    ],
)
def test_heads_have_a_time(
    monkeypatch: pytest.MonkeyPatch, played: Played, ended: list[str]
) -> None:
    monkeypatch.setattr(connections, "_SECONDS", 0.01)

    async def run() -> None:
        watch = Watch()
        played.since += asyncio.get_running_loop().time()
        watch.add(played)
        await asyncio.sleep(0.05)
        assert played.ended[:1] == ended
        watch.remove(played)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("left", "late"),
    [
        ([0, 0, 0], False),
        ([50_000, 50_000, 50_000], True),  # nothing is read
        ([50_000, 50_000 - READ_BYTES, 50_000 - 2 * READ_BYTES], False),
        ([50_000, 49_999, 49_998], True),  # a byte each time
        ([50_000, 60_000, 70_000], False),  # there is more to read each time
        ([50_000, 0, 50_000], False),
    ],
)
def test_answers_must_be_read(left: list[int], late: bool) -> None:
    unread = Unread(0.0)
    found = [unread.is_late(k * 0.7 * READ_SECONDS, size) for k, size in enumerate(left)]
    assert found[-1] is late


def test_what_is_not_complete_ends_with_the_server() -> None:
    def scene(watch: Watch) -> None:
        busy, slow = Played(waits=""), Played(waits="body")
        several: tuple[Connection, ...] = (busy, slow)
        for one in several:
            watch.add(one)
        watch.stopped()
        assert (busy.ended, slow.ended) == ([], ["abort"])

    watched(scene)
