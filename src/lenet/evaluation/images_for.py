"""Chooses the images that a network is measured on."""

import os
from unicodedata import normalize

from lenet.artifact import Artifact
from lenet.data import Split, load_data
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.catalog import CATALOG
from lenet.data.load_labelled import load_labelled
from lenet.errors import LenetError
from lenet.evaluation.metrics import in_classes_of
from lenet.pictures.pixel_range import PixelRange


def source_of(artifact: Artifact, run: str, data: str | None) -> str:
    """Return `data`, or what the network `run` was trained on; `LenetError` if that is unknown."""
    source = data or artifact.origin.get("data")
    if not isinstance(source, str):
        raise LenetError(f"{run} does not say what it was trained on; name the data")
    return source


def trained_on(artifact: Artifact, source: str) -> bool:
    """Return whether `source` is the data that a network was trained on."""
    own = artifact.origin.get("data")
    if source == own:
        return True
    if not isinstance(own, str) or own in CATALOG or source in CATALOG or "\0" in source:
        return False
    return os.path.realpath(source) == os.path.realpath(own)


def images_for(
    artifact: Artifact,
    source: str,
    callbacks: DataCallbacks = SILENT,
    pixels: PixelRange = "auto",
) -> Split:
    """Return labelled images for a network, with its classes.

    Of the data that the network was trained on, these are the test images of the training. Any
    other source is used whole, unless it has test images of its own, and its pictures are
    preprocessed as `lenet predict` does (`lenet.data.load_labelled`).

    Parameters
    ----------
    source
        What `lenet.load_data` takes.
    pixels
        The range of the pixels of arrays; by default that of the training, for its data, or else
        their values decide.

    Raises
    ------
    LenetError
        The data cannot be loaded, or has a class that the network does not know.
    """
    shape, origin = artifact.network.input_shape, artifact.origin
    if trained_on(artifact, source):
        pixels = origin.get("pixels", "auto") if pixels == "auto" else pixels
        size = (shape[1], shape[2])
        pictures = None if artifact.pictures == "plain" else artifact.pictures
        seed = origin.get("seed", 0)
        test = load_data(source, size, seed, callbacks, pixels, pictures).test
        return in_classes_of(artifact, test)
    split = load_labelled(source, artifact.pictures, shape, artifact.classes, callbacks, pixels)
    return in_classes_of(artifact, _numbered(artifact, split, callbacks))


def _numbered(artifact: Artifact, split: Split, callbacks: DataCallbacks) -> Split:
    """Return numbers as the places of the network's classes, if it has names and no numbers."""
    names = artifact.classes
    numbers = {str(place) for place in range(len(names))}
    known = {normalize("NFC", name) for name in names}
    if not numbers.issuperset(split.classes) or known & set(split.classes):
        return split
    callbacks.on_message(
        f"the labels {split.classes[0]} to {split.classes[-1]} are taken as the network's classes "
        f"in their order: {split.classes[0]} is {names[int(split.classes[0])]}"
    )
    return Split(split.images, split.labels, tuple(names[int(one)] for one in split.classes))
