"""Converts files and arrays of labelled pictures to images of one size, for training."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.callbacks import DataCallbacks
from lenet.errors import LenetError
from lenet.pictures.arrays import opaque
from lenet.pictures.image import ImageError, resize, to_colour, to_grey
from lenet.pictures.network_input import network_input
from lenet.pictures.pages import Page, read_pages
from lenet.pictures.pixel_range import PixelRange, to_levels
from lenet.pictures.types import Images, Labels, Pictures

_NAMED_AT_MOST = 5


class FirstPages:
    """Reads the first page of files, and counts the files that have more.

    The label of a file is that of its first page; nothing says that the others show the same.
    """

    def __init__(self) -> None:
        self._several = 0

    def read(self, path: Path) -> Images:
        """Return the first picture of a file, as `lenet.pictures.image.read_image` does."""
        no_page = Page(None, ImageError(f"{path}: there are no pages in this file"))
        page = next(read_pages(path, count=1), no_page)
        self._several += page.pages > 1 or page.notice is not None
        if isinstance(page.result, ImageError):
            raise page.result
        return page.result

    def say(self, name: str, callbacks: DataCallbacks) -> None:
        """Say how many files had more pages, if any had."""
        if self._several:
            files = "1 file has" if self._several == 1 else f"{self._several:,} files have"
            callbacks.on_message(f"{name}: {files} several pages; only the first was taken")


def fitted_files(
    files: Sequence[tuple[list[Path], Labels]],
    size: tuple[int, int],
    name: str,
    source: str,
    callbacks: DataCallbacks,
    kind: Pictures = "plain",
) -> list[tuple[Images, Labels]]:
    """Return the images of each part that can be read, with their labels.

    All are colour if most are, else grey. Digits and clothing, if `kind` says so, are grey and
    prepared as `lenet.pictures.network_input` does.

    Raises
    ------
    LenetError
        None can be read.
    """
    images: list[Images] = []
    kept: list[list[int]] = [[] for _ in files]
    broken: list[ImageError] = []
    first_pages = FirstPages()
    total = sum(len(paths) for paths, _ in files)
    for places, (paths, _) in zip(kept, files, strict=True):
        for place, path in enumerate(paths):
            try:
                images.append(_prepared(first_pages.read(path), size, kind))
                places.append(place)
            except ImageError as error:
                broken.append(error)
            callbacks.on_progress(f"reading {name}", len(images) + len(broken), total, "files")
    first_pages.say(name, callbacks)
    say_broken(broken, callbacks)
    if not images:
        raise LenetError(f"{source}: none of the {total:,} image files can be read")
    labels = [known[places] for places, (_, known) in zip(kept, files, strict=True)]
    classes = len(np.unique(np.concatenate(labels)))
    callbacks.on_message(
        f"{name}: {len(images):,} images in {classes} classes, {len(broken):,} unreadable"
    )
    ends = np.cumsum([len(places) for places in kept])[:-1]
    return list(zip(np.split(stacked(images, callbacks), ends), labels, strict=True))


def _prepared(image: Images, size: tuple[int, int], kind: Pictures) -> Images:
    return resize(image, size) if kind == "plain" else network_input(image, kind, (1, *size))


def say_broken(broken: Sequence[ImageError], callbacks: DataCallbacks) -> None:
    """Name files that cannot be read; count them if they are many."""
    for error in broken[:_NAMED_AT_MOST]:
        callbacks.on_message(f"left out: {error}")
    if len(broken) > _NAMED_AT_MOST:
        callbacks.on_message(f"left out: {len(broken) - _NAMED_AT_MOST:,} more files")


def stacked(images: Sequence[Images], callbacks: DataCallbacks) -> Images:
    """Stack images of one size into one array: colour if most of them are, else grey."""
    coloured = sum(image.ndim == 3 for image in images)
    colour = 2 * coloured > len(images)
    if coloured not in (0, len(images)):
        callbacks.on_message(
            f"{coloured:,} of {len(images):,} images are in colour: all are taken as "
            f"{'colour' if colour else 'grey'}"
        )
    convert = to_colour if colour else to_grey
    return np.stack([convert(image) for image in images])


def fitted_arrays(
    arrays: Sequence[NDArray[np.generic]],
    size: tuple[int, int],
    source: str,
    pixels: PixelRange,
    callbacks: DataCallbacks,
    kind: Pictures = "plain",
) -> list[Images]:
    """Return arrays of images (`image_shapes.upright`) as levels of one size.

    Digits and clothing, if `kind` says so, are prepared unless they have that size and are grey.

    Raises
    ------
    LenetError
        The values are not pixels.
    """
    parts = to_levels(arrays, source, pixels)
    return [_fitted(levels, size, callbacks, kind) for levels in parts]


def _fitted(
    images: Images, size: tuple[int, int], callbacks: DataCallbacks, kind: Pictures
) -> Images:
    if kind != "plain" and images.shape[1:] != size:
        return np.stack([_prepared(image, size, kind) for image in opaque(images)])
    if images.ndim == 4 and images.shape[3] in (2, 4):  # with transparency
        return stacked([resize(image, size) for image in opaque(images)], callbacks)
    if images.shape[1:3] == size:
        return images
    return np.stack([resize(image, size) for image in images])
