import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lenet.artifact import Artifact
from lenet.engine.probabilities import softmax
from lenet.networks import lenet_network


@pytest.fixture
def artifact() -> Artifact:
    network = lenet_network(classes=4)
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    result = Artifact(network, weights, ("a", "b", "ç", "d"))
    Path("run").mkdir()
    result.save(Path("run"))
    return result


def predict(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lenet", "predict", "run", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_an_image_of_the_networks_size_is_taken_as_it_is(artifact: Artifact) -> None:
    image = np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8)
    Image.fromarray(image).save("x.png")
    done = predict("x.png", "--json")
    assert done.returncode == 0
    answer = json.loads(done.stdout)
    expected = softmax(artifact.forward(image[None]))[0]
    assert set(answer) == {"path", "label", "probability", "rejected", "top"}
    assert answer["label"] == artifact.classes[int(expected.argmax())]
    assert answer["probability"] == pytest.approx(float(expected.max()), abs=1e-5)
    assert [t["label"] for t in answer["top"]] == [
        artifact.classes[k] for k in np.argsort(-expected, kind="stable")[:3]
    ]
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "lenet.artifact" in loaded
    assert not loaded & {"torch", "sklearn", "matplotlib", "rich", "scipy"}


@pytest.mark.usefixtures("artifact")
def test_a_broken_file_is_named_and_the_rest_is_answered() -> None:
    Image.new("RGB", (50, 70), "red").save("colour.jpg")
    Path("broken.png").write_bytes(b"\x89PNG")
    done = predict("colour.jpg", "broken.png", "missing.png", "colour.jpg", "--json")
    assert done.returncode == 2
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["path"] for line in lines] == [
        "colour.jpg", "broken.png", "missing.png", "colour.jpg",
    ]  # fmt: skip
    assert ["error" in line for line in lines] == [False, True, True, False]
    assert lines[0] == lines[3]
    done = predict("colour.jpg", "broken.png")
    assert done.returncode == 2
    assert done.stdout.startswith("colour.jpg: ")
    assert "lenet: broken.png: cannot be read as an image" in done.stderr
