"""Loads labelled pictures to measure a network on, as `lenet predict` sees them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.catalog import CATALOG, entry_named
from lenet.data.class_names import Section, in_class_order
from lenet.data.load import catalog_parts, find
from lenet.data.read_images import FirstPages, say_broken
from lenet.data.split import Split
from lenet.errors import LenetError
from lenet.pictures.arrays import opaque
from lenet.pictures.image import ImageError
from lenet.pictures.network_input import array_shape, network_input
from lenet.pictures.pixel_range import PixelRange, to_levels
from lenet.pictures.types import Images, Pictures

_PREFERRED: tuple[Section, ...] = ("test", "validation", "train")


def load_labelled(
    source: str | Path,
    pictures: Pictures,
    shape: tuple[int, ...],
    classes: Sequence[str] = (),
    callbacks: DataCallbacks = SILENT,
    pixels: PixelRange = "auto",
) -> Split:
    """Load all labelled pictures of a source as inputs of a network.

    Nothing is divided: a source without parts is used whole. Of a source with parts the test images
    are used, or else the validation images. Files go through
    `lenet.pictures.network_input.network_input`; so do arrays, unless they have the network's own
    size.

    Parameters
    ----------
    source
        As for `lenet.load_data`.
    pictures, shape
        As for `lenet.pictures.network_input.network_input`.
    classes
        The names of the network's classes; a folder of such a name is a class.
    callbacks, pixels
        As for `lenet.load_data`.

    Returns
    -------
    The inputs. Their classes are those of the source.

    Raises
    ------
    LenetError
        As for `lenet.load_data`, and if no picture can be read.
    """
    if isinstance(source, str) and source in CATALOG:
        entry = entry_named(source)
        _, (images, labels) = catalog_parts(entry, callbacks)
        levels = to_levels([images], source, "0-255")[0]
        return Split(_inputs(levels, pictures, shape), labels, entry.classes)
    found = find(source, callbacks, classes)
    section = min(found.parts, key=_PREFERRED.index)
    if len(found.parts) > 1:
        callbacks.on_message(f"{found.name}: only its {section} images are used")
    part = found.parts[section]
    names: Sequence[str]
    if isinstance(part.pictures, np.ndarray):
        arrays: list[NDArray[np.generic]] = [
            one.pictures for one in found.parts.values() if isinstance(one.pictures, np.ndarray)
        ]
        # All parts have one range, although one part is used.
        place = [one is part for one in found.parts.values()].index(True)
        levels = to_levels(arrays, found.source, pixels)[place]
        inputs, names = _inputs(levels, pictures, shape), part.names
    else:
        inputs, names = _from_files(
            list(part.pictures), part.names, found.name, pictures, shape, callbacks
        )
    known = in_class_order(names)
    number = {name: label for label, name in enumerate(known)}
    return Split(inputs, np.array([number[name] for name in names], np.int64), known)


def _inputs(images: Images, pictures: Pictures, shape: tuple[int, ...]) -> Images:
    if images.shape[1:] == array_shape(shape):
        return images
    return np.stack([network_input(image, pictures, shape) for image in opaque(images)])


def _from_files(
    paths: list[Path],
    names: Sequence[str],
    title: str,
    pictures: Pictures,
    shape: tuple[int, ...],
    callbacks: DataCallbacks,
) -> tuple[Images, list[str]]:
    broken: list[ImageError] = []
    first_pages = FirstPages()

    def readable() -> Iterator[tuple[Images, str]]:
        for done, (path, name) in enumerate(zip(paths, names, strict=True), start=1):
            try:
                yield network_input(first_pages.read(path), pictures, shape), name
            except ImageError as error:
                broken.append(error)
            callbacks.on_progress(f"reading {title}", done, len(paths), "files")

    read = list(readable())
    first_pages.say(title, callbacks)
    say_broken(broken, callbacks)
    if not read:
        raise LenetError(f"{title}: none of the {len(paths):,} image files can be read")
    return np.stack([image for image, _ in read]), [name for _, name in read]
