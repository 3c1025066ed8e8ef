"""Images in folders named after their classes.

Either ``root/train/CLASS/*.png`` with ``root/test/CLASS/*.png`` beside it, or
``root/CLASS/*.png``, which is then divided by seed.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from lenet.data.callbacks import Listener
from lenet.data.split import Dataset, Split, split_off
from lenet.errors import LenetError
from lenet.pictures.image import ImageError, read_image, resize, to_colour, to_grey
from lenet.pictures.types import SUFFIXES, Images

TEST_FRACTION = 0.2
_TEST_NAMES = ("test", "val", "valid", "validation")
_NAMED_AT_MOST = 5


def read_folder(root: Path, size: tuple[int, int], seed: int, listener: Listener) -> Dataset:
    """Read a folder of class folders; broken images are named and left out.

    The images become colour if most of them are, else grey, and all are fitted into `size`.

    Raises
    ------
    LenetError
        No images, a single class, or test images of a class that training does not have.
    """
    root = root.resolve()
    train = _list(root / "train" if (root / "train").is_dir() else root)
    if not train:
        raise LenetError(
            f"{root} holds no images in class folders; expected {root.name}/CLASS/image.png or "
            f"{root.name}/train/CLASS/image.png"
        )
    classes = sorted(train)
    for name in classes:
        if not name.isprintable():  # bytes that are no text, too: they could not be saved
            raise LenetError(f"{root}: {name!r} cannot be a class's name; rename the folder")
    if len(classes) < 2:
        raise LenetError(f"{root} holds one class only ({classes[0]}); put each class in a folder")
    test = _test_files(root)
    strangers = sorted(set(test) - set(classes))
    if strangers:
        raise LenetError(f"{root}: test class {strangers[0]!r} does not occur in train/")

    images, labels, kinds = _read_all(
        [(path, classes.index(name), 0) for name in classes for path in train[name]]
        + [(path, classes.index(name), 1) for name in test for path in test[name]],
        root,
        size,
        listener,
    )
    stacked = _stack(images, listener)
    first, second = np.flatnonzero(kinds == 0), np.flatnonzero(kinds == 1)
    if not test:
        first, second = split_off(labels, TEST_FRACTION, seed)
        listener.line(
            f"{root.name}: divided {len(first):,} : {len(second):,} into training and test "
            f"by seed {seed}"
        )
    if not test and not len(second):
        raise LenetError(f"{root}: one image a class cannot be divided; put test images in test/")
    if not len(first) or not len(second):
        raise LenetError(f"{root}: no readable {'test' if len(first) else 'training'} images")
    names = tuple(classes)
    return Dataset(
        name=root.name,
        source=str(root),
        train=Split(stacked[first], labels[first], names),
        test=Split(stacked[second], labels[second], names),
    )


def _test_files(root: Path) -> dict[str, list[Path]]:
    if not (root / "train").is_dir():
        return {}
    for name in _TEST_NAMES:
        if (root / name).is_dir() and (found := _list(root / name)):
            return found
    return {}


def _list(root: Path) -> dict[str, list[Path]]:
    """Image files by class, sorted; subfolders count to their class, hidden ones to none."""
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
    files: list[tuple[Path, int, int]], root: Path, size: tuple[int, int], listener: Listener
) -> tuple[list[Images], np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray]:
    images: list[Images] = []
    kept: list[tuple[int, int]] = []
    broken: list[ImageError] = []
    for number, (path, label, kind) in enumerate(files, start=1):
        try:
            images.append(resize(read_image(path), size))
            kept.append((label, kind))
        except ImageError as error:
            broken.append(error)
        listener.progress(f"reading {root.name}", number, len(files), "files")
    for error in broken[:_NAMED_AT_MOST]:
        listener.line(f"left out: {error}")
    if len(broken) > _NAMED_AT_MOST:
        listener.line(f"left out: {len(broken) - _NAMED_AT_MOST:,} more files")
    if not images:
        raise LenetError(f"{root}: none of the {len(files):,} image files can be read")
    listener.line(
        f"{root.name}: {len(images):,} images in {len(Counter(k[0] for k in kept))} classes, "
        f"{len(broken):,} unreadable"
    )
    table = np.array(kept, np.int64)
    return images, table[:, 0], table[:, 1]


def _stack(images: list[Images], listener: Listener) -> Images:
    coloured = sum(image.ndim == 3 for image in images)
    colour = 2 * coloured > len(images)
    if coloured not in (0, len(images)):
        listener.line(
            f"{coloured:,} of {len(images):,} images are in colour: all are taken as "
            f"{'colour' if colour else 'grey'}"
        )
    convert = to_colour if colour else to_grey
    return np.stack([convert(image) for image in images])
