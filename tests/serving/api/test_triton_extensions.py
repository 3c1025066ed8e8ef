"""Triton's extensions, asked by its own client: classification, configuration, statistics."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.serving.client import Client, client_of
from tests.serving.service import Service, serving

from lenet import weights
from lenet.artifact import load
from lenet.serving.http.limits import Limits

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 1, 28, 28), dtype=np.uint8)
DIGITS = load("digits")
SCORES = DIGITS.forward(IMAGES[:, 0])


def expected(values: Any, count: int) -> list[list[str]]:
    """Return Triton's texts ``value:index:label`` by sorting pairs."""
    return [
        [
            f"{value:f}:{index}:{DIGITS.classes[index]}"
            for value, index in sorted(zip(row, range(10), strict=True), key=lambda one: -one[0])
        ][:count]
        for row in values.tolist()
    ]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with client_of(limits=Limits(images=8)) as one:
        yield one


def ask(client: Client, *outputs: dict[str, Any], images: Any = IMAGES) -> Any:
    tensor = {
        "name": "image",
        "datatype": "UINT8",
        "shape": list(images.shape),
        "data": images.ravel().tolist(),
    }
    sent = {"inputs": [tensor], "outputs": list(outputs)}
    return client.post("/v2/models/digits/infer", json=sent)


@pytest.mark.parametrize("count", [1, 3, 10, 99])
def test_the_best_classes_are_given(client: Client, count: int) -> None:
    (output,) = ask(client, {"name": "scores", "parameters": {"classification": count}}).json()[
        "outputs"
    ]
    texts = expected(SCORES, count)
    assert output == {
        "name": "scores",
        "datatype": "BYTES",
        "shape": [3, min(count, 10)],
        "data": [text for row in texts for text in row],
    }


@pytest.mark.parametrize("count", [0, -1, True, 1.5, "3", [], {}])
def test_no_number_of_classes_is_refused(client: Client, count: object) -> None:
    answer = ask(client, {"name": "scores", "parameters": {"classification": count}})
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "scores: classification must be a whole number above 0, the number of classes"
    }


def test_labels_have_no_classes_to_choose_from(client: Client) -> None:
    answer = ask(client, {"name": "label", "parameters": {"classification": 2}})
    assert answer.status_code == 400
    assert "label has no numbers" in answer.json()["error"]


def test_the_configuration_agrees_with_the_metadata(client: Client) -> None:
    for name in weights.names():
        answer = client.get(f"/v2/models/{name}/config")
        if name == "reader":
            assert answer.status_code == 422
            continue
        config, metadata = answer.json(), client.get(f"/v2/models/{name}").json()
        assert (config["name"], config["max_batch_size"]) == (name, 8)
        for kind in ("input", "output"):
            for one, other in zip(config[kind], metadata[f"{kind}s"], strict=True):
                assert one["name"] == other["name"]
                assert [-1, *one["dims"]] == other["shape"]
                assert one["data_type"].removeprefix("TYPE_") in (other["datatype"], "STRING")


def test_statistics_count_images_requests_and_failures() -> None:
    with client_of(limits=Limits(images=8)) as client:
        (before,) = client.get("/v2/models/digits/stats").json()["model_stats"]
        assert (before["inference_count"], before["batch_stats"]) == (0, [])
        assert before["last_inference"] == 0
        for images in (IMAGES, IMAGES, IMAGES[:1]):
            assert ask(client, images=images).status_code == 200
        assert ask(client, {"name": "nothing"}).status_code == 400
        assert ask(client, images=np.zeros((9, 28, 28), np.uint8)).status_code == 413
        (found,) = client.get("/v2/models/digits/versions/1/stats").json()["model_stats"]
        everything = client.get("/v2/models/stats").json()["model_stats"]
    assert (found["name"], found["version"]) == ("digits", "1")
    assert (found["inference_count"], found["execution_count"]) == (7, 3)
    assert found["last_inference"] > 1_700_000_000_000  # milliseconds
    stats = found["inference_stats"]
    assert {name: one["count"] for name, one in stats.items()} == {
        "success": 3,
        "fail": 2,
        "queue": 3,
        "compute_input": 3,
        "compute_infer": 3,
        "compute_output": 3,
        "cache_hit": 0,
        "cache_miss": 0,
    }
    steps = ("queue", "compute_input", "compute_infer", "compute_output")
    assert stats["success"]["ns"] == sum(stats[step]["ns"] for step in steps) > 0
    assert stats["fail"]["ns"] > 0
    assert [(one["batch_size"], one["compute_infer"]["count"]) for one in found["batch_stats"]] == [
        (1, 1),
        (3, 2),
    ]
    assert found in everything
    assert {one["name"] for one in everything} == set(weights.names()) - {"reader"}


@pytest.mark.parametrize(
    "shape", [[9, 28, 28], [9, 1, 28, 28], [9, 2**30, 28], [2**30, 28, 28], [9, 5, 5]]
)
@pytest.mark.parametrize("data", [[0] * 784, None, [300] * 784 * 9])
def test_too_many_images_are_413_whatever_comes_with_them(
    client: Client, shape: list[int], data: list[int] | None
) -> None:
    tensor = {"name": "image", "datatype": "UINT8", "shape": shape, "data": data}
    answer = client.post("/v2/models/digits/infer", json={"inputs": [tensor]})
    assert answer.status_code == 413
    assert answer.json() == {"error": f"{shape[0]} images are more than the 8 allowed"}


triton: Any = pytest.importorskip("tritonclient.http")


@pytest.fixture(scope="module")
def theirs() -> Iterator[Any]:
    with serving("--max-images", "8") as service:
        yield from _client(service)


def _client(service: Service) -> Iterator[Any]:
    with triton.InferenceServerClient(f"127.0.0.1:{service.port}") as client:
        yield client


@pytest.mark.slow
@pytest.mark.parametrize("binary", [True, False])
def test_their_client_classifies(theirs: Any, binary: bool) -> None:
    given = triton.InferInput("image", list(IMAGES.shape), "UINT8")
    given.set_data_from_numpy(IMAGES)
    wanted = triton.InferRequestedOutput("scores", binary_data=binary, class_count=3)
    found = theirs.infer("digits", [given], outputs=[wanted]).as_numpy("scores")
    texts = [[one.decode() if isinstance(one, bytes) else one for one in row] for row in found]
    assert texts == expected(SCORES, 3)


@pytest.mark.slow
def test_their_client_finds_configuration_and_statistics(theirs: Any) -> None:
    assert theirs.get_model_config("digits")["name"] == "digits"
    assert theirs.get_model_config("digits", "1")["input"][0]["dims"] == [1, 28, 28]
    before = theirs.get_inference_statistics("digits")["model_stats"][0]["inference_count"]
    given = triton.InferInput("image", list(IMAGES.shape), "UINT8")
    given.set_data_from_numpy(IMAGES)
    theirs.infer("digits", [given])
    after = theirs.get_inference_statistics("digits", "1")["model_stats"][0]["inference_count"]
    assert after == before + 3
    assert len(theirs.get_inference_statistics()["model_stats"]) == len(weights.names()) - 1
