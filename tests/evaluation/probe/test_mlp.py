from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenet.artifact import Artifact, load
from lenet.data import Dataset, Split
from lenet.data.callbacks import DataCallbacks
from lenet.evaluation.probe import mlp
from lenet.evaluation.probe.mlp import comparable_mlp
from lenet.networks import Network, lecun1989_network, lenet_network, modern_network
from lenet.training.recipe import Recipe
from lenet.training.recipes import CHAPTER, LECUN1998, MODERN

QUICK = replace(CHAPTER, epochs=2, batch_size=40, learning_rate=0.5)


class Recorder(DataCallbacks):
    """Keeps what the callbacks receive."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[int, int | None]] = []

    def on_message(self, text: str) -> None:
        self.lines.append(text)

    def on_progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        self.steps.append((done, total))


def network_trained_by(
    recipe: Recipe | None, data: Dataset, network: Network | None = None, seed: int = 3
) -> Artifact:
    origin: dict[str, Any] = {"seed": seed}
    if recipe is not None:
        origin["recipe"] = recipe.to_json()
    return Artifact(network or lenet_network(classes=4), {}, data.classes, origin=origin)


def test_it_is_trained_as_the_network_was_and_used_again(tiny: Dataset, tmp_path: Path) -> None:
    artifact, recorder = network_trained_by(QUICK, tiny), Recorder()
    first, text = comparable_mlp(artifact, tiny, tmp_path / "mlp", recorder)
    assert first is not None
    assert recorder.steps == [(1, 2), (2, 2)]
    assert text == f"mlp-77-sigmoid, {784 * 77 + 77 + 77 * 4 + 4:,} parameters, recipe chapter"
    recipe = first.origin["recipe"]
    assert (recipe["epochs"], recipe["batch_size"], recipe["learning_rate"]) == (2, 40, 0.5)
    assert first.origin["seed"] == 3
    assert "sigmoid" in [layer.label for layer in first.network.layers]
    assert (tmp_path / "mlp" / "metrics.json").is_file()

    recorder = Recorder()
    second, again = comparable_mlp(artifact, tiny, tmp_path / "mlp", recorder)
    assert second is not None
    assert (recorder.steps, again) == ([], text)
    for name, values in load(tmp_path / "mlp").parameters.items():
        np.testing.assert_array_equal(values, first.parameters[name])
        np.testing.assert_array_equal(values, second.parameters[name])


@pytest.mark.parametrize("what", ["seed", "epochs", "data", "corrupt"])
def test_one_that_does_not_fit_is_replaced(what: str, tiny: Dataset, tmp_path: Path) -> None:
    comparable_mlp(network_trained_by(QUICK, tiny), tiny, tmp_path, Recorder())
    artifact, data, recorder = network_trained_by(QUICK, tiny), tiny, Recorder()
    if what == "seed":
        artifact = network_trained_by(QUICK, tiny, seed=4)
    elif what == "epochs":
        artifact = network_trained_by(replace(QUICK, epochs=3), tiny)
    elif what == "data":
        train = Split(255 - tiny.train.images, tiny.train.labels, tiny.classes)
        data = replace(tiny, train=train)
    else:
        (tmp_path / "model.safetensors").write_bytes(b"nothing")
    found, _ = comparable_mlp(artifact, data, tmp_path, recorder)
    assert found is not None
    assert len(recorder.steps) == (3 if what == "epochs" else 2)
    assert found.origin["data_sha256"] == data.sha256()
    kept = load(tmp_path)
    assert kept.origin["seed"] == found.origin["seed"] == artifact.origin["seed"]
    np.testing.assert_array_equal(kept.parameters["fc1.weight"], found.parameters["fc1.weight"])


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (None, "the network's recipe is unknown"),
        (replace(QUICK, name="mine"), "the network's recipe is unknown"),
        (LECUN1998, "the network's own cannot train it: recipe lecun1998 is for networks with"),
    ],
)
def test_another_recipe_gives_way_to_the_chapters(
    recipe: Recipe | None,
    reason: str,
    tiny: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mlp, "CHAPTER", QUICK)
    found, text = comparable_mlp(network_trained_by(recipe, tiny), tiny, tmp_path, Recorder())
    assert found is not None
    assert found.origin["recipe"]["name"] == "chapter"
    assert f"recipe chapter ({reason}" in text
    assert text.endswith(")")


def test_beside_relu_it_has_relu(tiny: Dataset, tmp_path: Path) -> None:
    recipe = replace(MODERN, epochs=1)
    artifact = network_trained_by(recipe, tiny, modern_network(classes=4))
    found, text = comparable_mlp(artifact, tiny, tmp_path, Recorder())
    assert found is not None
    assert text.endswith("recipe modern")
    assert "ReLU" in [layer.label for layer in found.network.layers]


def test_nonsense_in_the_origin_is_not_trained_by(tiny: Dataset, tmp_path: Path) -> None:
    artifact = network_trained_by(QUICK, tiny)
    artifact.origin["recipe"].update(epochs="many", batch_size=-1, learning_rate=True)
    found, _ = comparable_mlp(artifact, tiny, tmp_path, recorder := Recorder())
    assert found is not None
    assert recorder.steps[-1] == (CHAPTER.epochs, CHAPTER.epochs)
    assert found.origin["recipe"]["batch_size"] == CHAPTER.batch_size


def test_there_is_none_for_another_image_size(tiny: Dataset, tmp_path: Path) -> None:
    artifact = network_trained_by(QUICK, tiny, lecun1989_network(classes=4))
    found, text = comparable_mlp(artifact, tiny, tmp_path / "mlp", Recorder())
    assert found is None
    assert text == (
        "no MLP to compare with: mlp-77-sigmoid reads 28×28 with 1 channel, "
        "the network 16×16 with 1 channel"
    )
    assert not (tmp_path / "mlp").exists()
