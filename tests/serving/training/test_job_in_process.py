"""What the service makes of a training's events, with a process that the test plays."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.serving.training.test_job import SHORT, follow, server

from lenet.serving.training import job
from lenet.serving.training.job import TrainingSettings

STARTED = {"event": "started", "settings": SHORT}
STEP = {"event": "step", "step": 1}
DONE = {"event": "done"}


def weights(version: int) -> dict[str, Any]:
    return {"event": "weights", "version": version}


class Played:
    """A process that prints events. It then ends with `code`, or at the latest when it is told."""

    def __init__(self, events: list[dict[str, Any]], code: int | None) -> None:
        self.stdout = asyncio.StreamReader()
        self.stdin = self
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        for event in events:
            self.stdout.feed_data(json.dumps(event).encode() + b"\n")
        if code is not None:
            self._end(code)

    def close(self) -> None:  # of its standard input
        self._end(0)

    def kill(self) -> None:
        self._end(-9)

    async def wait(self) -> int:
        return await self._code

    def _end(self, code: int) -> None:
        if not self._code.done():
            self._code.set_result(code)
            self.stdout.feed_eof()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with server() as client:
        yield client


def play(
    monkeypatch: pytest.MonkeyPatch,
    events: list[dict[str, Any]],
    code: int | None = None,
    errors: str = "",
) -> None:
    async def start(_: TrainingSettings, folder: Path) -> Any:
        (folder / "stderr").write_text(errors)
        return Played(events, code)

    monkeypatch.setattr(job, "start_process", start)


def test_events_are_told_and_the_last_weights_replace_others(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/v1/training").json() == {"training": None}
    assert client.get("/v1/training/events").status_code == 404
    play(monkeypatch, [STARTED, weights(1), STEP, weights(2), DONE], code=0)
    assert client.post("/v1/training", json=SHORT).json() == {"id": 1}
    names = [name for name, _ in follow(client, "/v1/training/events?id=1")]
    assert names[-2:] == ["weights", "done"]
    assert list(follow(client)) == [
        ("started", {"id": 1, "settings": SHORT}),
        ("step", {"step": 1}),
        ("weights", {"version": 2}),
        ("done", {}),
    ]
    state = client.get("/v1/training").json()["training"]
    assert state == {"id": 1, "settings": SHORT, "running": False}
    assert client.delete("/v1/training").status_code == 204  # nothing left to stop


@pytest.mark.parametrize(
    ("errors", "reason"),
    [("", ""), ("Traceback:\nMemoryError: no memory\n", ": MemoryError: no memory")],
)
def test_a_process_that_ends_without_a_word_has_failed(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, errors: str, reason: str
) -> None:
    play(monkeypatch, [STARTED], code=-9, errors=errors)
    client.post("/v1/training", json=SHORT)
    error = f"training ended unexpectedly (exit code -9){reason}"
    assert list(follow(client))[-1] == ("failed", {"error": error})


def test_one_training_at_a_time_until_it_is_stopped(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, [STARTED])
    client.post("/v1/training", json=SHORT)
    again = client.post("/v1/training", json=SHORT)
    assert again.status_code == 409
    assert "training 1 is running" in again.json()["error"]
    assert client.delete("/v1/training").status_code == 204
    assert [name for name, _ in follow(client)] == ["started", "stopped"]
    assert client.post("/v1/training", json=SHORT).json() == {"id": 2}
    assert client.get("/v1/training/events?id=1").status_code == 404
