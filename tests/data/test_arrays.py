import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.idx import write_idx

from lenet.data import Dataset
from lenet.data.callbacks import SILENT
from lenet.data.idx_folder import is_idx_folder
from lenet.data.load import load_data
from lenet.data.read_images import fitted_arrays
from lenet.errors import LenetError

Array = NDArray[Any]
Arrays = dict[str, Array]

SIZE = (4, 4)
MEDMNIST = ("train_images", "train_labels", "test_images", "test_labels")
KERAS = ("x_train", "y_train", "x_test", "y_test")


def read_npz(path: Path, size: tuple[int, int]) -> Dataset:
    return load_data(path, size)


def read_idx_folder(path: Path, size: tuple[int, int], seed: int) -> Dataset:
    return load_data(path, size, seed)


def pixels(count: int, *shape: int) -> NDArray[np.uint8]:
    shape = (count, *(shape or SIZE))
    return np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)


def arrays(keys: tuple[str, ...] = KERAS, **changed: Any) -> Arrays:
    values = (pixels(6), np.arange(6) % 3, pixels(3), np.arange(3))
    named: Arrays = dict(zip(keys, values, strict=True))
    return named | {key: np.asarray(value) for key, value in changed.items()}


def save(path: Path, content: Arrays) -> Path:
    np.savez(path, allow_pickle=True, **content)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digits.npz"


# npz


@pytest.mark.parametrize("keys", [MEDMNIST, KERAS])
@pytest.mark.parametrize("saver", [np.savez, np.savez_compressed])
def test_both_namings_are_read(
    path: Path, keys: tuple[str, ...], saver: Callable[..., None]
) -> None:
    content = arrays(keys, val_images=pixels(1), val_labels=[0])
    saver(path, **content)
    dataset = read_npz(path, SIZE)
    assert (dataset.name, dataset.source) == ("digits", str(path))
    assert dataset.classes == ("0", "1", "2")
    for split, images, labels in (
        (dataset.train, keys[0], keys[1]),
        (dataset.test, keys[2], keys[3]),
    ):
        assert np.array_equal(split.images, content[images])
        assert np.array_equal(split.labels, content[labels])


def test_labels_may_be_columns_of_any_numbers(path: Path) -> None:
    content = arrays(y_train=[[5], [7], [9]] * 2, y_test=np.array([[9], [5], [9]], np.uint8))
    dataset = read_npz(save(path, content), SIZE)
    assert dataset.classes == ("5", "7", "9")
    assert dataset.train.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert dataset.test.labels.tolist() == [2, 0, 2]


@pytest.mark.parametrize(
    ("shape", "channels"), [((4, 4, 3), 3), ((4, 4, 1), 1), ((9, 7), 1), ((9, 7, 3), 3)]
)
def test_colour_and_other_sizes_are_fitted(
    path: Path, shape: tuple[int, ...], channels: int
) -> None:
    content = arrays(x_train=pixels(6, *shape), x_test=pixels(3, *shape))
    dataset = read_npz(save(path, content), SIZE)
    assert dataset.train.channels == channels
    assert dataset.train.images.shape[:3] == (6, 4, 4)
    assert dataset.test.images.shape[:3] == (3, 4, 4)


def test_fractions_from_0_to_1_are_stretched(path: Path) -> None:
    content = arrays(x_train=pixels(6) / 255, x_test=(pixels(3) / 255).astype(np.float32))
    dataset = read_npz(save(path, content), SIZE)
    assert np.array_equal(dataset.train.images, pixels(6))
    assert np.array_equal(dataset.test.images, pixels(3))


BAD = np.zeros((6, *SIZE))
BAD[2, 1, 1] = np.nan


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_train": pixels(6).astype(int) - 1}, "pixels run from -1 to 94"),
        ({"x_test": np.full((3, 4, 4), 256)}, "pixels run from 0 to 256"),
        ({"x_train": BAD}, "pixels run from nan to nan"),
        ({"x_train": BAD + np.inf}, "pixels run from"),
        ({"x_train": pixels(6).astype(str)}, "must hold numbers"),
        ({"y_train": np.arange(5)}, "6 training images, but 5 labels"),
        ({"y_test": np.arange(2)}, "3 test images, but 2 labels"),
        ({"y_test": [0, 1, 3]}, "test class '3' does not occur"),
        ({"y_train": np.ones((6, 6))}, "one number an image"),
        ({"y_train": ["cat"] * 6}, r"one class only \(cat\)"),
        ({"y_train": ["cat", "dog"] * 3}, "test class '0' does not occur"),
        ({"y_train": np.zeros(6, int), "y_test": np.zeros(3, int)}, r"one class only \(0\)"),
        ({"x_train": pixels(6, 15)}, r"not of shape \(6, 15\)"),
        ({"x_train": pixels(6, 5, 5, 5)}, r"not of shape \(6, 5, 5, 5\)"),
        ({"x_train": pixels(6, 4, 4, 3)}, "differ in size or colour"),
        ({"x_train": pixels(0), "y_train": np.zeros(0, int)}, "no images"),
        ({"x_train": pixels(6, 0, 4)}, "no images"),
        ({"x_test": pixels(0), "y_test": np.zeros(0, int)}, "no images"),
        ({"x_train": 5}, "not of shape"),
        ({"x_train": [None] * 6}, "x_train holds Python objects, pickled, which is not loaded"),
        ({"y_train": [object()] * 6}, "y_train holds Python objects, pickled, which is not loaded"),
        ({"x_train": pixels(6) / 80}, "--pixels 0-1 or --pixels 0-255"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    path: Path, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(LenetError, match=message) as raised:
        read_npz(save(path, arrays(**changed)), SIZE)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": pixels(1), "b": pixels(1)}, "holds a, b; expected train_images, .* or x_train"),
        ({}, "holds nothing; expected"),
        ({key: pixels(1) for key in ("x_train", "x_test")}, "expected"),
    ],
)
def test_missing_keys_are_told_with_those_present(
    path: Path, content: Arrays, message: str
) -> None:
    with pytest.raises(LenetError, match=message):
        read_npz(save(path, content), SIZE)


def npz() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays())
    return buffer.getvalue()


def npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, pixels(2))
    return buffer.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def set_in_directory(offset: int, value: int) -> bytes:
    """Change two bytes of the first entry of the zip's own table of contents, and of the member."""
    content = bytearray(npz())
    content[offset - 2 : offset] = struct.pack("<H", value)
    at = content.index(b"PK\x01\x02") + offset
    content[at : at + 2] = struct.pack("<H", value)
    return bytes(content)


def shifted() -> bytes:
    """Say that the zip's table of contents lies further back: members then begin before byte 0."""
    content = bytearray(npz())
    offset = int.from_bytes(content[-6:-2], "little") + 1000
    content[-6:-2] = offset.to_bytes(4, "little")
    return bytes(content)


def claiming(shape: str) -> bytes:
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return zip_of(
        {f"{key}.npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head for key in KERAS}
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(npy(), "holds one array, not an .npz archive", id="npy"),
        pytest.param(b"", "corrupt", id="empty"),
        pytest.param(b"text", "corrupt", id="text"),
        pytest.param(npz()[:-30], "corrupt", id="truncated"),
        pytest.param(npz()[:100], "corrupt", id="start"),
        pytest.param(b"PK\x03\x04", "corrupt", id="magic"),
        pytest.param(npz()[:60] + b"\xff" * 20 + npz()[80:], "corrupt", id="altered"),
        pytest.param(zip_of({f"{k}.npy": b"" for k in KERAS}), "", id="empty members"),
        pytest.param(zip_of({f"{k}.npy": b"text" for k in KERAS}), "", id="text members"),
        pytest.param(zip_of(dict.fromkeys(KERAS, b"text")), "", id="members no npy"),
        pytest.param(shifted(), "", id="shifted"),
        pytest.param(set_in_directory(8, 1), "", id="encrypted"),
        pytest.param(set_in_directory(10, 99), "", id="unknown compression"),
        pytest.param(claiming(f"({1 << 50}, 4, 4)"), "", id="claims too much"),
        pytest.param(claiming("(-1, 4, 4)"), "", id="negative"),
        pytest.param(claiming("(1 << 70,)"), "", id="no shape"),
        pytest.param(claiming(f"({1 << 70},)"), "", id="beyond 64 bits"),
    ],
)
def test_a_corrupt_file_is_refused(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(LenetError) as raised:
        read_npz(path, SIZE)
    assert str(path) in str(raised.value)
    assert message in str(raised.value)


@given(data=st.data())
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_a_dataset_or_a_lenet_error(path: Path, data: st.DataObject) -> None:
    content = bytearray(npz())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))])
    try:
        dataset = read_npz(path, SIZE)
    except LenetError:
        return
    assert dataset.train.images.shape[1:] == SIZE


# IDX folders


def write(root: Path, **files: Array) -> Path:
    root.mkdir(exist_ok=True)
    for name, array in files.items():
        write_idx(root / name.replace("__", ".").replace("_", "-"), array)
    return root


LABELS = np.array([3, 4] * 5, np.uint8)
TRAIN = {"train_images_idx3_ubyte": pixels(10), "train_labels_idx1_ubyte": LABELS}
TEST = {"t10k_images_idx3_ubyte__gz": pixels(2), "t10k_labels_idx1_ubyte": LABELS[:2]}


def test_a_folder_with_a_test_part_is_taken_as_it_is(tmp_path: Path) -> None:
    root = write(tmp_path / "digits", **TRAIN, **TEST)
    assert is_idx_folder(root)
    dataset = read_idx_folder(root, SIZE, 0)
    assert (dataset.name, dataset.source) == ("digits", str(root))
    assert dataset.classes == ("3", "4")
    assert np.array_equal(dataset.train.images, pixels(10))
    assert dataset.train.labels.tolist() == [0, 1] * 5
    assert np.array_equal(dataset.test.images, pixels(2))
    assert dataset.test.labels.tolist() == [0, 1]


def test_a_folder_without_a_test_part_is_divided_by_seed(tmp_path: Path) -> None:
    root = write(tmp_path / "digits", **TRAIN)
    dataset = read_idx_folder(root, SIZE, 0)
    assert np.bincount(dataset.train.labels).tolist() == [4, 4]
    assert np.bincount(dataset.test.labels).tolist() == [1, 1]
    assert dataset.sha256() == read_idx_folder(root, SIZE, 0).sha256()
    assert len({read_idx_folder(root, SIZE, seed).sha256() for seed in range(5)}) > 1


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte"),
        ("Train-Images-idx3-ubyte.gz", "TRAIN-LABELS"),
    ],
)
def test_the_usual_names_are_known(tmp_path: Path, images: str, labels: str) -> None:
    write_idx(tmp_path / images, pixels(10))
    write_idx(tmp_path / labels, LABELS)
    assert is_idx_folder(tmp_path)
    assert len(read_idx_folder(tmp_path, SIZE, 0).train) == 8


@pytest.mark.parametrize("name", ["photo.png", ".train-images-idx3-ubyte", "trainimages", "labels"])
def test_other_names_make_no_idx_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    (tmp_path / "train-images").mkdir()
    assert not is_idx_folder(tmp_path)


def test_other_types_and_sizes_are_read(tmp_path: Path) -> None:
    fractions = (pixels(10) / 255).astype(np.float32)
    root = write(tmp_path, train_images=fractions, train_labels__gz=LABELS.astype(np.int32))
    assert read_idx_folder(root, (8, 6), 0).train.images.shape == (8, 8, 6)
    dataset = read_idx_folder(root, SIZE, 0)
    both = np.concatenate([dataset.train.images, dataset.test.images])
    assert sorted(image.tobytes() for image in both) == sorted(x.tobytes() for x in pixels(10))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"train_images": pixels(10)}, "no IDX file of training labels"),
        ({"train_labels": LABELS}, "no IDX file of training images"),
        (TEST, "holds test images, but no training images"),
        ({**TRAIN, "test_images": pixels(2)}, "must come together"),
        ({**TRAIN, "test_labels": LABELS}, "must come together"),
        ({**TRAIN, "train_labels_idx1_ubyte": LABELS[:9]}, "10 training images, but 9 labels"),
        ({**TRAIN, **TEST, "t10k_labels_idx1_ubyte": LABELS[:3]}, "2 test images, but 3 labels"),
        (
            {**TRAIN, **TEST, "t10k_labels_idx1_ubyte": LABELS[:2] + np.uint8(5)},
            "test class '8' does not occur",
        ),
        ({"train_images": LABELS, "train_labels": LABELS}, "not of shape"),
        ({"train_images": pixels(10), "train_labels": pixels(10)}, "one number an image"),
        ({"train_images": pixels(0), "train_labels": LABELS[:0]}, "no images"),
        (
            {"train_images": pixels(10).astype(np.int16) - np.int16(1), "train_labels": LABELS},
            "pixels run from -1",
        ),
        ({"train_images": pixels(10), "train_labels": LABELS / 2}, "whole numbers"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, files: Arrays, message: str) -> None:
    root = write(tmp_path / "digits", **files)
    with pytest.raises(LenetError, match=message) as raised:
        read_idx_folder(root, SIZE, 0)
    assert str(root) in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"<html>", gzip.compress(b"cut")[:-4]])
def test_a_damaged_idx_file_is_named(tmp_path: Path, content: bytes) -> None:
    root = write(tmp_path / "digits", **TRAIN)
    (root / "train-labels-idx1-ubyte").write_bytes(content)
    with pytest.raises(LenetError, match="train-labels-idx1-ubyte is"):
        read_idx_folder(root, SIZE, 0)


def test_fitting_leaves_images_of_the_right_size_alone() -> None:
    images = pixels(3)
    assert np.shares_memory(fitted_arrays([images], SIZE, "x", "auto", SILENT)[0], images)
