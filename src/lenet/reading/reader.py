"""The number in a picture: its digits, where they are, how sure all of it is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from lenet.answers import accepted_error
from lenet.artifact import Artifact, load
from lenet.engine.checks import Floats
from lenet.engine.probabilities import softmax
from lenet.engine.space_displacement import can_be_unrolled, unrolled
from lenet.errors import LenetError
from lenet.networks.reader import SYMBOLS
from lenet.pictures.coerce import Given, pictures_of
from lenet.pictures.field import HEIGHT, field_of
from lenet.pictures.types import Images
from lenet.reading.boxes import Box, boxes_of
from lenet.reading.decoder import frequency, read_string
from lenet.reading.inside import Inside
from lenet.reading.pattern import Pattern
from lenet.reading.trellis import alignment, digit_confidences, probabilities

NAME = "reader"
"""The shipped network that reads numbers."""

_MOST_DIGITS = 40  # where more are read, there is noise
_IMPOSSIBLE = 1e-30  # no share is less, lest a string be ruled out by one column


@dataclass(frozen=True)
class Digit:
    """One digit of a number.

    Parameters
    ----------
    text
        0 to 9.
    confidence
        0 to 1; see `lenet.reading.trellis.digit_confidences`.
    box
        x, y, width and height, in pixels of the picture.
    """

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class Reading:
    """What is read in a picture.

    Parameters
    ----------
    text
        The digits alone, without separators; empty if there are none.
    confidence
        How probable it is that all of them are right, 0 to 1.
    rejected
        That is not probable enough, or there are no digits.
    digits
        One by one, from left to right.
    """

    text: str
    confidence: float
    rejected: bool
    digits: tuple[Digit, ...]


def read(
    images: Given | Iterable[Given],
    reject_error: float | None = None,
    pattern: Pattern | str | None = None,
    check: Callable[[str], bool] | None = None,
    reader: Artifact | None = None,
) -> list[Reading]:
    """Read the handwritten number in each picture.

    Parameters
    ----------
    images
        What `lenet.Artifact.predict` takes; no array is taken as it is.
    reject_error
        The share of wrong numbers that is tolerable among those not rejected; by default 1%.
    pattern
        What is known of the format: a `Pattern`, or a template of one, as ``"dddd"``.
    check
        Says whether a string of digits can be right, by its checksum for instance.
    reader
        A network that reads numbers; by default the one that ships with the package.

    Returns
    -------
    One reading a picture, in their order.

    Raises
    ------
    ImageError
        A file cannot be read as an image.
    LenetError
        `images` are no pictures, a template is malformed, there is no threshold for
        `reject_error`, or the network reads no numbers.
    """
    return list(map(picture_reader(reject_error, pattern, check, reader), pictures_of(images)))


def picture_reader(
    reject_error: float | None = None,
    pattern: Pattern | str | None = None,
    check: Callable[[str], bool] | None = None,
    reader: Artifact | None = None,
) -> Callable[[Images], Reading]:
    """Return what reads a decoded picture, uint8 ``[height, width]`` or ``[height, width, 3]``.

    Parameters and errors are those of `read`; what is wrong with them is said at once. Several
    threads may use it.
    """
    # No lambda, so that other processes can have it.
    return partial(_answer, inside_reader(reject_error, pattern, check, reader))


def _answer(read: Callable[[Images], tuple[Reading, Inside | None]], picture: Images) -> Reading:
    return read(picture)[0]


def inside_reader(
    reject_error: float | None = None,
    pattern: Pattern | str | None = None,
    check: Callable[[str], bool] | None = None,
    reader: Artifact | None = None,
) -> Callable[[Images], tuple[Reading, Inside | None]]:
    """Return what also says what is behind its readings; None where a picture holds no number.

    All else is as for `picture_reader`.
    """
    reader = reader or shipped()
    if reader.pictures != "numbers":
        raise LenetError(
            f"this network ({reader.network.name}, for pictures of the kind {reader.pictures!r}) "
            "reads no numbers: lenet predict says what it sees"
        )
    if not all(map(_is_built_for_it, reader.members)):
        raise LenetError(
            "this network is said to read numbers, but is not built for it: train one with the "
            "layers of lenet.networks.reader"
        )
    if isinstance(pattern, str):
        pattern = Pattern.template(pattern)
    error = accepted_error(reader.calibration, reject_error)
    least = 0.0 if error is None else reader.calibration.threshold(error)
    return partial(_read, reader, least, pattern, check)


def _is_built_for_it(one: Artifact) -> bool:
    network = one.network
    fits = network.input_shape[1] == HEIGHT and can_be_unrolled(network)
    return fits and one.classes == SYMBOLS


@cache
def shipped() -> Artifact:
    """Return the reader that ships with the package."""
    return load(NAME)


def _read(
    reader: Artifact,
    least: float,
    pattern: Pattern | None,
    check: Callable[[str], bool] | None,
    picture: Images,
) -> tuple[Reading, Inside | None]:
    field = field_of(picture)
    if field is None:
        return Reading("", 0.0, rejected=True, digits=()), None
    views = views_of(reader, field.ink)
    text, confidence = read_string(views, pattern, check)
    if len(text) > _MOST_DIGITS:
        return Reading("", 0.0, rejected=True, digits=()), None
    # Digits are shown where that network saw them to which the number is most probable.
    shares = views[int(np.argmax([probabilities(view, [text])[0] for view in views]))]
    boxes = boxes_of(field, alignment(shares, text), picture.shape[:2])
    sure = digit_confidences(shares, text, frequency(pattern, check))
    digits = zip(text, sure, boxes, strict=True)
    rejected = not text or confidence < least
    reading = Reading(text, confidence, rejected, tuple(Digit(*one) for one in digits))
    return reading, Inside(field, shares, views, text, pattern)


def views_of(reader: Artifact, ink: Images) -> list[Floats]:
    """Return what a reader's networks say of a field, float ``[C, 11]`` each.

    See `lenet.reading.trellis`.
    """
    temperature = reader.calibration.temperature or 1.0
    return [tempered(scores, temperature) for scores in scores_of(reader, ink)]


def scores_of(reader: Artifact, ink: Images) -> list[Floats]:
    """Return the scores behind `views_of`."""
    return [unrolled(one.network, one.parameters, one.normalization, ink) for one in reader.members]


def tempered(scores: Floats, temperature: float) -> Floats:
    """Turn scores ``[C, 11]`` into log shares, the scores divided by a temperature before."""
    shares = softmax(scores / np.float32(temperature))
    return np.log(np.maximum(shares, _IMPOSSIBLE))
