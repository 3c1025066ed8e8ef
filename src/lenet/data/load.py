"""`load_data`: a `Dataset` from the name of a known data set, a folder, or a file."""

import os
from pathlib import Path

import numpy as np

from lenet.data.arrays import fit_images, is_idx_folder, read_idx_folder, read_npz
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.catalog import CATALOG, Entry, entry_named
from lenet.data.fetch import fetch
from lenet.data.folder import read_folder
from lenet.data.idx import read_idx
from lenet.data.split import Dataset, Split
from lenet.data.usps import read_usps
from lenet.errors import LenetError


def load_data(
    source: str | Path,
    size: tuple[int, int] = (28, 28),
    seed: int = 0,
    callbacks: DataCallbacks = SILENT,
) -> Dataset:
    """Load training and test images.

    Parameters
    ----------
    source
        The name of a known data set (`lenet data list`), a folder of class folders, a folder of IDX
        files, or an ``.npz`` file. A text that is a known name means that data set, even if there
        is a folder of the same name; ``"./name"``, or a `Path`, means the folder.
    size
        ``(height, width)`` of the network's input; other images are resized.
    seed
        Data without a test split is divided 80 to 20, class by class. `seed` selects the images.
    callbacks
        Receives download progress, files that are left out, and a summary.

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
    if isinstance(source, str) and source in CATALOG:
        return _from_catalog(entry_named(source), size, callbacks)
    path = Path(source)
    if not os.path.exists(source):  # noqa: PTH110 Path.exists fails if the text cannot be a path
        entry_named(str(source))  # raises an error that suggests the most similar name
    try:
        if path.is_dir():
            if is_idx_folder(path):
                return read_idx_folder(path, size, seed)
            return read_folder(path, size, seed, callbacks)
        if path.suffix == ".npz":
            return read_npz(path, size)
    except PermissionError as error:
        raise LenetError(f"no permission to read {error.filename}") from error
    raise LenetError(f"{path} is neither a folder nor an .npz file")


def _from_catalog(entry: Entry, size: tuple[int, int], callbacks: DataCallbacks) -> Dataset:
    files = list(fetch(entry, callbacks).values())
    if entry.name == "usps":
        pairs = [read_usps(path) for path in files]
    else:
        pairs = [(read_idx(files[i]), read_idx(files[i + 1])) for i in (0, 2)]
    splits: list[Split] = []
    for images, labels in pairs:
        upright = images.swapaxes(1, 2) if entry.transposed else images
        column = labels[:, 0] if labels.ndim == 2 else labels  # QMNIST: the rest names the writer
        indices = column.astype(np.int64) - entry.first_label
        splits.append(Split(fit_images(upright, size, entry.name), indices, entry.classes))
    train, test = splits
    return Dataset(entry.name, entry.name, train, test, entry.pictures)
