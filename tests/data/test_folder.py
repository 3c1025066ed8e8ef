import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lenet.data import Dataset
from lenet.data.callbacks import DataCallbacks
from lenet.data.load import load_data
from lenet.errors import LenetError

Write = Callable[..., Path]

Colour = tuple[int, int, int]

RED: Colour = (255, 0, 0)


class Recorder(DataCallbacks):
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[str, int, int | None, str]] = []

    def on_message(self, text: str) -> None:
        self.lines.append(text)

    def on_progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        self.steps.append((label, done, total, unit))


def paint(
    path: Path, value: int | tuple[int, int, int] = 7, height: int = 4, width: int = 4
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = () if isinstance(value, int) else (3,)
    Image.fromarray(np.full((height, width, *colour), value, np.uint8)).save(path)


def break_(path: Path, content: bytes = b"no image") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read(root: Path, recorder: Recorder | None = None, seed: int = 0, **size: Any) -> Dataset:
    return load_data(root, size.get("size", (4, 4)), seed, recorder or Recorder())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


def numbered(root: Path, **counts: int) -> None:
    """Images that tell their class and number by their brightness."""
    for index, (name, count) in enumerate(sorted(counts.items())):
        for number in range(count):
            paint(root / name / f"{number:03}.png", 100 * index + number)


def values(images: NDArray[np.uint8]) -> list[int]:
    return images[:, 0, 0].tolist()


# Files of several pages, and files that are no pictures


def pages(path: Path, *values: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    first, *rest = (Image.fromarray(np.full((4, 4), value, np.uint8)) for value in values)
    first.save(path, save_all=True, append_images=rest)


def test_the_first_page_of_a_file_is_taken_and_said(root: Path) -> None:
    numbered(root, ant=4, bee=4)
    recorder = Recorder()
    read(root, recorder)
    assert not [line for line in recorder.lines if "several pages" in line]
    pages(root / "ant" / "9.tif", 50, 60, 70)
    read(root, one := Recorder())
    assert "pictures: 1 file has several pages; only the first was taken" in one.lines
    pages(root / "bee" / "9.tif", 150, 160)
    pages(root / "bee" / "film.gif", *range(30))  # too many frames to be pages
    dataset = read(root, recorder)
    assert "pictures: 3 files have several pages; only the first was taken" in recorder.lines
    found = values(np.concatenate([dataset.train.images, dataset.test.images]))
    assert sorted(found) == sorted([0, 1, 2, 3, 50, 100, 101, 102, 103, 150, 0])


def test_documents_and_photos_of_phones_are_named(root: Path) -> None:
    numbered(root, ant=4, bee=4)
    break_(root / "ant" / "scan.pdf", b"%PDF-1.7 ...")
    break_(root / "bee" / "IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    recorder = Recorder()
    assert len(read(root, recorder).train) == 6
    assert "pictures: skipped files that are not pictures: 1 (.pdf)" in recorder.lines
    (left,) = [line for line in recorder.lines if line.startswith("left out")]
    assert "IMG_1.HEIC: cannot be read as an image: it is a HEIC picture" in left


# Dividing


def test_every_class_gives_a_fifth_to_the_test_images(root: Path) -> None:
    numbered(root, ant=10, bee=5, cow=1)
    recorder = Recorder()
    dataset = read(root, recorder)
    assert dataset.classes == ("ant", "bee", "cow")
    assert np.bincount(dataset.train.labels).tolist() == [8, 4, 1]
    assert np.bincount(dataset.test.labels).tolist() == [2, 1]
    assert sorted(values(dataset.train.images) + values(dataset.test.images)) == [
        *range(10),
        *range(100, 105),
        200,
    ]
    for split in (dataset.train, dataset.test):
        assert [value // 100 for value in values(split.images)] == split.labels.tolist()
    assert recorder.lines[-1] == "pictures: divided 13 : 3 into training and test by seed 0"
    assert recorder.steps[-1] == ("reading pictures", 16, 16, "files")
    assert (dataset.name, dataset.source) == ("pictures", str(root.resolve()))


def test_the_same_seed_divides_alike_and_another_otherwise(root: Path) -> None:
    numbered(root, ant=20, bee=20)
    assert read(root, seed=1).sha256() == read(root, seed=1).sha256()
    assert read(root, seed=1).sha256() != read(root, seed=2).sha256()


def test_pixels_survive_the_way_over_files(tiny: Dataset, class_folder: Write) -> None:
    root = class_folder(tiny.train)
    dataset = read(root, size=(28, 28))
    assert dataset.classes == tiny.classes
    both = np.concatenate([dataset.train.images, dataset.test.images])
    assert sorted(image.tobytes() for image in both) == sorted(
        image.tobytes() for image in tiny.train.images
    )


@pytest.mark.parametrize("name", ["test", "val", "valid", "validation"])
def test_train_and_test_folders_are_taken_as_they_are(
    tiny: Dataset, class_folder: Write, tmp_path: Path, name: str
) -> None:
    class_folder(tiny.train, tmp_path / "both" / "train")
    class_folder(tiny.test, tmp_path / "both" / name)
    recorder = Recorder()
    dataset = read(tmp_path / "both", recorder, size=(28, 28))
    assert (len(dataset.train), len(dataset.test)) == (120, 40)
    order = np.argsort(tiny.test.labels, kind="stable")
    assert np.array_equal(dataset.test.images, tiny.test.images[order])
    assert np.array_equal(dataset.test.labels, tiny.test.labels[order])
    assert not any("divided" in line for line in recorder.lines)


def test_test_wins_over_val(root: Path) -> None:
    numbered(root / "train", ant=2, bee=2)
    numbered(root / "test", ant=1)
    numbered(root / "val", ant=3, bee=3)
    assert len(read(root).test) == 1


@pytest.mark.parametrize("name", ["test", "val"])
def test_train_alone_is_divided(root: Path, name: str) -> None:
    numbered(root / "train", ant=5, bee=5)
    (root / name / "ant").mkdir(parents=True)
    dataset = read(root)
    assert (len(dataset.train), len(dataset.test)) == (8, 2)


# Which files


def test_hidden_and_foreign_files_count_to_no_class(root: Path) -> None:
    numbered(root, ant=5, bee=5)
    paint(root / ".git" / "a.png")
    paint(root / "ant" / "._000.png")
    paint(root / "loose.png")
    break_(root / "ant" / ".DS_Store")
    break_(root / "ant" / "notes.txt")
    (root / "empty").mkdir()
    recorder = Recorder()
    dataset = read(root, recorder)
    assert dataset.classes == ("ant", "bee")
    assert recorder.lines[:4] == [
        "pictures: not read: 1 picture in pictures/, in no class",
        "pictures: no class: empty/, which is empty",
        "pictures: skipped files that are not pictures: 1 (.txt)",
        "pictures: 10 images in 2 classes, 0 unreadable",
    ]


def test_a_hidden_folder_inside_a_class_counts_to_no_class(root: Path) -> None:
    numbered(root, ant=5, bee=5)
    paint(root / "ant" / ".thumbnails" / "000.png", 255)
    dataset = read(root)
    assert 255 not in values(dataset.train.images) + values(dataset.test.images)


def test_folders_inside_a_class_and_loud_suffixes_count(root: Path) -> None:
    paint(root / "ant" / "deep" / "down" / "a.PNG", 1)
    paint(root / "ant" / "b.JPG", 2)
    paint(root / "bee" / "c.tiff", 3)
    paint(root / "bee" / "d.bmp", 4)
    dataset = read(root)
    assert sorted(values(dataset.train.images) + values(dataset.test.images)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("count", "named", "rest"), [(1, 1, None), (5, 5, None), (8, 5, "left out: 3 more files")]
)
def test_broken_files_are_named_and_left_out(
    root: Path, count: int, named: int, rest: str | None
) -> None:
    numbered(root, ant=10, bee=10)
    for number in range(count):
        break_(root / "ant" / f"x{number}.png")
    recorder = Recorder()
    dataset = read(root, recorder)
    assert len(dataset.train) + len(dataset.test) == 20
    told = [line for line in recorder.lines if line.startswith("left out: ")]
    assert told[:named] == [
        f"left out: {root}/ant/x{number}.png: cannot be read as an image (not an image)"
        for number in range(named)
    ]
    assert told[named:] == ([] if rest is None else [rest])
    assert f"pictures: 20 images in 2 classes, {count} unreadable" in recorder.lines


# Colour and size


@pytest.mark.parametrize(
    ("grey", "colour", "channels", "told"),
    [
        (4, 0, 1, None),
        (0, 4, 3, None),
        (3, 2, 1, "2 of 5 images are in colour: all are taken as grey"),
        (2, 2, 1, "2 of 4 images are in colour: all are taken as grey"),
        (2, 3, 3, "3 of 5 images are in colour: all are taken as colour"),
    ],
)
def test_the_majority_decides_on_colour(
    root: Path, grey: int, colour: int, channels: int, told: str | None
) -> None:
    kinds: list[int | Colour] = [*[50] * grey, *[RED] * colour]
    for number, value in enumerate(kinds):
        paint(root / "ab"[number % 2] / f"{number}.png", value)
    recorder = Recorder()
    dataset = read(root, recorder)
    assert dataset.train.channels == dataset.test.channels == channels
    both = np.concatenate([dataset.train.images, dataset.test.images])
    expected = {50: grey, 76: colour} if channels == 1 else {50: grey, 255: colour}
    firsts = both.reshape(len(both), -1)[:, 0].tolist()
    assert {value: firsts.count(value) for value in expected} == expected
    assert [line for line in recorder.lines if "in colour" in line] == (
        [] if told is None else [told]
    )


@pytest.mark.parametrize("size", [(28, 28), (32, 32), (5, 9)])
def test_images_of_any_size_are_fitted(root: Path, size: tuple[int, int]) -> None:
    for number, (height, width) in enumerate([(1, 1), (3, 50), (50, 3), (28, 28), (31, 17)] * 2):
        paint(root / "ab"[number % 2] / f"{number}.png", 7, height, width)
    dataset = read(root, size=size)
    assert dataset.train.images.shape[1:] == dataset.test.images.shape[1:] == size
    assert (dataset.train.images == 7).all()


def test_a_photo_is_turned_upright(root: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    top_is_bright = np.zeros((4, 4), np.uint8)
    top_is_bright[0] = 255
    for name in "ab":
        for number in range(2):
            path = root / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.ascontiguousarray(np.rot90(top_is_bright))).save(path, exif=exif)
    assert all(np.array_equal(image, top_is_bright) for image in read(root).train.images)


def test_memory_holds_the_fitted_images_not_the_photos(root: Path) -> None:
    for number in range(20):
        paint(root / "ab"[number % 2] / f"{number}.png", RED, 700, 700)
    tracemalloc.start()
    try:
        read(root, size=(28, 28))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10 << 20  # twenty photos are 28 MiB


# What is refused


def nothing(root: Path) -> None:
    root.mkdir()


def loose_images(root: Path) -> None:
    paint(root / "a.png")


def empty_classes(root: Path) -> None:
    (root / "train" / "ant").mkdir(parents=True)


def one_class(root: Path) -> None:
    numbered(root, ant=5)


def all_broken(root: Path) -> None:
    break_(root / "ant" / "a.png")
    break_(root / "bee" / "b.png", b"")


def unknown_test_class(root: Path) -> None:
    numbered(root / "train", ant=2, bee=2)
    numbered(root / "test", ant=1, wasp=1)


def broken_test(root: Path) -> None:
    numbered(root / "train", ant=2, bee=2)
    break_(root / "test" / "ant" / "a.png")


def broken_train(root: Path) -> None:
    break_(root / "train" / "ant" / "a.png")
    break_(root / "train" / "bee" / "a.png")
    numbered(root / "test", ant=2, bee=2)


def one_class_readable(root: Path) -> None:
    numbered(root, ant=5)
    break_(root / "bee" / "a.png")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (nothing, "holds no images in class folders; expected pictures/CLASS/image.png"),
        (loose_images, "holds no images in class folders"),
        (empty_classes, "holds no images in class folders"),
        (one_class, r"holds one class only \(ant\)"),
        (all_broken, "none of the 2 image files can be read"),
        (unknown_test_class, "test class 'wasp' does not occur among the training images"),
        (broken_test, "no readable test images"),
        (broken_train, "no readable training images"),
        (one_class_readable, "only one class has training images"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    root: Path, build: Callable[[Path], None], message: str
) -> None:
    build(root)
    with pytest.raises(LenetError, match=message) as raised:
        read(root)
    assert str(root) in str(raised.value)


def test_single_images_cannot_be_divided_and_the_message_does_not_blame_the_files(
    root: Path,
) -> None:
    numbered(root, ant=1, bee=1)
    with pytest.raises(LenetError) as raised:
        read(root)
    assert "no readable" not in str(raised.value)


def test_the_working_directory_is_called_by_its_name(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root.mkdir()
    monkeypatch.chdir(root)
    with pytest.raises(LenetError, match=r"expected pictures/CLASS/image.png"):
        read(Path())
    numbered(root, ant=5, bee=5)
    recorder = Recorder()
    assert read(Path(), recorder).name == "pictures"
    assert all(line.startswith("pictures: ") for line in recorder.lines)
