"""Reads images from folders that are named after their classes.

The layout is ``root/train/CLASS/*.png`` with ``root/test/CLASS/*.png``, or ``root/CLASS/*.png``,
which is divided into training and test images.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.callbacks import DataCallbacks
from lenet.data.split import Dataset, Split, split_off
from lenet.errors import LenetError
from lenet.pictures.image import ImageError, read_image, resize, to_colour, to_grey
from lenet.pictures.types import SUFFIXES, Images, Labels

TEST_FRACTION = 0.2
"""The share of the images that are test images, for data without a test split."""

_TEST_NAMES = ("test", "val", "valid", "validation")
_NAMED_AT_MOST = 5


def read_folder(root: Path, size: tuple[int, int], seed: int, callbacks: DataCallbacks) -> Dataset:
    """Read a folder of class folders and resize the images to `size`, ``(height, width)``.

    All images become colour if most of them are, else grey. Images that cannot be read are left
    out, with a message. Without test images, `seed` divides the images class by class.

    Raises
    ------
    LenetError
        There are no images, there is only one class, or a test class has no training images.
    """
    root = root.resolve()
    divided = (root / "train").is_dir()
    train = _list(root / "train" if divided else root)
    if not train:
        raise LenetError(
            f"{root} holds no images in class folders; expected {root.name}/CLASS/image.png or "
            f"{root.name}/train/CLASS/image.png"
        )
    classes = sorted(train)
    for name in classes:
        if not name.isprintable():  # false for bytes that are not text, too: they cannot be saved
            raise LenetError(f"{root}: {name!r} cannot be a class's name; rename the folder")
    if len(classes) < 2:
        raise LenetError(f"{root} holds one class only ({classes[0]}); put each class in a folder")
    test: dict[str, list[Path]] = {}
    for name in _TEST_NAMES:
        if divided and not test and (root / name).is_dir():
            test = _list(root / name)
    unknown = sorted(set(test) - set(classes))
    if unknown:
        raise LenetError(f"{root}: test class {unknown[0]!r} does not occur in train/")

    files = [
        (path, classes.index(name), is_test)
        for is_test, part in ((False, train), (True, test))
        for name, paths in part.items()
        for path in paths
    ]
    images, labels, in_test = _read_all(files, root, size, callbacks)
    whole = Split(_stack(images, callbacks), labels, tuple(classes))
    first, second = np.flatnonzero(~in_test), np.flatnonzero(in_test)
    if not test:
        first, second = split_off(labels, TEST_FRACTION, seed)
        callbacks.on_message(
            f"{root.name}: divided {len(first):,} : {len(second):,} into training and test "
            f"by seed {seed}"
        )
        if not len(second):
            raise LenetError(
                f"{root}: one image a class cannot be divided; put test images in test/"
            )
    if not len(first) or not len(second):
        raise LenetError(f"{root}: no readable {'test' if len(first) else 'training'} images")
    return Dataset(root.name, str(root), whole.take(first), whole.take(second))


def _list(root: Path) -> dict[str, list[Path]]:
    """Return the image files of each class, sorted, with those in subfolders; skip hidden ones."""
    found: dict[str, list[Path]] = {}
    for folder in sorted(root.iterdir()):
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        files = [
            path
            for path in folder.rglob("*")
            if path.suffix.lower() in SUFFIXES
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
            and path.is_file()
        ]
        if files:
            found[folder.name] = sorted(files)
    return found


def _read_all(
    files: list[tuple[Path, int, bool]], root: Path, size: tuple[int, int], callbacks: DataCallbacks
) -> tuple[list[Images], Labels, NDArray[np.bool]]:
    """Return the images that can be read, their labels, and which are test images."""
    images: list[Images] = []
    labels: list[int] = []
    in_test: list[bool] = []
    broken: list[ImageError] = []
    for number, (path, label, is_test) in enumerate(files, start=1):
        try:
            images.append(resize(read_image(path), size))
            labels.append(label)
            in_test.append(is_test)
        except ImageError as error:
            broken.append(error)
        callbacks.on_progress(f"reading {root.name}", number, len(files), "files")
    for error in broken[:_NAMED_AT_MOST]:
        callbacks.on_message(f"left out: {error}")
    if len(broken) > _NAMED_AT_MOST:
        callbacks.on_message(f"left out: {len(broken) - _NAMED_AT_MOST:,} more files")
    if not images:
        raise LenetError(f"{root}: none of the {len(files):,} image files can be read")
    callbacks.on_message(
        f"{root.name}: {len(images):,} images in {len(set(labels))} classes, "
        f"{len(broken):,} unreadable"
    )
    return images, np.array(labels, np.int64), np.array(in_test)


def _stack(images: list[Images], callbacks: DataCallbacks) -> Images:
    """Stack images into one array: colour if most of them are, else grey."""
    coloured = sum(image.ndim == 3 for image in images)
    colour = 2 * coloured > len(images)
    if coloured not in (0, len(images)):
        callbacks.on_message(
            f"{coloured:,} of {len(images):,} images are in colour: all are taken as "
            f"{'colour' if colour else 'grey'}"
        )
    convert = to_colour if colour else to_grey
    return np.stack([convert(image) for image in images])
