"""Data sets in arrays: an ``.npz`` file with MedMNIST's or Keras's names, or IDX files."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from lenet.data.folder import TEST_FRACTION
from lenet.data.idx import read_idx
from lenet.data.split import Dataset, Split, as_uint8, index_labels, split_off
from lenet.errors import LenetError
from lenet.pictures.image import resize
from lenet.pictures.types import Images

Array = NDArray[np.generic]

_NPZ_KEYS = (
    ("train_images", "train_labels", "test_images", "test_labels"),  # MedMNIST
    ("x_train", "y_train", "x_test", "y_test"),  # Keras
)
_IDX_FILE = re.compile(
    r".*?(?P<part>train|t10k|test)-(?P<kind>images|labels)([-.](idx\d|ubyte|gz|bz2|xz).*)?",
    re.IGNORECASE,
)


def read_npz(path: Path, size: tuple[int, int]) -> Dataset:
    """Read an ``.npz`` file and resize its images to `size`, ``(height, width)``.

    Raises
    ------
    LenetError
        The file is corrupt, holds pickled objects, lacks a key, or its arrays do not fit together.
    """
    with path.open("rb") as file:  # np.load does not close a damaged archive
        try:
            arrays = _npz_arrays(file, path)
        except LenetError:
            raise
        # On a damaged archive zipfile, zlib and NumPy raise exceptions of nearly every type.
        except Exception as error:
            raise LenetError(f"{path} is corrupt or not an .npz file ({error})") from error
    return _dataset(path, path.stem, size, 0, arrays[:2], arrays[2:])


def _npz_arrays(file: BinaryIO, path: Path) -> list[Array]:
    archive = np.load(file, allow_pickle=False)
    if isinstance(archive, np.ndarray):
        raise LenetError(f"{path} holds one array, not an .npz archive")
    with archive:
        keys = next((k for k in _NPZ_KEYS if set(k) <= set(archive.files)), None)
        if keys is None:
            raise LenetError(
                f"{path} holds {', '.join(archive.files) or 'nothing'}; expected "
                f"{', '.join(_NPZ_KEYS[0])} or {', '.join(_NPZ_KEYS[1])}"
            )
        values: list[object] = [archive[key] for key in keys]
    # NumPy returns a member that is not an .npy file as bytes.
    if not all(isinstance(value, np.ndarray) for value in values):
        raise TypeError("a member is not an array")
    return cast("list[Array]", values)


def is_idx_folder(root: Path) -> bool:
    """Return whether a folder holds IDX files of images or labels."""
    return bool(_idx_files(root))


def read_idx_folder(root: Path, size: tuple[int, int], seed: int) -> Dataset:
    """Read a folder of IDX files (``train-images-idx3-ubyte`` and so on, compressed or not).

    Without test files, a part of the training images becomes the test images; `seed` selects it.

    Raises
    ------
    LenetError
        A file is missing or damaged, or images and labels do not fit together.
    """
    arrays = {key: read_idx(path) for key, path in _idx_files(root).items()}
    for kind in ("images", "labels"):
        if ("train", kind) not in arrays:
            raise LenetError(f"{root}: no IDX file of training {kind} (train-{kind}-…)")
    train, test = (
        [arrays[part, kind] for kind in ("images", "labels") if (part, kind) in arrays]
        for part in ("train", "test")
    )
    if len(test) == 1:
        raise LenetError(f"{root}: test images and test labels must come together")
    return _dataset(root, root.resolve().name, size, seed, train, test)


def _idx_files(root: Path) -> dict[tuple[str, str], Path]:
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(root.iterdir()):
        match = _IDX_FILE.fullmatch(path.name)
        if match and path.is_file() and not path.name.startswith("."):
            part = "train" if match["part"].lower() == "train" else "test"
            found.setdefault((part, match["kind"].lower()), path)
    return found


def _dataset(
    path: Path,
    name: str,
    size: tuple[int, int],
    seed: int,
    train: Sequence[Array],
    test: Sequence[Array],
) -> Dataset:
    """Check and convert images and labels; `test` is empty if there are no test files."""
    source = str(path.resolve())
    images = fit_images(train[0], size, source)
    labels, test_labels, classes = index_labels(train[1], test[1] if test else None, source)
    if len(labels) != len(images):
        raise LenetError(f"{source}: {len(images):,} training images, but {len(labels):,} labels")
    whole = Split(images, labels, classes)
    if test_labels is None:
        first, second = split_off(labels, TEST_FRACTION, seed)
        return Dataset(name, source, whole.take(first), whole.take(second))
    test_images = fit_images(test[0], size, source)
    if len(test_labels) != len(test_images):
        raise LenetError(
            f"{source}: {len(test_images):,} test images, but {len(test_labels):,} labels"
        )
    return Dataset(name, source, whole, Split(test_images, test_labels, classes))


def fit_images(images: Array, size: tuple[int, int], source: str) -> Images:
    """Convert images to uint8 ``[N, height, width]`` or ``[N, height, width, 3]`` of a given size.

    Raises
    ------
    LenetError
        The array has another shape, is empty, or its values are not pixels.
    """
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] != 3):
        raise LenetError(
            f"{source}: images must be [N, height, width] or [N, height, width, 3], "
            f"not of shape {images.shape}"
        )
    if 0 in images.shape:
        raise LenetError(f"{source}: no images: an array of shape {images.shape}")
    pixels = as_uint8(images, source)
    if pixels.shape[1:3] == size:
        return pixels
    return np.stack([resize(image, size) for image in pixels])
