"""Reads the number in a picture: its digits, their boxes, and its confidence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

import numpy as np

from lenet import drawing
from lenet.answers import accepted_error
from lenet.artifact import Artifact, load
from lenet.engine.checks import Floats
from lenet.engine.probabilities import softmax
from lenet.engine.space_displacement import is_space_displacement, space_displacement
from lenet.errors import LenetError, enough_memory
from lenet.networks.reader import SYMBOLS
from lenet.pictures.coerce import PictureLike, pictures_of
from lenet.pictures.field import HEIGHT, field_of
from lenet.pictures.types import Images
from lenet.reading.boxes import Box, boxes_of
from lenet.reading.decoder import prior, read_string
from lenet.reading.inside import Inside
from lenet.reading.pattern import Pattern
from lenet.reading.trellis import alignment, digit_confidences, string_probabilities

NAME = "reader"
"""The shipped network that reads numbers."""

_MOST_DIGITS = 40  # a longer answer is noise
_LEAST_PROBABILITY = 1e-30  # of a symbol, so that no single column makes a string impossible


@dataclass(frozen=True)
class Digit:
    """One digit of a number.

    Parameters
    ----------
    text
        0 to 9.
    confidence
        Its probability, 0 to 1, given that the other digits are correct; never below the confidence
        of the number.
    box
        x, y, width and height, in pixels of the picture.
    """

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class Reading:
    """The number read in one picture.

    Parameters
    ----------
    text
        The digits alone, without separators; empty if there are none.
    confidence
        The probability, 0 to 1, that all digits are correct.
    rejected
        True if the confidence is below the threshold or no digit was found.
    digits
        The digits from left to right.
    picture
        The picture, as `read` keeps it to draw the boxes in a notebook; None elsewhere.

    Examples
    --------
    >>> import lenet, numpy
    >>> (reading,) = lenet.read(numpy.full((40, 120), 255, numpy.uint8))  # an empty sheet
    >>> reading.text, reading.rejected
    ('', True)
    """

    text: str
    confidence: float
    rejected: bool
    digits: tuple[Digit, ...]
    picture: Images | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        sure = ", rejected" if self.rejected else ""
        return f"Reading {self.text!r}, confidence {self.confidence:.1%}{sure}"

    def _repr_html_(self) -> str:
        if self.picture is None:
            return drawing.html_line(repr(self))
        boxes = [(one.box, one.text) for one in self.digits]
        return drawing.html_line(repr(self)) + drawing.picture(self.picture, boxes, repr(self))

    def to_json(self, path: str | None) -> dict[str, Any]:
        """Return the object of ``lenet read --json`` and the service; `path` names the picture."""
        return {
            "path": path,
            "text": self.text,
            "confidence": round(self.confidence, 6),
            "rejected": self.rejected,
            "digits": [
                {"text": one.text, "confidence": round(one.confidence, 6), "box": list(one.box)}
                for one in self.digits
            ],
        }


_NOTHING = Reading("", 0.0, rejected=True, digits=())


def read(
    images: PictureLike | Iterable[PictureLike],
    reject_error: float | None = None,
    pattern: Pattern | str | None = None,
    check: Callable[[str], bool] | None = None,
    reader: Artifact | None = None,
) -> list[Reading]:
    """Read the handwritten number in each picture.

    Parameters
    ----------
    images
        A path, a binary file, the bytes of one, a Pillow image, an array or a torch tensor, or an
        iterable of these, as for `lenet.Artifact.predict`. All are preprocessed, arrays of every
        size too.
    reject_error
        The error rate to aim for among the numbers that are not rejected, as a fraction: 0.005 is
        0.5%. By default 1%, or the lowest for which the reader has a threshold.
    pattern
        The known format: a `Pattern`, or a template of one such as ``"dddd"``
        (`Pattern.template`).
    check
        Whether a string of digits can be correct, for instance by its checksum.
    reader
        A network that reads numbers; by default the one that ships with the package.

    Returns
    -------
    One reading per picture, in the order given; for a file with several pages, one per page.

    Raises
    ------
    lenet.pictures.image.ImageError
        A file cannot be read as an image.
    LenetError
        `images` is none of the above, a template is malformed, there is no threshold for
        `reject_error`, or the network does not read numbers.

    Examples
    --------
    >>> import lenet
    >>> from PIL import Image, ImageDraw
    >>> page = Image.new("L", (120, 60), 230)
    >>> for left in (20, 65):
    ...     ImageDraw.Draw(page).ellipse((left, 12, left + 26, 48), outline=30, width=4)
    >>> (reading,) = lenet.read(page)
    >>> reading.text, len(reading.digits)
    ('00', 2)
    """
    read_one = picture_reader(reject_error, pattern, check, reader)
    with enough_memory():
        return [replace(read_one(picture), picture=picture) for picture in pictures_of(images)]


def picture_reader(
    reject_error: float | None = None,
    pattern: Pattern | str | None = None,
    check: Callable[[str], bool] | None = None,
    reader: Artifact | None = None,
) -> Callable[[Images], Reading]:
    """Return a function that reads a picture, uint8 ``[height, width]`` or ``[height, width, 3]``.

    Parameters and errors are those of `read`. Wrong arguments raise before a picture is read.
    Several threads may call the function, and other processes can receive it (it can be pickled).
    """
    return partial(_reading, inside_reader(reject_error, pattern, check, reader))


def _reading(read: Callable[[Images], tuple[Reading, Inside | None]], picture: Images) -> Reading:
    return read(picture)[0]


def inside_reader(
    reject_error: float | None = None,
    pattern: Pattern | str | None = None,
    check: Callable[[str], bool] | None = None,
    reader: Artifact | None = None,
) -> Callable[[Images], tuple[Reading, Inside | None]]:
    """Return a function like `picture_reader`'s, which also returns how it read (`Inside`).

    Parameters and errors are those of `read`. `Inside` is None if the picture holds no number.
    """
    reader = reader or shipped()
    if reader.pictures != "numbers":
        raise LenetError(
            f"this network ({reader.network.name}, for pictures of the kind {reader.pictures!r}) "
            "does not read numbers: classify its pictures with lenet predict"
        )
    for network, classes in ((one.network, one.classes) for one in reader.members):
        fits = network.input_shape[1] == HEIGHT and is_space_displacement(network)
        if not fits or classes != SYMBOLS:
            raise LenetError(
                "this network is marked as a reader of numbers, but its layers cannot read them: "
                "train a network with the layers of lenet.networks.reader"
            )
    if isinstance(pattern, str):
        pattern = Pattern.template(pattern)
    error = accepted_error(reader.calibration, reject_error)
    least = 0.0 if error is None else reader.calibration.threshold(error)
    return partial(_read, reader, least, pattern, check)


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
        return _NOTHING, None
    members = log_probabilities_of(reader, field.ink)
    text, confidence = read_string(members, pattern, check)
    if len(text) > _MOST_DIGITS:
        return _NOTHING, None
    # The boxes follow the member that gives the number the highest probability.
    best = members[int(np.argmax([string_probabilities(one, [text])[0] for one in members]))]
    boxes = boxes_of(field, alignment(best, text), picture.shape[:2])
    sure = digit_confidences(members, text, prior(pattern, check))
    # With a check the number's confidence is a little too high (see `read_string`).
    digits = zip(text, [max(one, confidence) for one in sure], boxes, strict=True)
    rejected = not text or confidence < least
    reading = Reading(text, confidence, rejected, tuple(Digit(*one) for one in digits))
    return reading, Inside(field, best, members, text, pattern)


def log_probabilities_of(reader: Artifact, ink: Images) -> list[Floats]:
    """Return the log probabilities of each column's symbols, from each network of the reader.

    They are calibrated by the reader's temperature: a trellis each, see `lenet.reading.trellis`.

    Parameters
    ----------
    ink
        uint8 ``[HEIGHT, width]``: a number image, see `lenet.pictures.field`.

    Returns
    -------
    float32 ``[C, 11]`` for each network.
    """
    temperature = reader.calibration.temperature or 1.0
    return [log_probabilities_at(temperature, scores) for scores in scores_of(reader, ink)]


def scores_of(reader: Artifact, ink: Images) -> list[Floats]:
    """Return the scores of each column's symbols, ``[C, 11]``, from each network of the reader."""
    return [
        space_displacement(one.network, one.parameters, one.normalization, ink)
        for one in reader.members
    ]


def log_probabilities_at(temperature: float, scores: Floats) -> Floats:
    """Divide scores ``[C, 11]`` by the temperature and turn them into log probabilities."""
    probabilities = softmax(scores / np.float32(temperature))
    return np.log(np.maximum(probabilities, _LEAST_PROBABILITY))
