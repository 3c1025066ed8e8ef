"""A run's own figures through the service, against what `lenet.evaluation` says of the same run."""

import asyncio
import io
import json
import shutil
import threading
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.exceptions import HTTPException
from tests.conftest import bars
from tests.serving.client import shipped

import lenet
from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation import evaluate
from lenet.networks.lenet import lenet_network
from lenet.serving.api import runs
from lenet.serving.api.registry import Served
from lenet.serving.api.runs import Runs, as_data_url, runs_router
from lenet.serving.app import create_app
from lenet.serving.http.responses import add_error_handlers

METRICS = {"test_accuracy": 0.5, "seed": 0, "versions": {"lenet": "0"}}
HISTORY = "epoch,train_loss,train_accuracy,test_accuracy,seconds\n1,1.5,0.25,0.5,0.125\n"


@pytest.fixture
def data(tmp_path: Path, class_folder: Callable[..., Path]) -> Path:
    """Class folders: 40 training and 40 test images."""
    class_folder(bars(40, 4), tmp_path / "bars" / "train")
    return class_folder(bars(40, 4, seed=1), tmp_path / "bars" / "test").parent


@pytest.fixture
def run(tmp_path: Path, data: Path) -> Path:
    """A run folder; its network has random weights, so that it errs."""
    network = lenet_network("relu", "max", classes=4)
    random = np.random.default_rng(0)
    parameters = {
        name: random.normal(0, 0.1, shape).astype(np.float32)
        for name, shape in network.parameter_shapes.items()
    }
    classes = lenet.load_data(data).classes
    folder = tmp_path / "mine"
    folder.mkdir()
    Artifact(network, parameters, classes, origin={"data": str(data)}).save(folder)
    (folder / "metrics.json").write_text(json.dumps(METRICS))
    (folder / "history.csv").write_text(HISTORY)
    return folder


def client_for(*folders: Path) -> Callable[[str], httpx.Response]:
    """Return what gets a path from a service of these runs."""
    app = FastAPI()
    add_error_handlers(app)
    app.include_router(runs_router(Served(folders)))
    transport = httpx.ASGITransport(app)

    async def answer(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.get(path)

    return lambda path: asyncio.run(answer(path))


def test_a_run_says_what_it_is_worth(run: Path, data: Path) -> None:
    found = client_for(run)("/v1/runs/mine").json()
    result = evaluate(lenet.load(run), lenet.load_data(data).test)
    assert found["metrics"] == METRICS
    assert found["history"] == [
        {
            "epoch": 1,
            "train_loss": 1.5,
            "train_accuracy": 0.25,
            "test_accuracy": 0.5,
            "seconds": 0.125,
        }
    ]
    assert found["classes"] == ["bar 0", "bar 1", "bar 2", "bar 3"]
    assert found["confusion"] == result.confusion.tolist()
    assert found["accuracy"] == result.accuracy
    assert found["calibration_error"] == result.calibration_error
    assert [row["images"] for row in found["per_class"]] == [10, 10, 10, 10]
    # Precision of a class that was never named is nothing, not a number.
    assert None in [row["precision"] for row in found["per_class"]]
    shares = [one["probability"] for one in found["mistakes"]]
    assert shares == sorted(shares, reverse=True)
    assert {one["index"] for one in found["mistakes"]} == set(np.flatnonzero(~result.correct))
    assert all(one["truth"] != one["label"] for one in found["mistakes"])


def test_the_images_of_a_cell(run: Path, data: Path) -> None:
    get = client_for(run)
    test = lenet.load_data(data).test
    confusion = get("/v1/runs/mine").json()["confusion"]
    seen: set[int] = set()
    for truth in range(4):
        for label in range(4):
            found = get(f"/v1/runs/mine/images?truth={truth}&label={label}").json()
            assert found["count"] == len(found["images"]) == confusion[truth][label]
            shares = [one["probability"] for one in found["images"]]
            assert shares == sorted(shares, reverse=truth != label)
            for one in found["images"]:
                assert (one["truth"], one["label"]) == (truth, label)
                png = b64decode(one["png"].removeprefix("data:image/png;base64,"))
                shown = np.asarray(Image.open(io.BytesIO(png)))
                assert np.array_equal(shown, test.images[one["index"]])
                seen.add(one["index"])
    assert len(seen) == 40


def test_rows_mistakes_and_a_limit(run: Path) -> None:
    get = client_for(run)
    figures = get("/v1/runs/mine").json()
    row = get("/v1/runs/mine/images?truth=2").json()
    assert row["count"] == 10
    mistakes = get("/v1/runs/mine/images?limit=3").json()
    assert mistakes["count"] == len(figures["mistakes"])
    assert [one["index"] for one in mistakes["images"]] == [
        one["index"] for one in figures["mistakes"][:3]
    ]


def test_images_in_any_number_of_channels() -> None:
    for shape in ((5, 4), (5, 4, 2), (5, 4, 3), (5, 4, 4)):
        png = b64decode(as_data_url(np.zeros(shape, np.uint8)).partition(",")[2])
        assert Image.open(io.BytesIO(png)).size == (4, 5)


def test_what_the_run_lacks_is_left_out(run: Path) -> None:
    (run / "metrics.json").unlink()
    (run / "history.csv").unlink()
    found = client_for(run)("/v1/runs/mine").json()
    assert found["metrics"] == {}
    assert found["history"] == []
    assert sum(map(sum, found["confusion"])) == 40


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/v1/runs/yours", 404, "there is no model 'yours' here"),
        ("/v1/runs/reader", 404, "reader reads numbers"),
        ("/v1/runs/reader/images", 404, "reader reads numbers"),
        ("/v1/runs/mine/images?truth=4", 422, "classes 0 to 3; there is no class 4"),
        ("/v1/runs/mine/images?label=-1", 422, "label: "),
        ("/v1/runs/mine/images?truth=one", 422, "truth: "),
        ("/v1/runs/mine/images?limit=0", 422, "limit: "),
        ("/v1/runs/mine/images?limit=100000", 422, "limit: "),
    ],
)
def test_what_is_not_there_is_said(run: Path, path: str, status: int, sentence: str) -> None:
    answer = client_for(run)(path)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("metrics.json", "{"),
        ("metrics.json", "[]"),
        ("metrics.json", '{"train_loss": NaN}'),
        ("metrics.json", "\udcff"),
        ("history.csv", "epoch,train_loss\n1,one\n"),
        ("history.csv", "epoch,train_loss\n1,nan\n"),
        ("history.csv", "epoch,train_loss\n1\n"),
        ("history.csv", "epoch\n1,2\n"),
    ],
)
def test_corrupt_files_are_named(run: Path, file: str, text: str) -> None:
    (run / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    answer = client_for(run)("/v1/runs/mine")
    assert answer.status_code == 409
    assert f"{file} is corrupt" in answer.json()["error"]


def test_without_its_data_a_run_says_so_and_recovers(run: Path, data: Path) -> None:
    get = client_for(run)
    data.rename(data.with_name("elsewhere"))
    answer = get("/v1/runs/mine")
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("the test images of mine are not available: ")
    data.with_name("elsewhere").rename(data)
    assert get("/v1/runs/mine").status_code == 200
    shutil.rmtree(data)  # computed once, kept
    assert get("/v1/runs/mine/images").status_code == 200


def test_a_network_that_does_not_say_its_data(run: Path) -> None:
    config = json.loads((run / "config.json").read_text())
    del config["origin"]["data"]
    (run / "config.json").write_text(json.dumps(config))
    answer = client_for(run)("/v1/runs/mine")
    assert answer.status_code == 409
    assert answer.json()["error"] == "the files of mine do not say what it was trained on"


def test_many_requests_at_once_wait_for_one_computation(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    real = runs.results_of

    def counted(one: Any) -> Any:
        calls.append(one.name)
        if len(calls) == 1:
            raise HTTPException(409, "not yet")
        return real(one)

    monkeypatch.setattr(runs, "results_of", counted)

    async def scene() -> None:
        all_runs = Runs(Served([run]))
        first = await asyncio.gather(
            *(all_runs.results("mine") for _ in range(5)), return_exceptions=True
        )
        assert [one.detail for one in first if isinstance(one, HTTPException)] == ["not yet"] * 5
        found = await asyncio.gather(*(all_runs.results("mine") for _ in range(5)))
        assert len({id(results) for _, results in found}) == 1

    asyncio.run(scene())
    assert calls == ["mine", "mine"]


def test_colour_images_come_in_colour(tmp_path: Path, run: Path) -> None:
    red = np.zeros((4, 28, 28, 3), np.uint8)
    red[..., 0] = 200
    split = Split(red, np.arange(4, dtype=np.int64) % 2, ("a", "b"))
    np.savez(
        tmp_path / "red.npz",
        train_images=split.images,
        train_labels=split.labels,
        test_images=split.images,
        test_labels=split.labels,
    )
    network = lenet_network(classes=2, in_channels=3)
    parameters = {n: np.zeros(s, np.float32) for n, s in network.parameter_shapes.items()}
    folder = tmp_path / "red"
    folder.mkdir()
    origin = {"data": str(tmp_path / "red.npz")}
    classes = lenet.load_data(tmp_path / "red.npz").classes
    Artifact(network, parameters, classes, origin=origin).save(folder)
    found = client_for(folder)("/v1/runs/red/images?truth=0").json()
    png = b64decode(found["images"][0]["png"].partition(",")[2])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), red[0])


def test_requests_for_runs_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    def slowly(_: object) -> None:
        begun.wait(10)
        raise HTTPException(409, "after a download")

    monkeypatch.setattr("lenet.serving.api.runs.results_of", slowly)

    async def crowd() -> list[int]:
        transport = httpx.ASGITransport(create_app(shipped()))  # pyright: ignore[reportArgumentType] the same protocol under another name
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            asked = [asyncio.ensure_future(client.get("/v1/runs/digits")) for _ in range(10)]
            await asyncio.sleep(0.1)
            begun.set()
            return [one.status_code for one in await asyncio.gather(*asked)]

    assert sorted(asyncio.run(crowd())) == [409] * 8 + [503] * 2
