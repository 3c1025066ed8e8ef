"""Holds labelled images (`Split`, `Dataset`), and divides a part from them."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Images, Labels, Pictures

TEST_FRACTION = 0.2
"""The share of the images that are test images, for data without a test split."""


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
        There are no images, not exactly one label for each, or a label is not the index of a class.

    Examples
    --------
    >>> split = Split(np.zeros((2, 28, 28), np.uint8), np.array([0, 1]), ("cat", "dog"))
    >>> len(split), split.channels
    (2, 1)
    """

    images: Images
    labels: Labels
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.images.ndim not in (3, 4) or len(self.images) == 0:
            raise LenetError(f"no images: an array of shape {self.images.shape}")
        if self.labels.shape != (len(self.images),):
            raise LenetError(f"{len(self.images)} images, but labels of shape {self.labels.shape}")
        if self.labels.dtype.kind not in "iu":
            raise LenetError(
                f"labels must be whole numbers, indices into the classes, not {self.labels.dtype}; "
                "lenet.load_data((images, labels)) takes others"
            )
        if self.labels.min() < 0 or self.labels.max() >= len(self.classes):
            raise LenetError(
                f"labels run from {self.labels.min()} to {self.labels.max()}, "
                f"but there are {len(self.classes)} classes"
            )

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        size = " × ".join(map(str, self.images.shape[1:]))
        return f"Split of {len(self):,} images, {size}, {len(self.classes)} classes"

    @property
    def channels(self) -> int:
        """The number of channels; 1 for grey images."""
        return 1 if self.images.ndim == 3 else self.images.shape[3]

    def take(self, indices: NDArray[np.int64]) -> "Split":
        """Return the images at `indices`, with their labels."""
        return Split(self.images[indices], self.labels[indices], self.classes)


@dataclass(frozen=True)
class Dataset:
    """Training and test images.

    Parameters
    ----------
    name
        A short name; it becomes part of the run folder's name.
    source
        What `load_data` takes to load the data again: a known name or an absolute path.
    train, test
        The two splits, with the same classes, size and channels.
    pictures
        The kind of pictures; it selects the preprocessing of a photo.
    validation
        Images to calibrate with, which are in neither of the two splits: those that came with the
        data, or training images that were held out (`hold_out`).
    pixels
        The range of the pixels of the arrays, if the user named it; `load_data` takes it again.

    Raises
    ------
    LenetError
        The splits differ in classes, size or channels, or all training images have one class.

    Examples
    --------
    >>> split = Split(np.zeros((2, 28, 28), np.uint8), np.array([0, 1]), ("cat", "dog"))
    >>> data = Dataset("pets", "/home/me/pets", train=split, test=split)
    >>> data.classes, len(data.train), data.validation
    (('cat', 'dog'), 2, None)
    """

    name: str
    source: str
    train: Split
    test: Split
    pictures: Pictures = "plain"
    validation: Split | None = None
    pixels: PixelRange = "auto"

    def __post_init__(self) -> None:
        if self.train.classes != self.test.classes:
            raise LenetError(f"{self.source}: training and test images have different classes")
        for part, title in ((self.test, "test"), (self.validation, "validation")):
            if part is not None and part.images.shape[1:] != self.train.images.shape[1:]:
                raise LenetError(
                    f"{self.source}: training and {title} images differ in size or colour"
                )
        if len(np.unique(self.train.labels)) < 2:
            raise LenetError(
                f"{self.source}: only one class has training images; "
                "a classifier needs at least two"
            )

    def __repr__(self) -> str:
        held = f", {len(self.validation):,} validation images" if self.validation else ""
        return (
            f"Dataset {self.name}: {len(self.train):,} training and {len(self.test):,} test "
            f"images{held}, {len(self.classes)} classes"
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The name of each class."""
        return self.train.classes

    def sha256(self) -> str:
        """Return a hash of all pixels and labels, which identifies the data of a training."""
        digest = hashlib.sha256()
        for split in (self.train, self.test):
            digest.update(repr((split.images.shape, split.classes)).encode())
            digest.update(np.ascontiguousarray(split.images).data)
            digest.update(np.ascontiguousarray(split.labels).data)
        return digest.hexdigest()


def hold_out(data: Dataset, share: float, seed: int) -> Dataset:
    """Move a share of each class's training images to `validation`; see `split_off`.

    Examples
    --------
    >>> split = Split(np.zeros((10, 28, 28), np.uint8), np.arange(10) % 2, ("cat", "dog"))
    >>> data = hold_out(Dataset("pets", "pets", split, split), share=0.2, seed=0)
    >>> len(data.train), data.validation.labels
    (8, array([0, 1]))
    """
    kept, held_out = split_off(data.train.labels, share, seed)
    return replace(data, train=data.train.take(kept), validation=data.train.take(held_out))


def split_off(
    labels: Labels, fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide the images in two parts, stratified by class; the same seed gives the same parts.

    Each class gives `fraction` of its images, rounded, to the second part: at least one and at most
    all but one. A class of one image stays in the first part.

    Returns
    -------
    The indices of the images of both parts, in ascending order.
    """
    random = np.random.default_rng(seed)
    second = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        count = min(max(round(fraction * len(members)), 1), len(members) - 1)
        second[members[:count]] = True
    return np.flatnonzero(~second), np.flatnonzero(second)
