"""Loads a `Dataset` from the name of a known data set, a folder, or a file."""

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenet.data.arrays import found_in_arrays
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.catalog import CATALOG, Entry, entry_named
from lenet.data.dataset_of import dataset_of
from lenet.data.fetch import fetch
from lenet.data.folder import find_in_folder
from lenet.data.found import Found
from lenet.data.idx import read_idx
from lenet.data.idx_folder import find_in_idx_folder, is_idx_folder
from lenet.data.image_shapes import upright
from lenet.data.npz import find_in_npz
from lenet.data.read_images import fitted_arrays
from lenet.data.split import Dataset, Split
from lenet.data.table import find_in_table, is_table
from lenet.data.usps import read_usps
from lenet.errors import LenetError, enough_memory
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Labels, Pictures

DataLike = str | Path | tuple[ArrayLike, ArrayLike] | list[Any] | Dataset
"""What a training learns from: a name, a path, a pair of images and labels, or a data set."""


def load_data(
    source: str | Path | tuple[ArrayLike, ArrayLike] | list[Any],
    size: tuple[int, int] = (28, 28),
    seed: int = 0,
    callbacks: DataCallbacks = SILENT,
    pixels: PixelRange = "auto",
    pictures: Pictures | None = None,
) -> Dataset:
    """Load training and test images.

    Parameters
    ----------
    source
        The name of a known data set (`lenet data list`), a folder of class folders, a folder of IDX
        files, an ``.npz`` file or a CSV file; ``docs/train.md`` has a table. A text that is a known
        name means that data set, even if there is a folder of the same name; ``"./name"``, or a
        `Path`, means the folder. Or a pair of arrays ``(images, labels)``: images of the shapes
        that `.npz` files may hold, uint8 or floats, and whole numbers, texts or one-hot rows.
    size
        ``(height, width)`` of the network's input; other images are resized.
    seed
        Data without a test split is divided 80 to 20, class by class. `seed` selects the images.
    callbacks
        Receives download progress, files that are left out, and a summary.
    pixels
        The range of the pixels of arrays, ``0-1`` or ``0-255``; by default their values decide.
    pictures
        What the images are: ``digits`` or ``clothing`` are prepared as `Artifact.predict` prepares
        photos of them, unless they have the network's size; ``plain`` images are resized. By
        default what the data set says, and ``plain`` for folders and files.

    Raises
    ------
    LenetError
        The name is unknown, the data cannot be downloaded, or a file is damaged or has the wrong
        form.

    Examples
    --------
    >>> import lenet
    >>> data = lenet.load_data("mnist")  # doctest: +SKIP
    >>> lenet.load_data("mnits")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lenet.errors.LenetError: 'mnits' is neither a data set ... Did you mean 'mnist'?
    """
    with enough_memory():
        return _load(source, size, seed, callbacks, pixels, pictures)


def _load(
    source: object,
    size: tuple[int, int],
    seed: int,
    callbacks: DataCallbacks,
    pixels: PixelRange,
    pictures: Pictures | None,
) -> Dataset:
    if isinstance(source, str) and source in CATALOG:
        dataset = _from_catalog(entry_named(source), size, callbacks)
        return dataset if pictures is None else replace(dataset, pictures=pictures)
    named = isinstance(source, str | Path)
    found = find(source, callbacks) if named else found_in_arrays(source)
    return dataset_of(found, size, seed, pixels, callbacks, pictures or "plain")


def find(source: str | Path, callbacks: DataCallbacks, known: Collection[str] = ()) -> Found:
    """Find the pictures and labels in a folder or a file; errors as for `load_data`.

    Parameters
    ----------
    known
        Names of classes, as for `lenet.data.folder_layout.find_parts`.
    """
    path = Path(source)
    if not os.path.exists(source):  # noqa: PTH110 Path.exists fails if the text cannot be a path
        entry_named(str(source))  # raises an error that suggests the most similar name
    try:
        if path.is_dir():
            if is_idx_folder(path):
                return find_in_idx_folder(path)
            return find_in_folder(path, callbacks, known)
        if path.suffix.lower() == ".npz":
            return find_in_npz(path, callbacks)
        if is_table(path):
            return find_in_table(path)
    except PermissionError as error:
        raise LenetError(f"no permission to read {error.filename}") from error
    raise LenetError(f"{path} is neither a folder nor an .npz file nor a .csv file")


def _from_catalog(entry: Entry, size: tuple[int, int], callbacks: DataCallbacks) -> Dataset:
    train, test = (
        Split(
            fitted_arrays([images], size, entry.name, "0-255", callbacks)[0], labels, entry.classes
        )
        for images, labels in catalog_parts(entry, callbacks)
    )
    return Dataset(entry.name, entry.name, train, test, entry.pictures)


def catalog_parts(
    entry: Entry, callbacks: DataCallbacks
) -> list[tuple[NDArray[np.generic], Labels]]:
    """Return training and test images of a known data set as they are stored, with labels."""
    files = list(fetch(entry, callbacks).values())
    if entry.name == "usps":
        pairs = [read_usps(path) for path in files]
    else:
        pairs = [(read_idx(files[i]), read_idx(files[i + 1])) for i in (0, 2)]
    parts: list[tuple[NDArray[np.generic], Labels]] = []
    for images, labels in pairs:
        column = labels[:, 0] if labels.ndim == 2 else labels  # QMNIST: the rest names the writer
        turned = images.swapaxes(1, 2) if entry.transposed else images
        parts.append((upright(turned, entry.name), column.astype(np.int64) - entry.first_label))
    return parts
