import bz2
import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.idx import write_idx

from lenet.data import Dataset, load_data
from lenet.data.catalog import CATALOG, Entry, File
from lenet.errors import LenetError

Array = NDArray[Any]

IMAGES = np.arange(6 * 5 * 5, dtype=np.uint8).reshape(6, 5, 5)
LABELS = np.array([0, 1, 2, 0, 1, 2], np.uint8)


def write_images(root: Path) -> None:
    for name in ("ant", "bee"):
        (root / name).mkdir(parents=True)
        for number in range(5):
            Image.fromarray(IMAGES[number]).save(root / name / f"{number}.png")


def write_npz(path: Path) -> None:
    np.savez(path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES, y_test=LABELS)


def add_to_catalog(monkeypatch: pytest.MonkeyPatch, entry: Entry) -> Entry:
    monkeypatch.setitem(CATALOG, entry.name, entry)
    return entry


def idx_entry(folder: Path, *arrays: Array, **more: Any) -> Entry:
    """Write the files of a data set and return its entry."""
    files: list[File] = []
    folder.mkdir(parents=True, exist_ok=True)
    for number, array in enumerate(arrays):
        path = folder / f"{number}-ubyte.gz"
        write_idx(path, array)
        plain = gzip.decompress(path.read_bytes())
        files.append(File(f"{number}-ubyte", hashlib.sha256(plain).hexdigest()))
    entry = Entry(
        name="toy",
        title="Toy",
        classes=("a", "b", "c"),
        files=tuple(files),
        mirrors=(),
        licence="none",
        homepage="https://toy.invalid",
        train=6,
        test=2,
    )
    return replace(entry, **more)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("lenet.data.sources.SYSTEM_FOLDER", tmp_path / "system")
    monkeypatch.setenv("LENET_DATA_DIR", str(tmp_path / "own"))
    return tmp_path / "own" / "toy"


# By name


def test_a_path_is_a_folder_even_if_it_has_a_catalog_name(
    tiny: Dataset, class_folder: Callable[..., Path]
) -> None:
    class_folder(tiny.train, Path("mnist"))
    for source in (Path("mnist"), Path("./mnist"), "./mnist"):
        assert load_data(source).classes == tiny.classes


def test_a_name_is_fetched_and_read(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = idx_entry(own, IMAGES, LABELS, IMAGES[4:], LABELS[4:])
    add_to_catalog(monkeypatch, entry)
    dataset = load_data("toy", (5, 5))
    assert (dataset.name, dataset.source, dataset.classes) == ("toy", "toy", ("a", "b", "c"))
    assert np.array_equal(dataset.train.images, IMAGES)
    assert np.array_equal(dataset.test.images, IMAGES[4:])
    assert dataset.train.labels.tolist() == LABELS.tolist()
    assert dataset.test.labels.tolist() == [1, 2]
    assert load_data("toy").train.images.shape == (6, 28, 28)
    assert load_data("toy", (32, 30)).test.images.shape == (2, 32, 30)


def test_the_first_label_and_columns_and_transposed_images_are_put_right(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = np.stack([LABELS.astype(np.int32) + 1, np.full(6, 99, np.int32)], axis=1)
    entry = idx_entry(own, IMAGES, columns, IMAGES, columns, first_label=1, transposed=True)
    add_to_catalog(monkeypatch, entry)
    dataset = load_data("toy", (5, 5))
    assert np.array_equal(dataset.train.images, IMAGES.transpose(0, 2, 1))
    assert dataset.train.labels.tolist() == LABELS.tolist()


def test_usps_is_read_from_its_text(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(f"{label} 1:-1 256:1\n" for label in (1, 10, 1)).encode()
    packed = bz2.compress(text)
    (tmp_path / "own").mkdir()
    files: list[File] = []
    for name in ("usps", "usps.t"):
        (tmp_path / "own" / f"{name}.bz2").write_bytes(packed)
        files.append(File(name, None, f"{name}.bz2", f"md5:{hashlib.md5(packed).hexdigest()}"))
    add_to_catalog(monkeypatch, replace(CATALOG["usps"], files=tuple(files), mirrors=()))
    dataset = load_data("usps", (16, 16))
    assert dataset.train.labels.tolist() == [0, 9, 0]
    assert dataset.train.images[0, 0, 0] == 0
    assert dataset.test.images[0, 15, 15] == 255


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((IMAGES, LABELS + 1, IMAGES, LABELS), "labels run from 1 to 3"),
        ((IMAGES, LABELS[:5], IMAGES, LABELS), "6 images, but labels"),
        ((IMAGES, LABELS, LABELS, LABELS), "toy: images must be"),
    ],
)
def test_files_of_a_name_that_do_not_fit_are_refused(
    own: Path, monkeypatch: pytest.MonkeyPatch, arrays: tuple[Array, ...], message: str
) -> None:
    add_to_catalog(monkeypatch, idx_entry(own, *arrays))
    with pytest.raises(LenetError, match=message):
        load_data("toy")


def test_a_name_that_cannot_be_had_lists_the_sources(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = idx_entry(own, IMAGES, LABELS, IMAGES, LABELS)
    (own / "1-ubyte.gz").unlink()
    add_to_catalog(monkeypatch, entry)
    with pytest.raises(LenetError, match="no source has all the files of toy") as raised:
        load_data("toy")
    assert str(own.parent) in str(raised.value)


# By path


def test_a_name_wins_over_a_folder_unless_it_is_written_as_a_path(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_to_catalog(monkeypatch, idx_entry(own, IMAGES, LABELS, IMAGES, LABELS))
    write_images(tmp_path / "toy")  # the working directory is tmp_path
    assert load_data("toy").classes == ("a", "b", "c")
    for path in ("./toy", "toy/", str(tmp_path / "toy"), tmp_path / "toy"):
        dataset = load_data(path)
        assert dataset.classes == ("ant", "bee")
        assert (dataset.name, dataset.source) == ("toy", str(tmp_path / "toy"))


def test_each_kind_of_path_is_read_and_can_be_read_again_by_its_source(tmp_path: Path) -> None:
    write_images(tmp_path / "pictures")
    write_npz(tmp_path / "arrays.npz")
    (tmp_path / "idx").mkdir()
    write_idx(tmp_path / "idx" / "train-images-idx3-ubyte.gz", IMAGES)
    write_idx(tmp_path / "idx" / "train-labels-idx1-ubyte", LABELS)
    for name, classes in (("pictures", 2), ("arrays.npz", 3), ("idx", 3)):
        dataset = load_data(name, (9, 9), seed=3)
        assert len(dataset.classes) == classes
        assert dataset.train.images.shape[1:] == (9, 9)
        assert Path(dataset.source).is_absolute()
        assert load_data(dataset.source, (9, 9), seed=3).sha256() == dataset.sha256()


@pytest.mark.parametrize("name", ["notes.txt", "train-images-idx3-ubyte", "a.png"])
def test_a_file_that_is_no_data_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"text")
    with pytest.raises(LenetError, match=f"{name} is neither a folder nor an .npz file"):
        load_data(name)


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("fashion-minst", "Did you mean 'fashion-mnist'?"),
        ("mnst", "Did you mean 'mnist'?"),
        ("MNIST", ""),
        ("missing/folder", ""),
        ("missing.npz", ""),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest_name(source: str, hint: str) -> None:
    with pytest.raises(LenetError, match="neither a data set known by name nor a file") as raised:
        load_data(source)
    assert repr(source) in str(raised.value)
    assert hint in str(raised.value)


@pytest.mark.parametrize("source", ["a\0b", "x" * 300, "file/below"])
def test_an_impossible_path_is_told_as_any_other(tmp_path: Path, source: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LenetError, match="neither a data set"):
        load_data(source)


def test_an_empty_source_is_not_the_working_directory(tmp_path: Path) -> None:
    write_images(tmp_path)
    with pytest.raises(LenetError, match="neither a data set"):
        load_data("")


@pytest.mark.parametrize("kind", ["pictures", "arrays.npz"])
def test_what_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    write_images(tmp_path / "pictures")
    write_npz(tmp_path / "arrays.npz")

    def refuse(path: Path, *rest: Any) -> None:  # root may read everything: pretend
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("lenet.data.load.find_in_npz", refuse)
    monkeypatch.setattr("lenet.data.load.find_in_folder", refuse)
    with pytest.raises(LenetError, match=f"no permission to read {kind}"):
        load_data(kind)
