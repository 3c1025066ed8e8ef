"""Training behind the service: a real process, a real server, and what may go wrong with them."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI

import lenet
from lenet.serving.http.responses import add_error_handlers
from lenet.serving.training import job
from lenet.serving.training.endpoints import training_router
from lenet.serving.training.job import TrainingSettings, start_process

SHORT = {
    "data": "mnist",
    "recipe": "chapter",
    "activation": "relu",
    "pooling": "max",
    "learning_rate": 0.1,
    "epochs": 1,
    "batch_size": 256,
    "seed": 3,
}
LONG = {**SHORT, "epochs": 30}


@contextmanager
def server() -> Generator[httpx.Client, None, None]:
    stopping = [False]
    app = FastAPI()
    add_error_handlers(app)
    app.include_router(training_router(lambda: stopping[0]))
    config = uvicorn.Config(app, port=0, log_level="warning")
    service = uvicorn.Server(config)
    thread = threading.Thread(target=service.run)
    thread.start()
    while not service.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = service.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            yield client
    finally:
        stopping[0] = True
        service.should_exit = True
        thread.join()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with server() as client:
        yield client


def follow(client: httpx.Client, path: str = "/v1/training/events") -> Iterator[tuple[str, Any]]:
    with client.stream("GET", path) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.subprocess.Process]:
    """The processes that a service starts, in their order."""
    started: list[asyncio.subprocess.Process] = []

    async def start(settings: TrainingSettings, folder: Path) -> asyncio.subprocess.Process:
        started.append(await start_process(settings, folder))
        return started[-1]

    monkeypatch.setattr(job, "start_process", start)
    return started


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_a_training_from_its_beginning_to_its_end(client: httpx.Client, tmp_path: Path) -> None:
    assert client.get("/v1/training").json() == {"training": None}
    assert client.get("/v1/training/events").status_code == 404
    answer = client.post("/v1/training", json=SHORT)
    assert (answer.status_code, answer.json()) == (202, {"id": 1})
    again = client.post("/v1/training", json=SHORT)
    assert again.status_code == 409
    assert "training 1 is running" in again.json()["error"]
    told = list(follow(client, "/v1/training/events?id=1"))
    names = [name for name, _ in told]
    assert names[:2] == ["started", "weights"]
    assert names[-3:] == ["epoch", "weights", "done"]
    started, epoch = told[0][1], told[-3][1]
    assert started["id"] == 1
    assert started["settings"] == SHORT
    assert started["steps_per_epoch"] == 235  # 60,000 images, 256 a step
    assert started["images"] == 60_000
    assert started["parameters"] == 61_706
    steps = [data for name, data in told if name == "step"]
    assert [data["step"] for data in steps] == sorted({data["step"] for data in steps})
    assert all(0 < data["epoch"] <= 1 and 0 <= data["accuracy"] <= 1 for data in steps)
    assert epoch["test_accuracy"] > 0.9
    # Who comes when all is over hears the same, less the weights that were replaced.
    assert list(follow(client)) == [one for one in told[:-2] if one[0] != "weights"] + told[-2:]
    # The weights are those that were measured.
    for file in ("config.json", "model.safetensors"):
        response = client.get(f"/v1/training/{file}")
        assert response.headers["cache-control"] == "no-store"
        (tmp_path / file).write_bytes(response.content)
    artifact = lenet.load(tmp_path)
    test = lenet.load_data("mnist").test
    right = int(np.count_nonzero(artifact.forward(test.images).argmax(axis=1) == test.labels))
    assert right / len(test) == epoch["test_accuracy"]
    assert artifact.origin["data"] == "mnist"
    state = client.get("/v1/training").json()["training"]
    assert state == {"id": 1, "settings": SHORT, "running": False}
    assert client.delete("/v1/training").status_code == 204  # nothing left to stop


def test_a_full_disk_is_told(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(kind: str) -> str:
        raise OSError(ENOSPC, "No space left on device", "/tmp/lenet-training-x")

    with monkeypatch.context() as during:
        during.setattr(job, "make_folder", full)
        answer = client.post("/v1/training", json=SHORT)
    assert answer.status_code == 507
    assert answer.json()["error"].startswith("there is no place for the files of a training: ")
    assert "No space left on device" in answer.json()["error"]
    assert client.get("/v1/training").json()["training"] is None


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_too_large_steps_fail_with_a_sentence(client: httpx.Client) -> None:
    client.post("/v1/training", json={**SHORT, "learning_rate": 1e20})
    name, data = list(follow(client))[-1]
    assert name == "failed"
    assert data["error"].startswith("the loss became infinite or NaN")
    assert data["error"].endswith("try a learning rate of 1e+19")


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_a_training_that_learned_nothing_ends_with_advice(client: httpx.Client) -> None:
    few = {**SHORT, "activation": "sigmoid", "batch_size": 4096, "learning_rate": 0.001}
    client.post("/v1/training", json=few)
    name, data = list(follow(client))[-1]
    assert name == "done"
    assert data["hint"].startswith("the network learned nothing")
    assert "the recipe “own data”" in data["hint"]
    assert "--" not in data["hint"]


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_other_data_than_the_chapters_has_the_recipe_for_own_data(
    client: httpx.Client, tmp_path: Path
) -> None:
    client.post("/v1/training", json={"data": "mnist", "epochs": 1})
    name, data = list(follow(client))[-1]
    assert (name, data) == ("done", {})
    for file in ("config.json", "model.safetensors"):
        (tmp_path / file).write_bytes(client.get(f"/v1/training/{file}").content)
    recipe = lenet.load(tmp_path).origin["recipe"]
    assert (recipe["name"], recipe["epochs"], recipe["momentum"]) == ("own", 1, 0.9)


@pytest.mark.slow
@pytest.mark.usefixtures("real_cache")
def test_stop_and_start_again(
    client: httpx.Client, processes: list[asyncio.subprocess.Process]
) -> None:
    client.post("/v1/training", json=LONG)
    told = follow(client)
    assert next(told)[0] == "started"  # now it trains
    assert client.delete("/v1/training").status_code == 204
    assert [name for name, _ in told][-1] == "stopped"
    assert client.get("/v1/training").json()["training"]["running"] is False
    assert processes[0].returncode is not None
    assert client.post("/v1/training", json=LONG).json() == {"id": 2}
    assert client.delete("/v1/training").status_code == 204
    assert client.get("/v1/training/events?id=1").status_code == 404
    assert [name for name, _ in follow(client, "/v1/training/events?id=2")][-1] == "stopped"
    assert client.get("/v1/training/config.json").status_code == 404


@pytest.mark.slow
def test_the_end_of_the_service_is_the_end_of_the_training(
    processes: list[asyncio.subprocess.Process],
) -> None:
    with server() as client:
        client.post("/v1/training", json=LONG)
        assert [process.returncode for process in processes] == [None]
    assert processes[0].returncode is not None


@pytest.mark.slow
def test_a_crash_is_told(client: httpx.Client, processes: list[asyncio.subprocess.Process]) -> None:
    client.post("/v1/training", json=LONG)
    processes[0].kill()
    assert list(follow(client)) == [
        ("failed", {"error": "training ended unexpectedly (exit code -9)"})
    ]


@pytest.mark.slow
def test_a_killed_service_leaves_no_training_behind(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "lenet.serving.training.process", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps({**LONG, "data": "no such thing"}).encode()[:20])
    child.stdin.close()  # what the system does for a process that is no more
    assert child.wait(60) != 0  # half a line is no settings, and nothing was trained


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"data": "fashion-mnits"}, "Did you mean 'fashion-mnist'?"),
        ({"data": "/etc"}, "there is no data set '/etc'"),
        ({"data": "x" * 5000}, "there is no data set 'xxx"),
        ({"data": None}, "data: "),
        ({"recipe": "digits"}, "recipe: "),
        ({"activation": "softplus"}, "activation: "),
        ({"pooling": "min"}, "pooling: "),
        ({"learning_rate": 0}, "learning_rate: "),
        ({"learning_rate": -1}, "learning_rate: "),
        ({"learning_rate": 1e31}, "learning_rate: "),
        ({"epochs": 0}, "epochs: "),
        ({"epochs": 31}, "epochs: "),
        ({"epochs": 1.5}, "epochs: "),
        ({"batch_size": 0}, "batch_size: "),
        ({"batch_size": 10**9}, "batch_size: "),
        ({"seed": -1}, "seed: "),
        ({"seed": 2**32}, "seed: "),
        ({"out": "/tmp/x"}, "out: "),
    ],
    ids=str,
)
def test_bad_settings_are_refused_before_anything_starts(
    client: httpx.Client, change: dict[str, Any], sentence: str
) -> None:
    answer = client.post("/v1/training", json={**SHORT, **change})
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]
    assert client.get("/v1/training").json()["training"] is None


def test_not_a_number_is_no_learning_rate(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/training",
        content='{"learning_rate": NaN}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("learning_rate: ")


@pytest.mark.slow
def test_the_service_does_not_import_torch() -> None:
    code = "import sys, lenet.serving.training.job, lenet.serving.api.runs; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "matplotlib", "sklearn"} & set(done.stdout.split())
