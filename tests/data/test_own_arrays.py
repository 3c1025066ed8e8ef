"""Arrays and tables as people have them, each in the form that gives the same data set."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lenet.data import Dataset, load_data
from lenet.data.callbacks import DataCallbacks
from lenet.errors import LenetError

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (20, 6, 6), np.uint8)
GREY[:, 0, 0] = np.arange(20) + 3  # tells the images apart
LABELS = np.arange(20) % 4
TRAIN, TEST = slice(0, 12), slice(12, 20)
SIZE = (6, 6)


class Messages(DataCallbacks):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_message(self, text: str) -> None:
        self.lines.append(text)


def load(path: str, **more: Any) -> Dataset:
    return load_data(path, SIZE, **more)


def pairs(images: NDArray[Any], labels: NDArray[Any], *keys: str) -> dict[str, NDArray[Any]]:
    values = (images[TRAIN], labels[TRAIN], images[TEST], labels[TEST])
    return dict(zip(keys, values, strict=True))


KEYS = ("x_train", "y_train", "x_test", "y_test")


@pytest.mark.parametrize(
    "keys",
    [
        KEYS,
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("train_x", "train_y", "test_x", "test_y"),
        ("trainX", "trainY", "testX", "testY"),
        ("train_set_x", "train_set_y", "test_set_x", "test_set_y"),
        ("training_data", "training_target", "testing_data", "testing_target"),
        ("images_train", "labels_train", "images_test", "labels_test"),
    ],
)
@pytest.mark.parametrize("name", ["a.npz", "A.NPZ"])
def test_names_of_arrays(keys: tuple[str, ...], name: str) -> None:
    with Path(name).open("wb") as file:
        np.savez(file, allow_pickle=False, **pairs(GREY, LABELS, *keys))
    data = load(name)
    assert np.array_equal(data.train.images, GREY[TRAIN])
    assert np.array_equal(data.test.images, GREY[TEST])
    assert data.test.labels.tolist() == LABELS[TEST].tolist()


@pytest.mark.parametrize(
    "images",
    [
        GREY[:, None],
        GREY[..., None],
        GREY.reshape(20, 36),
        GREY.astype(np.int64),
        GREY.astype(np.float64),
        GREY / np.float32(255) * np.float32(1.0000002),
        GREY.reshape(20, 36) / 255,
    ],
)
def test_shapes_and_types_of_images(images: NDArray[Any]) -> None:
    np.savez("a.npz", allow_pickle=False, **pairs(images, LABELS, *KEYS))
    data = load("a.npz")
    assert np.array_equal(data.train.images, GREY[TRAIN])
    assert np.array_equal(data.test.images, GREY[TEST])


@pytest.mark.parametrize("first", [False, True])
def test_colour_in_both_orders(first: bool) -> None:
    colour = RANDOM.integers(0, 256, (20, 6, 6, 3), np.uint8)
    stored = np.moveaxis(colour, 3, 1) if first else colour
    np.savez("a.npz", allow_pickle=False, **pairs(stored, LABELS, *KEYS))
    assert np.array_equal(load("a.npz").train.images, colour[TRAIN])


def test_a_channel_of_transparency() -> None:
    colour = RANDOM.integers(0, 256, (20, 6, 6, 3), np.uint8)
    opaque = np.concatenate([colour, np.full((20, 6, 6, 1), 255, np.uint8)], axis=3)
    np.savez("a.npz", allow_pickle=False, **pairs(opaque, LABELS, *KEYS))
    assert np.array_equal(load("a.npz").train.images, colour[TRAIN])


TEXTS = np.array(["b10", "b9", "a", "\u732b"])


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (LABELS[:, None], ("0", "1", "2", "3")),
        (LABELS.astype(np.float32), ("0", "1", "2", "3")),
        (np.eye(4)[LABELS], ("0", "1", "2", "3")),
        (np.eye(4, dtype=bool)[LABELS], ("0", "1", "2", "3")),
        (TEXTS[LABELS], ("a", "b9", "b10", "\u732b")),
        (np.char.encode(TEXTS, "utf-8")[LABELS], ("a", "b9", "b10", "\u732b")),
        (LABELS * 5 + 5, ("5", "10", "15", "20")),
    ],
)
def test_kinds_of_labels(labels: NDArray[Any], classes: tuple[str, ...]) -> None:
    np.savez("a.npz", allow_pickle=False, **pairs(GREY, labels, *KEYS))
    data = load("a.npz")
    assert data.classes == classes
    numbers: list[int] = data.train.labels.tolist()
    names = [data.classes[number] for number in numbers]
    once = names[:4]
    assert sorted(once) == sorted(classes)
    assert names == once * 3


@pytest.mark.parametrize(
    "content",
    [
        {"images": GREY, "labels": LABELS},
        {"X": GREY, "y": LABELS},
        {"data": GREY.reshape(20, 36), "target": LABELS, "images": GREY},
        {"x_train": GREY, "y_train": LABELS},
        {"arr_0": GREY, "arr_1": LABELS},
    ],
)
def test_arrays_without_a_test_part_are_divided_by_class(content: dict[str, NDArray[Any]]) -> None:
    np.savez("a.npz", allow_pickle=False, **content)
    messages = Messages()
    data = load("a.npz", callbacks=messages)
    assert np.bincount(data.train.labels).tolist() == [4] * 4
    assert np.bincount(data.test.labels).tolist() == [1] * 4
    assert "a: divided 16 : 4 into training and test by seed 0" in messages.lines
    assert data.sha256() == load("a.npz").sha256()
    assert len({load("a.npz", seed=seed).sha256() for seed in range(5)}) > 1


def test_medmnists_validation_images_are_the_validation_part() -> None:
    content = pairs(GREY, LABELS, "train_images", "train_labels", "test_images", "test_labels")
    np.savez("a.npz", allow_pickle=False, **content, val_images=GREY[:8], val_labels=LABELS[:8])
    data = load("a.npz")
    assert data.validation is not None
    assert np.array_equal(data.validation.images, GREY[:8])
    assert (len(data.train), len(data.test)) == (12, 8)


def test_without_test_images_the_validation_images_are_the_test_images() -> None:
    content = {"x_train": GREY[TRAIN], "y_train": LABELS[TRAIN]}
    np.savez("a.npz", allow_pickle=False, **content, x_val=GREY[TEST], y_val=LABELS[TEST])
    messages = Messages()
    data = load("a.npz", callbacks=messages)
    assert data.validation is None
    assert np.array_equal(data.test.images, GREY[TEST])
    assert "validation images are the test images" in messages.lines[0]


def test_the_range_can_be_said() -> None:
    np.savez("a.npz", allow_pickle=False, **pairs(GREY / 170, LABELS, *KEYS))
    with pytest.raises(LenetError, match="--pixels 0-1 or --pixels 0-255"):
        load("a.npz")
    assert load("a.npz", pixels="0-1").train.images.max() == 255
    data = load("a.npz", pixels="0-255")
    assert data.train.images.max() == 2
    assert data.pixels == "0-255"


def test_pickles_are_called_what_they_are() -> None:
    np.savez("a.npz", x_train=GREY, y_train=np.array(["a", None] * 10, object))
    with pytest.raises(LenetError, match=r"y_train holds Python objects, pickled.*astype\(str\)"):
        load("a.npz")
    Path("b.npz").write_bytes(b"\x80\x04K\x03.")
    with pytest.raises(LenetError, match=r"b\.npz is pickled, which is not loaded"):
        load("b.npz")


def test_other_arrays_are_named() -> None:
    np.savez("a.npz", allow_pickle=False, **pairs(GREY, LABELS, *KEYS), extra=GREY)
    messages = Messages()
    load("a.npz", callbacks=messages)
    assert messages.lines == ["a.npz: not read: extra"]


# Tables


def rows(labels: NDArray[Any] = LABELS, last: bool = False, join: str = ",") -> str:
    lines: list[str] = []
    for image, label in zip(GREY.reshape(20, 36), labels, strict=True):
        cells = [str(value) for value in image]
        lines.append(join.join([*cells, str(label)] if last else [str(label), *cells]))
    return "\n".join(lines) + "\n"


PIXELS = [f"pixel{n}" for n in range(36)]
HEAD = ",".join(["label", *PIXELS]) + "\n"


@pytest.mark.parametrize(
    ("name", "text", "pack"),
    [
        ("a.csv", HEAD + rows(), bytes),
        ("a.CSV", rows(), bytes),
        ("a.csv.gz", HEAD + rows(), gzip.compress),
        ("a.csv.bz2", HEAD + rows(), bz2.compress),
        ("a.csv.xz", rows(), lzma.compress),
        ("a.csv", "\ufeff" + HEAD + rows(), bytes),
        ("a.csv", HEAD.replace("\n", "\r\n") + rows().replace("\n", "\r\n") + "\r\n", bytes),
        ("a.csv", ",".join([*PIXELS, "class"]) + "\n" + rows(last=True), bytes),
        ("a.csv", HEAD.replace(",", ";") + rows(join=";"), bytes),
        ("a.tsv", rows(join="\t"), bytes),
        ("a.csv", ('"' + HEAD.strip().replace(",", '","') + '"\n') + rows(), bytes),
        ("a.csv", HEAD + rows(LABELS.astype(float)), bytes),
    ],
)
def test_rows_of_pixels(name: str, text: str, pack: Callable[[bytes], bytes]) -> None:
    Path(name).write_bytes(pack(text.encode()))
    data = load(name)
    assert (data.name, data.classes) == ("a", ("0", "1", "2", "3"))
    both = np.concatenate([data.train.images, data.test.images])
    labels = np.concatenate([data.train.labels, data.test.labels])
    order = np.argsort(both[:, 0, 0])
    assert np.array_equal(both[order], GREY)
    assert labels[order].tolist() == LABELS.tolist()


def test_rows_of_pixels_with_names_and_parts() -> None:
    parts = ["train"] * 12 + ["Test"] * 8
    lines = [
        f"{n},{TEXTS[LABELS[n]]},{parts[n]}," + ",".join(map(str, image.ravel().tolist()))
        for n, image in enumerate(GREY)
    ]
    head = "id,label,split," + ",".join(PIXELS)
    Path("a.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    data = load("a.csv")
    assert data.classes == ("a", "b9", "b10", "\u732b")
    assert np.array_equal(data.train.images, GREY[TRAIN])
    assert np.array_equal(data.test.images, GREY[TEST])


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("path,label", "pictures/{n}.png,{label}"),
        ("", "pictures/{n}.png,{label}"),
        ("", "{label},pictures/{n}.png"),
        ("image_id,breed", "pictures/{n}.png,{label}"),
        ("label,width,filename", "{label},6,pictures/{n}.png"),
        ("path,label", "pictures\\{n}.png,{label}"),
        ('"path","label"', '"pictures/{n}.png","{label}"'),
        ("path;label", "pictures/{n}.png;{label}"),
    ],
)
def test_rows_of_paths(head: str, line: str) -> None:
    folder = Path("table")
    (folder / "pictures").mkdir(parents=True)
    lines = [head] if head else []
    for n, image in enumerate(GREY):
        Image.fromarray(image).save(folder / "pictures" / f"{n}.png")
        lines.append(line.format(n=n, label=f"class {LABELS[n]}"))
    (folder / "list.csv").write_text("\n".join(lines))
    data = load(str(folder / "list.csv"))
    assert data.classes == ("class 0", "class 1", "class 2", "class 3")
    both = np.concatenate([data.train.images, data.test.images])
    labels = np.concatenate([data.train.labels, data.test.labels])
    order = np.argsort(both[:, 0, 0])
    assert np.array_equal(both[order], GREY)
    assert labels[order].tolist() == LABELS.tolist()


def test_a_path_that_is_not_there_is_named() -> None:
    for n, image in enumerate(GREY):
        Image.fromarray(image).save(f"{n}.png")
    lines = [f"{n}.png,{LABELS[n]}" for n in range(20)]
    Path("list.csv").write_text("\n".join([*lines, "20.png,0"]))
    messages = Messages()
    data = load("list.csv", callbacks=messages)
    assert len(data.train) + len(data.test) == 20
    assert "20.png: cannot be read as an image (no such file)" in messages.lines[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (HEAD, "holds no rows"),
        ("path,label\n", "holds no rows|square"),
        (",".join(PIXELS) + "\n" + rows().replace("\n", "\n"), "no column of labels"),
        (HEAD + "1,2,3\n", "line 2 has 3 columns"),
        (rows() + "1,2\n", "line 21 has 2 columns"),
        ("1,2,3\n1,2,3\n", "no pixels of a square image"),
        (HEAD + rows().replace("0,", "x,", 1)[:-1].replace(",", ",y", 1), "could not convert"),
        (HEAD + "," + ",".join("0" * 36), "cannot be a class's name"),
        ("path,label,split\na.png,1,north\n", "'north' is none of the parts"),
        ("path,kind,colour\na.png,1,2\n", "no column of labels"),
    ],
)
def test_tables_that_are_refused(text: str, message: str) -> None:
    Path("a.csv").write_text(text)
    with pytest.raises(LenetError, match=message) as raised:
        load("a.csv")
    assert "a.csv" in str(raised.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", gzip.compress(b"1,2\n" * 99)[:-9], b"\x00" * 50]
)
def test_a_damaged_table_is_refused(content: bytes) -> None:
    Path("a.csv").write_bytes(content)
    with pytest.raises(LenetError, match=r"a\.csv"):
        load("a.csv")
