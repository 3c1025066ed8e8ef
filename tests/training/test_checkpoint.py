"""Checkpoints: what comes back, what is corrupt, and those of older versions."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load as arrays_of
from safetensors.numpy import save as to_bytes
from tests.training.runs import Recorder, run

from lenet.data import Dataset
from lenet.engine import native
from lenet.errors import LenetError
from lenet.training import checkpoint
from lenet.training.checkpoint import Checkpoint, Settings
from lenet.training.loop import Interrupted
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import Recipe
from lenet.training.recipes import CHAPTER, LECUN1998, MODERN
from lenet.training.start import resume

ENGINE = "native" if native.available() else "torch"
RECIPE = replace(MODERN, data="bars", epochs=2, batch_size=16, warmup=0.5)


def example() -> Checkpoint:
    random = np.random.default_rng(0)
    return Checkpoint(
        Settings(replace(RECIPE, schedule=(1.0, 0.1)), "bars", 7, "cpu", "native", "0-1"),
        "ab" * 32,
        Progress([Epoch(1, 2.3000000000000003, 0.1, 1 / 3, 0.7)], 3, 0.1 + 0.2, 41, 1e-9),
        {"fc1.weight": random.random((2, 3), np.float32), "fc1.bias": np.zeros(2, np.float32)},
        {"fc1.weight": random.random((2, 3), np.float32)},
    )


def file_of(folder: Path) -> Path:
    return folder / checkpoint.FOLDER / "state.safetensors"


def test_all_comes_back_to_the_bit(tmp_path: Path) -> None:
    kept = example()
    checkpoint.save(tmp_path, kept)
    found = checkpoint.load(tmp_path)
    assert found.settings == kept.settings
    assert found.progress == kept.progress
    assert found.data_sha256 == kept.data_sha256
    for ours, theirs in ((found.parameters, kept.parameters), (found.trainer, kept.trainer)):
        assert set(ours) == set(theirs)
        assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)
    assert [path.name for path in (tmp_path / checkpoint.FOLDER).iterdir()] == [
        file_of(tmp_path).name
    ]


def test_no_checkpoint_is_told(tmp_path: Path) -> None:
    with pytest.raises(LenetError, match="holds no checkpoint"):
        checkpoint.load(tmp_path)


def with_header(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def spoilt(content: bytes) -> bytes:
        length = int.from_bytes(content[:8], "little")
        table = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["lenet"])
        change(table)
        return to_bytes(arrays_of(content), {"lenet": json.dumps(table)})

    return spoilt


def other_dtype(content: bytes) -> bytes:
    length = int.from_bytes(content[:8], "little")
    arrays = {name: value.astype(np.float64) for name, value in arrays_of(content).items()}
    return to_bytes(arrays, json.loads(content[8 : 8 + length])["__metadata__"])


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "garbage": lambda _: b"\x80\x04garbage",
    "an archive": lambda _: b"PK\x03\x04 no archive",
    "truncated": lambda content: content[:-20],
    "a header of nothing": lambda content: b"\xff" * 8 + content[8:],
    "no JSON": lambda content: to_bytes(arrays_of(content), {"lenet": "{"}),
    "nested": lambda content: to_bytes(arrays_of(content), {"lenet": "[" * 100_000}),
    "a list": lambda content: to_bytes(arrays_of(content), {"lenet": "[]"}),
    "no header": lambda content: to_bytes(arrays_of(content)),
    "other arrays": lambda content: to_bytes({"else/x": np.zeros(1, np.float32)}, {"lenet": "{}"}),
    "float64": other_dtype,
    "no settings": with_header(lambda table: table.pop("settings")),
    "a setting too many": with_header(lambda table: table["settings"].update(more=1)),
    "no seed": with_header(lambda table: table["settings"].pop("seed")),
    "history": with_header(lambda table: table["progress"].update(history=[1])),
    "progress": with_header(lambda table: table.update(progress=3)),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_corrupt_checkpoint_is_named(tmp_path: Path, name: str) -> None:
    checkpoint.save(tmp_path, example())
    path = file_of(tmp_path)
    path.write_bytes(SPOILT[name](path.read_bytes()))
    with pytest.raises(LenetError, match=r"state\.safetensors is corrupt"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("part", ["parameters", "trainer"])
@pytest.mark.parametrize("change", ["shape", "missing", "more"])
def test_arrays_of_another_network_are_refused(
    tiny: Dataset, tmp_path: Path, part: str, change: str
) -> None:
    run(Settings(replace(RECIPE, epochs=1), "bars", 0, "cpu", ENGINE), tiny, tmp_path, Recorder())
    kept = checkpoint.load(tmp_path)
    arrays = dict(getattr(kept, part))
    if change == "shape":
        arrays["conv1.bias"] = np.zeros(5, np.float32)
    elif change == "missing":
        del arrays["conv1.bias"]
    else:
        arrays["conv3.bias"] = np.zeros(5, np.float32)
    spoilt = replace(kept, **{part: arrays})
    with pytest.raises(LenetError, match="not of the network and the recipe"):
        resume(spoilt, tmp_path, 1, tiny)


def as_older_versions_wrote(folder: Path, kept: Checkpoint, velocities: bool) -> None:
    """Write what lenet wrote before its checkpoints were safetensors."""
    trainer: dict[str, Any] = {
        name: torch.from_numpy(value) for name, value in kept.trainer.items()
    }
    if kept.settings.recipe.method == "sgd":
        trainer = {"velocities": list(trainer.values()) if velocities else []}
    state = {
        "settings": {**asdict(kept.settings), "recipe": kept.settings.recipe.to_json()},
        "data_sha256": kept.data_sha256,
        "progress": asdict(kept.progress),
        "model": {name: torch.from_numpy(value) for name, value in kept.parameters.items()},
        "trainer": trainer,
    }
    file_of(folder).unlink()
    torch.save(state, folder / checkpoint.FOLDER / "state.pt")


@pytest.mark.parametrize("recipe", [RECIPE, CHAPTER, LECUN1998], ids=lambda one: one.name)
@pytest.mark.parametrize("step", [1, 2])
def test_an_older_checkpoint_is_resumed_to_the_same_bits(
    tiny: Dataset, tmp_path: Path, recipe: Recipe, step: int
) -> None:
    engine = "numpy" if recipe.method == "sdlm" and not native.available() else ENGINE
    short = replace(recipe, data="bars", epochs=2)
    if recipe.method == "sgd":
        short = replace(short, batch_size=16)
    asked = Settings(short, "bars", 0, "cpu", engine)
    whole, halved = tmp_path / "whole", tmp_path / "halved"
    for folder in (whole, halved):
        folder.mkdir()
    expected = run(asked, tiny, whole, Recorder()).artifact.parameters
    left = iter([False] * (step - 1) + [True])
    with pytest.raises(Interrupted):
        run(asked, tiny, halved, Recorder(), lambda: next(left))
    as_older_versions_wrote(halved, checkpoint.load(halved), velocities=recipe.momentum > 0)
    resumed = run(asked, tiny, halved, Recorder(), resumed=checkpoint.load(halved))
    for name, value in resumed.artifact.parameters.items():
        assert np.array_equal(value, expected[name])
    # The newer one has replaced it.
    assert not (halved / checkpoint.FOLDER / "state.pt").exists()
    assert file_of(halved).is_file()


def test_an_older_checkpoint_without_velocities_begins_with_none(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, example())
    as_older_versions_wrote(tmp_path, example(), velocities=False)
    found = checkpoint.load(tmp_path)
    assert set(found.trainer) == set(found.parameters)
    assert not any(value.any() for value in found.trainer.values())


def test_an_older_checkpoint_needs_pytorch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.save(tmp_path, example())
    as_older_versions_wrote(tmp_path, example(), velocities=False)
    monkeypatch.delitem(sys.modules, "lenet.training.torch_state", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(LenetError, match=r"older version of lenet, .*pip install \"torch>="):
        checkpoint.load(tmp_path)


def test_an_older_checkpoint_that_is_corrupt_is_named(tmp_path: Path) -> None:
    (tmp_path / checkpoint.FOLDER).mkdir()
    (tmp_path / checkpoint.FOLDER / "state.pt").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(LenetError, match=r"state\.pt is corrupt"):
        checkpoint.load(tmp_path)
