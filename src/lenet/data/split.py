"""What every source of data becomes: uint8 images, labels and class names."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError
from lenet.pictures.types import Images, Labels, Pictures


@dataclass(frozen=True)
class Split:
    """Labelled images.

    Parameters
    ----------
    images
        uint8 ``[N, height, width]``, or ``[N, height, width, channels]`` in colour.
    labels
        int64 ``[N]``, indices into `classes`.
    classes
        The name of each class.

    Raises
    ------
    LenetError
        No images, not one label an image, or labels outside the classes.
    """

    images: Images
    labels: Labels
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.images.ndim not in (3, 4) or len(self.images) == 0:
            raise LenetError(f"no images: an array of shape {self.images.shape}")
        if self.labels.shape != (len(self.images),):
            raise LenetError(f"{len(self.images)} images, but labels of shape {self.labels.shape}")
        if self.labels.min() < 0 or self.labels.max() >= len(self.classes):
            raise LenetError(
                f"labels run from {self.labels.min()} to {self.labels.max()}, "
                f"but there are {len(self.classes)} classes"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def channels(self) -> int:
        """1 for grey images."""
        return 1 if self.images.ndim == 3 else self.images.shape[3]


@dataclass(frozen=True)
class Dataset:
    """Training and test images under one name.

    Parameters
    ----------
    name
        Short: names the run folder.
    source
        What to give `load_data` to get it again: a catalog name or an absolute path.
    train, test
        The two splits, with the same classes, size and channels.
    pictures
        What they show.
    validation
        Training images that were held out (`hold_out`), to choose or to calibrate on; in none of
        the two splits.
    """

    name: str
    source: str
    train: Split
    test: Split
    pictures: Pictures = "plain"
    validation: Split | None = None

    def __post_init__(self) -> None:
        if self.train.classes != self.test.classes:
            raise LenetError(f"{self.source}: training and test images have different classes")
        if self.train.images.shape[1:] != self.test.images.shape[1:]:
            raise LenetError(f"{self.source}: training and test images differ in size or colour")
        if len(np.unique(self.train.labels)) < 2:
            raise LenetError(
                f"{self.source}: only one class has training images; "
                "a classifier needs at least two"
            )

    @property
    def classes(self) -> tuple[str, ...]:
        """The name of each class."""
        return self.train.classes

    def sha256(self) -> str:
        """Hash of every pixel and label, to say later on which data a network was trained."""
        digest = hashlib.sha256()
        for split in (self.train, self.test):
            digest.update(repr((split.images.shape, split.classes)).encode())
            digest.update(np.ascontiguousarray(split.images).data)
            digest.update(np.ascontiguousarray(split.labels).data)
        return digest.hexdigest()


def index_labels(
    train: NDArray[np.generic], test: NDArray[np.generic] | None, source: str
) -> tuple[Labels, Labels | None, tuple[str, ...]]:
    """Turn labels of any whole numbers into indices 0, 1, ... with the numbers as class names.

    Raises
    ------
    LenetError
        Labels that are no whole numbers, or test labels that training does not have.
    """
    known, indices = np.unique(_whole_numbers(train, source), return_inverse=True)
    classes = tuple(str(number) for number in known)
    if test is None:
        return indices.astype(np.int64), None, classes
    wanted = _whole_numbers(test, source)
    strangers = np.setdiff1d(wanted, known)
    if len(strangers):
        raise LenetError(
            f"{source}: test label {strangers[0]} does not occur among the training labels"
        )
    return indices.astype(np.int64), np.searchsorted(known, wanted).astype(np.int64), classes


def _whole_numbers(labels: NDArray[np.generic], source: str) -> Labels:
    if labels.ndim == 2 and labels.shape[1] == 1:  # MedMNIST's and CIFAR's columns
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise LenetError(
            f"{source}: labels must be one number an image, not of shape {labels.shape}"
        )
    if labels.dtype.kind not in "iuf" or not np.all(
        np.isfinite(labels) & (labels == np.trunc(labels))
    ):
        raise LenetError(f"{source}: labels must be whole numbers, not {labels.dtype}")
    return labels.astype(np.int64)


def as_uint8(images: NDArray[np.generic], source: str) -> Images:
    """Turn images of any number type into uint8.

    Whole numbers and fractions from 0 to 255 keep their values; fractions that all lie in
    [0, 1], as Keras users and the USPS file have them, are stretched to 0 to 255.

    Raises
    ------
    LenetError
        Values that fit neither.
    """
    if images.dtype == np.uint8:
        return images.view(np.uint8)
    if images.dtype.kind not in "iufb":
        raise LenetError(f"{source}: images must hold numbers, not {images.dtype}")
    if images.size == 0:
        return images.astype(np.uint8)
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 255):  # NaN fails too
        raise LenetError(
            f"{source}: pixels run from {low:g} to {high:g}; they must lie in 0 to 255, or in "
            "0 to 1"
        )
    values = images.astype(np.float32)
    if images.dtype.kind in "fb" and high <= 1:
        values *= 255
    return np.round(values).astype(np.uint8)


def hold_out(data: Dataset, share: float, seed: int) -> Dataset:
    """Take a share of the training images away, class by class, and keep them as `validation`."""
    images, labels = data.train.images, data.train.labels
    kept, held = (
        Split(images[part], labels[part], data.classes) for part in split_off(labels, share, seed)
    )
    return replace(data, train=kept, validation=held)


def split_off(
    labels: Labels, fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide image numbers in two, class by class, the same way for the same seed.

    Each class gives `fraction` of its images to the second part, rounded, and at least one if it
    has two; a class of one image stays whole in the first.

    Returns
    -------
    The numbers of both parts, each in ascending order.
    """
    random = np.random.default_rng(seed)
    second = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        count = min(max(round(fraction * len(members)), 1), len(members) - 1)
        second[members[:count]] = True
    return np.flatnonzero(~second), np.flatnonzero(second)
