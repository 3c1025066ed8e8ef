"""Uses trained networks from Python: `lenet.predict` and `lenet.evaluate`."""

from collections.abc import Iterable
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, overload

from lenet import weights
from lenet.answers import Answer
from lenet.artifact import Artifact, load
from lenet.data import Dataset, Split
from lenet.errors import LenetError, enough_memory
from lenet.evaluation import Evaluation
from lenet.evaluation import evaluate as measure
from lenet.evaluation.images_for import images_for, source_of
from lenet.interactive.run import Run
from lenet.pictures.coerce import PictureLike, is_one_picture
from lenet.pictures.pixel_range import PixelRange

if TYPE_CHECKING:
    from PIL.Image import Image

NetworkLike = str | Path | Artifact | Run
"""The name of a network that ships, a run folder, a loaded network, or a run."""

_load_shipped = lru_cache(maxsize=2)(load)  # so that a loop over files reads the weights once


@overload
def predict(
    images: "str | PathLike[str] | bytes | IO[bytes] | Image",
    network: NetworkLike = "digits",
    reject_error: float | None = None,
) -> Answer: ...


@overload
def predict(
    images: PictureLike | Iterable[PictureLike],
    network: NetworkLike = "digits",
    reject_error: float | None = None,
) -> Any: ...


def predict(
    images: PictureLike | Iterable[PictureLike],
    network: NetworkLike = "digits",
    reject_error: float | None = None,
) -> Answer | list[Answer]:
    """Classify one picture, or several.

    Parameters
    ----------
    images
        A path, a binary file, the bytes of one, a Pillow image, an array or a torch tensor, or an
        iterable of these; see `lenet.Artifact.predict`.
    network
        The name of a network that comes with lenet, a run folder, a loaded network, or a `Run`.
    reject_error
        The error rate to aim for among the answers that are not rejected, as a fraction.

    Returns
    -------
    One picture gives one `Answer`. A list, another iterable or a stack of pictures,
    ``[N, height, width]``, gives a list.

    Raises
    ------
    lenet.pictures.image.ImageError
        A file cannot be read as an image.
    LenetError
        There is no such network, it reads whole numbers, or a single file has several pages.

    Examples
    --------
    >>> import lenet, numpy
    >>> paper = numpy.full((60, 40), 250, numpy.uint8)
    >>> paper[10:50, 18:23] = 30  # a stroke of ink
    >>> lenet.predict(paper).label
    '1'
    >>> [answer.label for answer in lenet.predict([paper, paper])]
    ['1', '1']
    """
    artifact = _artifact(network)
    if artifact.pictures == "numbers":
        raise LenetError("this network reads whole numbers: use lenet.read")
    with enough_memory():
        answers = artifact.predict(images, reject_error)
    if not is_one_picture(images, artifact.network.input_shape):
        return answers
    if len(answers) != 1:
        raise LenetError(
            f"the file has {len(answers)} pages; give a list, [file], for a list of answers"
        )
    return answers[0]


def evaluate(
    network: NetworkLike,
    data: str | Path | Dataset | Split | None = None,
    pixels: PixelRange = "auto",
) -> Evaluation:
    """Measure a network on labelled images, as ``lenet evaluate`` does.

    Parameters
    ----------
    network
        The name of a network that comes with lenet, a run folder, a loaded network, or a `Run`.
    data
        What `lenet.load_data` takes, or a `Dataset`: its test images are measured. Or a `Split`.
        By default the test images of the training.
    pixels
        The range of the pixels of arrays in files.

    Raises
    ------
    LenetError
        There is no such network, the data cannot be loaded, or it has a class that the network
        does not know.

    Examples
    --------
    >>> import lenet, numpy
    >>> digits = lenet.load("digits")
    >>> blank = lenet.Split(numpy.zeros((2, 28, 28), numpy.uint8), numpy.array([1, 7]),
    ...     digits.classes)
    >>> len(lenet.evaluate(digits, blank).labels)
    2
    """
    artifact = _artifact(network)
    if artifact.pictures == "numbers":
        raise LenetError("this network reads whole numbers; lenet.evaluate is for single pictures")
    if data is None and isinstance(network, Run):
        return network.evaluation
    if isinstance(data, Dataset | Split):
        return measure(artifact, data.test if isinstance(data, Dataset) else data)
    named = str(network) if isinstance(network, str | Path) else "the network"
    source = source_of(artifact, named, None if data is None else str(data))
    with enough_memory():
        return measure(artifact, images_for(artifact, source, pixels=pixels))


def _artifact(network: NetworkLike) -> Artifact:
    if isinstance(network, Run):
        return network.network
    if isinstance(network, Artifact):
        return network
    if isinstance(network, str) and weights.shipped(network) is not None:
        return _load_shipped(network)
    return load(network)
