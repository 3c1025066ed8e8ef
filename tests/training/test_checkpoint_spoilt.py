"""A spoilt checkpoint is a sentence, whatever is wrong with it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as arrays_of
from safetensors.numpy import save as to_bytes
from tests.training.test_checkpoint import example, file_of, with_header

from lenet.errors import LenetError
from lenet.training import checkpoint

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import mutate_files


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, example())
    whole = file_of(tmp_path).read_bytes()
    for place in (*range(0, 60), *range(60, len(whole), 7)):
        content = bytearray(whole)
        content[place] ^= 1 + place % 255
        file_of(tmp_path).write_bytes(content)
        with pytest.raises(LenetError, match="corrupt"):
            checkpoint.load(tmp_path)


def setting(part: str, **values: Any) -> Callable[[bytes], bytes]:
    """Change values in a part of the header, and leave out the digest."""

    def change(table: dict[str, Any]) -> None:
        place = table
        for key in filter(None, part.split("/")):
            place = place[key]
        place.update(values)

    return with_header(change)


def with_array(value: float) -> Callable[[bytes], bytes]:
    def spoilt(content: bytes) -> bytes:
        arrays = dict(arrays_of(content))
        arrays["model/fc1.bias"] = np.full(2, value, np.float32)
        length = int.from_bytes(content[:8], "little")
        text = json.loads(content[8 : 8 + length])["__metadata__"]["lenet"]
        return to_bytes(arrays, {"lenet": text})

    return spoilt


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "epochs as text": setting("settings/recipe", epochs="2"),
    "no epochs": setting("settings/recipe", epochs=0),
    "epochs beyond all": setting("settings/recipe", epochs=10**400),
    "batches of nothing": setting("settings/recipe", batch_size=0),
    "true": setting("settings/recipe", batch_size=True),
    "rate": setting("settings/recipe", learning_rate=float("nan")),
    "no schedule": setting("settings/recipe", schedule=[]),
    "another schedule": setting("settings/recipe", schedule="sine"),
    "schedule of texts": setting("settings/recipe", schedule=["1"]),
    "normalization": setting("settings/recipe", normalization=[1, 2]),
    "distortion": setting("settings/recipe", distortion={"shift": 1}),
    "a huge distortion": setting(
        "settings/recipe", distortion={"shift": 1e30, "scale": 0, "squeeze": 0, "shear": 0}
    ),
    "validation": setting("settings/recipe", validation=2),
    "method": setting("settings/recipe", method="adam"),
    "seed": setting("settings", seed=-1),
    "device": setting("settings", device="tpu"),
    "engine": setting("settings", engine=None),
    "pixels": setting("settings", pixels="0-2"),
    "data": setting("settings", data=["a"]),
    "step": setting("progress", step=-1),
    "loss": setting("progress", loss_sum=float("inf")),
    "best": setting("progress", best_epoch=9),
    "accuracy": setting("progress", best_accuracy="high"),
    "no list": setting("progress", history={"epoch": 1}),
    "epochs out of order": setting(
        "progress",
        history=[
            {"epoch": 2, "train_loss": 1, "train_accuracy": 1, "test_accuracy": 1, "seconds": 1}
        ],
    ),
    "hash": setting("", data_sha256=7),
    "NaN": with_array(float("nan")),
    "infinity": with_array(float("-inf")),
}


@pytest.mark.parametrize("name", SPOILT)
def test_values_that_make_no_sense_are_noticed(name: str, tmp_path: Path) -> None:
    checkpoint.save(tmp_path, example())
    path = file_of(tmp_path)
    path.write_bytes(SPOILT[name](path.read_bytes()))
    with pytest.raises(LenetError, match=r"state\.safetensors is corrupt"):
        checkpoint.load(tmp_path)


def test_a_checkpoint_without_a_digest_is_of_an_older_version(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, example())
    path = file_of(tmp_path)
    path.write_bytes(with_header(lambda table: None)(path.read_bytes()))
    assert checkpoint.load(tmp_path).settings == example().settings


def test_a_file_larger_than_any_network_is_not_read(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, example())
    with file_of(tmp_path).open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(LenetError, match="corrupt"):
        checkpoint.load(tmp_path)


@pytest.mark.slow
def test_a_hundredth_of_the_mutated_files() -> None:
    results = mutate_files.run(0.01, 5, None)
    assert results["wrong"] == []
    assert all(one["refused"] for one in results["formats"].values())
