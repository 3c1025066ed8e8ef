import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save as to_bytes

from lenet.artifact import CONFIG, WEIGHTS, Artifact, load
from lenet.engine import Normalization
from lenet.errors import LenetError
from lenet.networks import lenet_network


@pytest.fixture
def artifact() -> Artifact:
    network = lenet_network(channels=(2, 3), hidden=(5,), classes=3)
    random = np.random.default_rng(0)
    return Artifact(
        network,
        {k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()},
        ("a", "b", "ç"),
        Normalization(0.005, -0.1),
        {"data": "letters", "seed": 7},
    )


def test_what_is_saved_comes_back_and_answers_the_same(artifact: Artifact, tmp_path: Path) -> None:
    artifact.save(tmp_path)
    back = load(tmp_path)
    images = np.random.default_rng(1).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    assert np.array_equal(back.forward(images), artifact.forward(images))
    assert (back.network, back.classes, back.normalization, back.origin) == (
        artifact.network, artifact.classes, artifact.normalization, artifact.origin,
    )  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == [CONFIG, WEIGHTS]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format is 2"),
        ({"format": None}, "format is None"),
        ({"network": None}, "must be an object"),
        ({"classes": ["a", "b"]}, "2 class names for 3 outputs"),
        ({"classes": "abc"}, "list of names"),
        ({"classes": ["a", "b", 3]}, "list of names"),
        ({"normalization": {}}, "'scale' and 'offset'"),
        ({"origin": []}, "'origin' must be"),
        ({"origin": {"seed": "x"}}, "'seed' must be"),
        ({"origin": {"seed": -1}}, "'seed' must be"),
        ({"origin": {"data": 3}}, "'data' is not of the right kind"),
        ({"origin": {"recipe": "chapter"}}, "'recipe' is not of the right kind"),
        ({"normalization": {"scale": 10**400, "offset": 0}}, "'scale' and 'offset'"),
    ],
)
def test_a_config_that_makes_no_sense_is_named(
    artifact: Artifact, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    artifact.save(tmp_path)
    path = tmp_path / CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(LenetError, match=rf"config\.json is corrupt: .*{message}"):
        load(tmp_path)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe\x00", b"[" * 100_000, b"NaN"])
def test_a_config_that_is_no_json_object_is_named(
    artifact: Artifact, tmp_path: Path, text: bytes
) -> None:
    artifact.save(tmp_path)
    (tmp_path / CONFIG).write_bytes(text)
    with pytest.raises(LenetError, match=r"config\.json is corrupt"):
        load(tmp_path)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_truncated_weights_are_named(artifact: Artifact, tmp_path: Path, keep: int) -> None:
    artifact.save(tmp_path)
    path = tmp_path / WEIGHTS
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(LenetError, match="safetensors is corrupt"):
        load(tmp_path)


@pytest.mark.parametrize("kind", ["missing", "shape", "type", "no number"])
def test_weights_of_another_network_are_refused(
    artifact: Artifact, tmp_path: Path, kind: str
) -> None:
    artifact.save(tmp_path)
    parameters: dict[str, Any] = dict(artifact.parameters)
    if kind == "missing":
        del parameters["fc2.bias"]
    elif kind == "shape":
        parameters["fc2.bias"] = np.zeros(4, np.float32)
    elif kind == "type":
        parameters["fc2.bias"] = np.zeros(3, np.float64)
    else:
        parameters["fc2.bias"] = np.array([0, np.nan, 0], np.float32)
    (tmp_path / WEIGHTS).write_bytes(to_bytes(parameters))
    with pytest.raises(LenetError, match=r"model\.safetensors"):
        load(tmp_path)


def test_a_folder_without_the_files_is_told_apart(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(LenetError, match="is not a run folder"):
        load(tmp_path)
    artifact.save(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(LenetError, match=r"has no model\.safetensors"):
        load(tmp_path)
