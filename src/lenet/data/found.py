"""Holds what a reader finds: pictures with the names of their classes, part by part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.data.class_names import Section
from lenet.data.image_shapes import upright
from lenet.errors import LenetError

Array = NDArray[np.generic]


@dataclass(frozen=True)
class Labelled:
    """Pictures, not read or converted yet: paths, or one array; and each one's class name."""

    pictures: Sequence[Path] | Array
    names: Sequence[str]


@dataclass(frozen=True)
class Found:
    """The parts of a folder or file; without parts, all is ``train``.

    `name` and `source` are those of `lenet.data.Dataset`.
    """

    name: str
    source: str
    parts: Mapping[Section, Labelled]


def labelled_array(images: Array, names: Sequence[str], section: str, source: str) -> Labelled:
    """Return an array of images and their names.

    Raises
    ------
    LenetError
        The array has no shape of images, is empty, or there is not one label for each image.
    """
    images = upright(images, source)
    if len(names) != len(images):
        kind = {"train": "training"}.get(section, section)
        raise LenetError(f"{source}: {len(images):,} {kind} images, but {len(names):,} labels")
    return Labelled(images, names)
