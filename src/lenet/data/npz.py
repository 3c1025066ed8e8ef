"""Reads ``.npz`` files, with the names that MedMNIST, Keras and scikit-learn give arrays."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from lenet.data.archive_bounds import check_archive
from lenet.data.callbacks import DataCallbacks
from lenet.data.class_names import Section
from lenet.data.found import Found, Labelled, labelled_array
from lenet.data.labels import names_of
from lenet.errors import LenetError

Array = NDArray[np.generic]

_SECTIONS: tuple[tuple[str, Section], ...] = (
    ("training", "train"),
    ("train", "train"),
    ("validation", "validation"),
    ("valid", "validation"),
    ("val", "validation"),
    ("testing", "test"),
    ("test", "test"),
)
# In order of preference: scikit-learn's digits have both images and data, which are the same.
_IMAGES = ("images", "image", "imgs", "x", "data", "pixels", "features", "inputs")
_LABELS = ("labels", "label", "y", "target", "targets", "classes", "class")

_EXPECTED = (
    "train_images, train_labels, test_images, test_labels (MedMNIST) or x_train, y_train, x_test, "
    "y_test (Keras) or images, labels or data, target or X, y"
)


def find_in_npz(path: Path, callbacks: DataCallbacks) -> Found:
    """Read the arrays of images and labels in an ``.npz`` file.

    Raises
    ------
    LenetError
        The file is corrupt, unpacks to far more than its size (`lenet.data.archive_bounds`),
        images or labels are pickled or missing, or they do not fit together.
    """
    source = str(path.resolve())
    with path.open("rb") as file:  # np.load does not close a damaged archive
        try:
            arrays = _arrays(file, path, callbacks)
        except LenetError:
            raise
        # On a damaged archive zipfile, zlib and NumPy raise exceptions of nearly every type.
        except Exception as error:
            raise LenetError(f"{path} is corrupt or not an .npz file ({error})") from error
    parts: dict[Section, Labelled] = {}
    for section, (images, labels) in arrays.items():
        parts[section] = labelled_array(images, names_of(labels, source), section, source)
    return Found(path.stem, source, parts)


def _arrays(
    file: BinaryIO, path: Path, callbacks: DataCallbacks
) -> dict[Section, tuple[Array, Array]]:
    if file.read(1) == b"\x80":
        raise LenetError(f"{path} is pickled, which is not loaded, since a pickle can run code")
    file.seek(0)
    if file.read(6) == b"\x93NUMPY":
        raise LenetError(f"{path} holds one array, not an .npz archive")
    check_archive(file, path)
    archive = np.load(file, allow_pickle=False)
    with archive:
        pairs = pairs_of(archive.files)
        if not pairs:
            raise LenetError(
                f"{path} holds {', '.join(archive.files) or 'nothing'}; expected {_EXPECTED}"
            )
        read = {key for keys in pairs.values() for key in keys}
        if unread := [key for key in archive.files if key not in read]:
            callbacks.on_message(f"{path.name}: not read: {', '.join(unread)}")
        return {
            section: (_member(archive, images, path), _member(archive, labels, path))
            for section, (images, labels) in pairs.items()
        }


def _member(archive: Mapping[str, object], key: str, path: Path) -> Array:
    try:
        value = archive[key]
    except ValueError as error:
        if "Object arrays" not in str(error):
            raise
        raise LenetError(
            f"{path}: {key} holds Python objects, pickled, which is not loaded, since a pickle can "
            "run code; save it as an array of numbers or, for labels, of texts: labels.astype(str)"
        ) from error
    # NumPy returns a member that is not an .npy file as bytes.
    if not isinstance(value, np.ndarray):
        raise TypeError("a member is not an array")
    return cast("Array", value)


def pairs_of(keys: Sequence[str]) -> dict[Section, tuple[str, str]]:
    """Return the keys of images and labels of each part; without parts, all is ``train``.

    Examples
    --------
    >>> pairs_of(["x_train", "y_train", "x_test", "y_test"])
    {'train': ('x_train', 'y_train'), 'test': ('x_test', 'y_test')}
    >>> pairs_of(["X", "y"])
    {'train': ('X', 'y')}
    """
    by_meaning: dict[tuple[Section | None, str], str] = {}
    for key in keys:
        by_meaning.setdefault(_meaning(key), key)
    pairs: dict[Section, tuple[str, str]] = {}
    for section in ("train", "validation", "test", None):
        images = _first(by_meaning, section, _IMAGES)
        labels = _first(by_meaning, section, _LABELS)
        if images is not None and labels is not None and (section or not pairs):
            pairs[section or "train"] = images, labels
    if not pairs and sorted(keys) == ["arr_0", "arr_1"]:  # np.savez(path, images, labels)
        return {"train": ("arr_0", "arr_1")}
    return pairs


def _first(
    by_meaning: Mapping[tuple[Section | None, str], str],
    section: Section | None,
    words: Sequence[str],
) -> str | None:
    return next(
        (by_meaning[section, word] for word in words if (section, word) in by_meaning), None
    )


def _meaning(key: str) -> tuple[Section | None, str]:
    """Divide a key into a part and what it holds: ``X_train`` is ("train", "x")."""
    word = re.sub("[^a-z]", "", key.casefold())
    for name, section in _SECTIONS:
        for form in (f"{name}set", name):
            if word.startswith(form) and word != form:
                return section, word.removeprefix(form)
            if word.endswith(form) and word != form:
                return section, word.removesuffix(form)
    return None, word
