"""Makes a `Dataset` for training out of what a reader found."""

from dataclasses import replace

import numpy as np

from lenet.data.callbacks import DataCallbacks
from lenet.data.class_names import Section, in_class_order
from lenet.data.found import Found, Labelled
from lenet.data.read_images import fitted_arrays, fitted_files
from lenet.data.split import TEST_FRACTION, Dataset, Split, split_off
from lenet.errors import LenetError
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Images, Labels, Pictures

_TITLES: dict[Section, str] = {"train": "training", "validation": "validation", "test": "test"}


def dataset_of(
    found: Found,
    size: tuple[int, int],
    seed: int,
    pixels: PixelRange,
    callbacks: DataCallbacks,
    kind: Pictures = "plain",
) -> Dataset:
    """Fit the pictures to `size`, ``(height, width)``, and number the classes.

    Digits and clothing, if `kind` says so, are prepared as `lenet predict` prepares photos of them.

    Without test images the validation images are the test images. Without both, `seed` divides the
    training images class by class.

    Raises
    ------
    LenetError
        There are no training images or one class only, a class of another part has no training
        images, or nothing is readable.
    """
    name, source = found.name, found.source
    parts = dict(found.parts)
    if "train" not in parts:
        titles = " and ".join(_TITLES[section] for section in parts)
        raise LenetError(f"{source} holds {titles} images, but no training images")
    if "test" not in parts and "validation" in parts:
        parts["test"] = parts.pop("validation")
        callbacks.on_message(
            f"{name}: no test images, so the validation images are the test images"
        )
    classes = in_class_order(parts["train"].names)
    if len(classes) < 2:
        raise LenetError(
            f"{source} holds one class only ({''.join(classes)}); put each class in a folder"
        )
    for section, part in parts.items():
        if unknown := sorted(set(part.names) - set(classes)):
            raise LenetError(
                f"{source}: {section} class {unknown[0]!r} does not occur among the training images"
            )
    splits = _splits(found, parts, classes, size, pixels, callbacks, kind)
    for section in parts:
        if section not in splits and section != "validation":
            raise LenetError(f"{source}: no readable {_TITLES[section]} images")
    train, test, validation = (splits.get(section) for section in ("train", "test", "validation"))
    assert train is not None  # checked above
    if test is None:
        train, test = _divided(train, found, seed, callbacks)
    dataset = Dataset(name, source, train, test, kind, validation)
    return dataset if pixels == "auto" else replace(dataset, pixels=pixels)


def _splits(
    found: Found,
    parts: dict[Section, Labelled],
    classes: tuple[str, ...],
    size: tuple[int, int],
    pixels: PixelRange,
    callbacks: DataCallbacks,
    kind: Pictures,
) -> dict[Section, Split]:
    number = {name: label for label, name in enumerate(classes)}
    labels = [np.array([number[name] for name in part.names], np.int64) for part in parts.values()]
    arrays = [one.pictures for one in parts.values() if isinstance(one.pictures, np.ndarray)]
    images: list[tuple[Images, Labels]]
    if arrays:
        fitted = fitted_arrays(arrays, size, found.source, pixels, callbacks, kind)
        images = list(zip(fitted, labels, strict=True))
    else:
        paths = [list(one.pictures) for one in parts.values() if isinstance(one.pictures, list)]
        files = list(zip(paths, labels, strict=True))
        images = fitted_files(files, size, found.name, found.source, callbacks, kind)
    splits: dict[Section, Split] = {}
    for section, (one, known) in zip(parts, images, strict=True):
        if len(one):
            splits[section] = Split(one, known, classes)
    return splits


def _divided(
    whole: Split, found: Found, seed: int, callbacks: DataCallbacks
) -> tuple[Split, Split]:
    first, second = split_off(whole.labels, TEST_FRACTION, seed)
    callbacks.on_message(
        f"{found.name}: divided {len(first):,} : {len(second):,} into training and test "
        f"by seed {seed}"
    )
    if not len(second):
        raise LenetError(
            f"{found.source}: one image a class cannot be divided; put test images in test/"
        )
    return whole.take(first), whole.take(second)
