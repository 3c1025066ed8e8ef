"""A network is measured on what `lenet predict` would see, and on all of it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.command import lenet
from tests.conftest import bars

import lenet as package
from lenet import demo
from lenet.artifact import Artifact
from lenet.data import Dataset, Split, load_data
from lenet.data.callbacks import DataCallbacks
from lenet.errors import LenetError
from lenet.evaluation import evaluate
from lenet.evaluation.images_for import images_for
from lenet.networks import lenet_network
from lenet.pictures.image import read_image
from lenet.pictures.network_input import network_input

PICTURES = {"3": "three.png", "6": "crowded-six.png", "7": "seven.png"}


class Messages(DataCallbacks):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_message(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def digits() -> Artifact:
    return package.load("digits")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Photos of digits in the folders of their classes, three of the ten."""
    for label, name in PICTURES.items():
        (tmp_path / "scans" / label).mkdir(parents=True)
        shutil.copy(demo.FOLDER / "digits" / name, tmp_path / "scans" / label)
    return tmp_path / "scans"


def inputs(artifact: Artifact) -> list[Any]:
    shape = artifact.network.input_shape
    return [
        network_input(read_image(demo.FOLDER / "digits" / name), artifact.pictures, shape)
        for name in PICTURES.values()
    ]


def test_a_folder_is_used_whole_as_predict_sees_it(digits: Artifact, scans: Path) -> None:
    split = images_for(digits, str(scans))
    assert split.labels.tolist() == [3, 6, 7]
    assert split.classes == digits.classes
    assert np.array_equal(split.images, inputs(digits))
    paths = [scans / label / name for label, name in PICTURES.items()]
    answers = [answer.label for answer in digits.predict(paths)]
    result = evaluate(digits, split)
    assert [result.classes[k] for k in result.predictions] == answers == ["3", "6", "7"]


def test_the_command_says_what_predict_says(scans: Path) -> None:
    said = json.loads(lenet("evaluate", "digits", scans, "--json").stdout)
    assert (said["images"], said["accuracy"]) == (3, 1.0)
    assert [row["images"] for row in said["classes"]] == [0, 0, 0, 1, 0, 0, 1, 1, 0, 0]


def test_only_the_test_images_of_a_folder_with_parts(digits: Artifact, scans: Path) -> None:
    scans.rename(scans.parent / "Test")
    (scans / "Train" / "0").mkdir(parents=True)
    shutil.copy(demo.FOLDER / "digits" / "three.png", scans / "Train" / "0")
    (scans.parent / "Test").rename(scans / "Test")
    messages = Messages()
    assert images_for(digits, str(scans), messages).labels.tolist() == [3, 6, 7]
    assert "scans: only its test images are used" in messages.lines


def test_a_table_of_paths(digits: Artifact, scans: Path) -> None:
    lines = [f"scans/{label}/{name},{label}" for label, name in PICTURES.items()]
    Path("list.csv").write_text("\n".join(["path,label", *lines]))
    split = images_for(digits, "list.csv")
    assert np.array_equal(split.images, inputs(digits))


def test_arrays_of_another_size_are_prepared_and_of_the_own_size_taken(digits: Artifact) -> None:
    photo = read_image(demo.FOLDER / "digits" / "seven.png")[None]
    np.savez("large.npz", images=photo, labels=[7])
    assert np.array_equal(images_for(digits, "large.npz").images[0], inputs(digits)[2])
    own = np.zeros((2, 28, 28), np.uint8)
    own[:, 3, 3] = 255
    np.savez("own.npz", images=own / np.float32(255) * np.float32(1.0000002), labels=[7, 1])
    split = images_for(digits, "own.npz")
    assert np.array_equal(split.images, own)
    assert split.labels.tolist() == [7, 1]


def test_a_class_that_the_network_does_not_know(digits: Artifact, scans: Path) -> None:
    (scans / "7").rename(scans / "seven")
    with pytest.raises(LenetError, match="it does not know 'seven'"):
        images_for(digits, str(scans))


def test_numbers_stand_for_the_classes_of_a_network_with_names() -> None:
    clothing = package.load("fashion")
    np.savez("own.npz", x_test=np.zeros((2, 28, 28), np.uint8), y_test=[9, 0])
    messages = Messages()
    split = images_for(clothing, "own.npz", messages)
    assert split.labels.tolist() == [9, 0]
    assert f"0 is {clothing.classes[0]}" in messages.lines[-1]


def untrained(dataset: Dataset, **origin: Any) -> Artifact:
    network = lenet_network(classes=len(dataset.classes))
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    return Artifact(network, weights, dataset.classes, origin=origin)


@pytest.mark.parametrize("written", ["images", "./images", "images/../images"])
def test_of_the_data_of_the_training_only_the_test_images(
    class_folder: Callable[..., Path], written: str
) -> None:
    root = class_folder(bars(40, 4))
    data = load_data(root, seed=3)
    artifact = untrained(data, data=data.source, seed=3)
    assert np.array_equal(images_for(artifact, written).images, data.test.images)
    elsewhere = replace(artifact, origin={"data": "/elsewhere", "seed": 3})
    assert len(images_for(elsewhere, written)) == 40


def test_a_range_that_was_said_in_training_is_remembered() -> None:
    images = np.random.default_rng(0).integers(0, 200, (20, 28, 28)) / 120
    np.savez("own.npz", images=images, labels=np.arange(20) % 2)
    data = load_data("own.npz", pixels="0-1")
    artifact = untrained(data, data=data.source, seed=0, pixels="0-1")
    assert np.array_equal(images_for(artifact, "own.npz").images, data.test.images)


@pytest.mark.parametrize("order", ["folder", "npz"])
def test_twelve_classes_in_an_archive_and_in_folders_are_the_same(
    class_folder: Callable[..., Path], order: str
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (48, 28, 28), np.uint8)
    labels = np.arange(48, dtype=np.int64) % 12
    class_folder(Split(images, labels, tuple(str(k) for k in range(12))), Path("images"))
    np.savez("own.npz", images=images, labels=labels)
    first, second = load_data("images"), load_data("own.npz")
    assert first.classes == second.classes == tuple(str(k) for k in range(12))
    artifact = untrained(first, data="/elsewhere", seed=0)
    if order == "folder":  # a network whose classes are stored in the order of old
        artifact = replace(artifact, classes=tuple(sorted(artifact.classes)))
    known = images_for(artifact, "own.npz")
    assert [artifact.classes[k] for k in known.labels] == [str(k) for k in labels]


def test_an_unreadable_picture_is_named(digits: Artifact, scans: Path) -> None:
    (scans / "3" / "broken.png").write_bytes(b"")
    Image.new("L", (9, 9)).save(scans / "3" / "notes.txt", "PNG")
    messages = Messages()
    assert len(images_for(digits, str(scans), messages)) == 3
    assert any("broken.png: cannot be read" in line for line in messages.lines)
    assert "scans: skipped files that are not pictures: 1 (.txt)" in messages.lines


def test_the_first_page_of_a_file_is_measured_and_said(digits: Artifact, scans: Path) -> None:
    pages = [Image.open(demo.FOLDER / "digits" / name) for name in PICTURES.values()]
    pages[0].save(scans / "3" / "again.tif", save_all=True, append_images=pages[1:])
    messages = Messages()
    split = images_for(digits, str(scans), messages)
    assert split.labels.tolist() == [3, 3, 6, 7]
    assert np.array_equal(split.images[0], split.images[1])
    assert "scans: 1 file has several pages; only the first was taken" in messages.lines
