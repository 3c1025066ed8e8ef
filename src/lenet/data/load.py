"""From a name, a folder or a file to a `Dataset`: the one way in."""

from pathlib import Path

import numpy as np

from lenet.data.arrays import fit_images, is_idx_folder, read_idx_folder, read_npz
from lenet.data.callbacks import SILENT, Listener
from lenet.data.catalog import CATALOG, Entry, entry_named
from lenet.data.fetch import fetch
from lenet.data.folder import read_folder
from lenet.data.idx import read_idx
from lenet.data.split import Dataset, Split
from lenet.data.usps import read_usps
from lenet.errors import LenetError
from lenet.pictures.types import Labels


def load_data(
    source: str | Path,
    size: tuple[int, int] = (28, 28),
    seed: int = 0,
    listener: Listener = SILENT,
) -> Dataset:
    """Load training and test images.

    Parameters
    ----------
    source
        A catalog name (`lenet data list`), a folder of class folders, a folder of IDX files, or
        an ``.npz`` file. A name wins over a folder of the same name; write ``./name`` for that.
    size
        ``(height, width)`` that the network reads; other images are fitted into it.
    seed
        Divides data that comes without a test split, 80 to 20, class by class.
    listener
        Hears of downloads, of files left out, and of what was found.

    Raises
    ------
    LenetError
        An unknown name, data that cannot be fetched, or files that are not as they should be.
    """
    if str(source) in CATALOG:
        return _from_catalog(entry_named(str(source)), size, listener)
    path = Path(source)
    if not _exists(path) or not str(source):
        entry_named(str(source))  # raises, with the nearest name
    try:
        if path.is_dir():
            if is_idx_folder(path):
                return read_idx_folder(path, size, seed)
            return read_folder(path, size, seed, listener)
        if path.suffix == ".npz":
            return read_npz(path, size)
    except PermissionError as error:
        raise LenetError(f"{error.filename} may not be read: permission denied") from error
    raise LenetError(f"{path} is neither a folder nor an .npz file")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # nothing that a path can be
        return False


def _from_catalog(entry: Entry, size: tuple[int, int], listener: Listener) -> Dataset:
    files = list(fetch(entry, listener).values())
    if entry.name == "usps":
        splits = [read_usps(path) for path in files]
    else:
        splits = [(read_idx(files[i]), read_idx(files[i + 1])) for i in (0, 2)]

    def split(number: int) -> Split:
        images, labels = splits[number]
        pixels = fit_images(images.swapaxes(1, 2) if entry.transposed else images, size, entry.name)
        return Split(pixels, _class_numbers(labels, entry), entry.classes)

    return Dataset(entry.name, entry.name, split(0), split(1), entry.pictures)


def _class_numbers(
    labels: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", entry: Entry
) -> Labels:
    column = labels[:, 0] if labels.ndim == 2 else labels  # QMNIST's further columns: the writer
    return column.astype(np.int64) - entry.first_label
