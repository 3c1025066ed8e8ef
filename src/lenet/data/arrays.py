"""Arrays in files: an ``.npz`` with MedMNIST's or Keras's names, or a folder of IDX files."""

import re
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
    """Read an ``.npz``.

    Raises
    ------
    LenetError
        A corrupt file, pickled objects, missing keys, or arrays that do not fit together.
    """
    with path.open("rb") as file:  # NumPy leaves it open when the archive is damaged
        try:
            arrays = _npz_arrays(file, path)
        except LenetError:
            raise
        # zipfile, zlib and NumPy between them raise nearly anything on a damaged archive.
        except Exception as error:
            raise LenetError(f"{path} is corrupt or no .npz file ({error})") from error
    return _dataset(path, path.stem, size, 0, *arrays)


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
        return [_npz_array(archive[key]) for key in keys]


def _npz_array(value: object) -> Array:
    if not isinstance(value, np.ndarray):  # a member that is no .npy file comes as its bytes
        raise TypeError("a member is no array")
    return cast("Array", value)


def is_idx_folder(root: Path) -> bool:
    """Tell whether a folder holds IDX files of images and labels."""
    return bool(_idx_files(root))


def read_idx_folder(root: Path, size: tuple[int, int], seed: int) -> Dataset:
    """Read a folder of IDX files (``train-images-idx3-ubyte`` and so on, packed or not).

    Without test files the training images are divided by seed.

    Raises
    ------
    LenetError
        A file is missing or damaged, or images and labels do not fit.
    """
    files = _idx_files(root)
    arrays: dict[tuple[str, str], Array] = {key: read_idx(path) for key, path in files.items()}
    for kind in ("images", "labels"):
        if ("train", kind) not in arrays:
            raise LenetError(f"{root}: no IDX file of training {kind} (train-{kind}-…)")
        if (("test", "images") in arrays) != (("test", "labels") in arrays):
            raise LenetError(f"{root}: test images and test labels must come together")
    return _dataset(
        root,
        root.resolve().name,
        size,
        seed,
        arrays["train", "images"],
        arrays["train", "labels"],
        arrays.get(("test", "images")),
        arrays.get(("test", "labels")),
    )


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
    train_images: Array,
    train_labels: Array,
    test_images: Array | None,
    test_labels: Array | None,
) -> Dataset:
    source = str(path.resolve())
    train = fit_images(train_images, size, source)
    labels, other, classes = index_labels(train_labels, test_labels, source)
    if len(labels) != len(train):
        raise LenetError(f"{source}: {len(train):,} training images, but {len(labels):,} labels")
    if test_images is None or other is None:
        first, second = split_off(labels, TEST_FRACTION, seed)
        return Dataset(
            name,
            source,
            Split(train[first], labels[first], classes),
            Split(train[second], labels[second], classes),
        )
    test = fit_images(test_images, size, source)
    if len(other) != len(test):
        raise LenetError(f"{source}: {len(test):,} test images, but {len(other):,} labels")
    return Dataset(name, source, Split(train, labels, classes), Split(test, other, classes))


def fit_images(images: Array, size: tuple[int, int], source: str) -> Images:
    """Bring an array of images to uint8 ``[N, height, width]`` or ``[N, height, width, 3]``.

    Raises
    ------
    LenetError
        Not images, or values that are no pixels.
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
