"""Reading of numbers by heuristic over-segmentation, as cheques were read in 1998.

LeNet-5 read millions of cheques a day in this way (Proc. IEEE 86(11), section X). Here it is the
baseline of the space displacement network (`lenet.reading.reader`):

1. the field, a number image of fixed height, is cleared of lines and specks;
2. T_seg: the field is cut wherever a boundary is likely (`cuts`), and neighbouring pieces are
   grouped in all ways: each grouping is an arc of the segmentation graph (`groupings`);
3. T_rec: a network for single digits computes for each arc the probability of each digit and of
   "none" (`arc_images`); these and the arc's shape and place give its penalties;
4. Viterbi finds the path of least penalty; the digits along it are the answer (`viterbi`);
5. the answer's confidence is its posterior probability, exp(-E_dforw), from the sums over all paths
   and over the paths that spell the answer (`confidence`).

Before step 4, scores are not normalized over the ten digits alone. That would destroy the evidence
that an arc is not a digit (section VI-E), which the choice between segmentations needs.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image

from lenet.artifact import Artifact, load
from lenet.errors import LenetError
from lenet.pictures.components import Mask, components
from lenet.pictures.field import DIGIT_HEIGHT, HEIGHT, field_of
from lenet.pictures.ink import Plane, otsu_threshold
from lenet.pictures.network_input import network_input
from lenet.pictures.ruled_lines import without_lines
from lenet.pictures.types import Images
from lenet.reading.boxes import in_picture
from lenet.reading.reader import Digit, Reading
from over_segmentation.arc_images import arc_images
from over_segmentation.cuts import cuts
from over_segmentation.groupings import Groupings, groupings
from over_segmentation.segmentation_graph import NOTHING, Doubles, SegmentationGraph

_DIGITS = tuple("0123456789")
_INK = 0.5  # of full ink: fainter pixels are paper, its print, or between two strokes
_LEAST = 5  # least pixels of a connected part of the writing
_SLANTS = (0.0, -0.25, 0.25)  # columns per row

# These weights minimise E_dforw, the discriminative forward criterion (equation 17), on 756 amounts
# of real cheques (ORAND-CAR-A); the network's parameters stayed fixed. The weights come from an
# earlier search than that of benchmarks/over_segmentation_choices.py, which finds similar ones.
_AS_DIGIT = np.array([0.64, 1.25, 1.67, 6.03, 4.32, -0.95, 8.19, 5.12])
_AS_NOTHING = np.array([0.22, -2.5, 6.76, 6.51, 3.96, 6.85])


def read_over_segmented(
    pictures: Iterable[Images], digits: Artifact | None = None
) -> Iterator[Reading]:
    """Read the number in each picture, one by one.

    Parameters
    ----------
    pictures
        uint8 ``[height, width]`` or ``[height, width, 3]``.
    digits
        A network for the digits 0 to 9 and the class "none"; by default `digits-record`, which
        ships with the package. (`digits` was trained to classify a digit with a piece of its
        neighbour, and takes two touching digits for one.)

    Yields
    ------
    The reading; `rejected` is True only if there are no digits, because the thresholds of a reader
    do not apply.

    Raises
    ------
    LenetError
        The network is not for single digits, or has no class "none".
    """
    digits = digits or load("digits-record")
    if digits.pictures != "digits" or digits.classes != _DIGITS or digits.network.rubbish is None:
        raise LenetError(
            f"the network {digits.network.name} does not classify single digits 0 to 9 and "
            '"none"; give a network trained on pictures of digits that has a class "none"'
        )
    for picture in pictures:
        yield _read(digits, picture)


def _read(digits: Artifact, picture: Images) -> Reading:
    nothing = Reading("", 0.0, rejected=True, digits=())
    field = field_of(picture)
    if field is None:
        return nothing
    ink = field.ink.astype(np.float32) / np.float32(255)
    mask = written(ink)
    places = cuts(mask)
    if not len(places):
        return nothing
    found = groupings(mask, places)
    posteriors = log_probabilities(digits, arc_images(ink, mask, found))
    graph = SegmentationGraph(
        len(places) - 1, found.starts, found.ends, penalties(features(found, posteriors))
    )
    _, path = graph.viterbi()
    arcs = [(arc, meaning) for arc, meaning in path if meaning != NOTHING]
    text = "".join(_DIGITS[meaning] for _, meaning in arcs)
    boxes = [in_picture(field, picture.shape[:2], *found.boxes[arc].tolist()) for arc, _ in arcs]
    read = zip(text, graph.digit_confidences(text), boxes, strict=True)
    return Reading(
        text, graph.confidence(text), rejected=not text, digits=tuple(Digit(*one) for one in read)
    )


def written(ink: Plane) -> Mask:
    """Return the pixels of writing in a field ``[HEIGHT, width]``: no lines, specks or print."""
    mask = without_lines(ink > max(otsu_threshold(ink), _INK))
    parts = components(mask)
    if not len(parts):
        return mask
    top, left, bottom, right = parts.boxes.T
    upper, lower = (HEIGHT - DIGIT_HEIGHT) // 2, (HEIGHT + DIGIT_HEIGHT) // 2
    flat = bottom - top < 6
    beyond = flat & ((bottom <= upper + 2) | (top >= lower - 1))
    line = (bottom - top <= 4) & (right - left > 1.3 * DIGIT_HEIGHT)
    return parts.mask((parts.areas >= _LEAST) & ~beyond & ~line)


def log_probabilities(digits: Artifact, images: Images) -> Doubles:
    """Return log probabilities, float64 ``[A, 11]``: of the ten digits, and of "none".

    The writer's slant is not known, and some writers slant more than MNIST's. So the network
    classifies each arc upright, slanted more and slanted less, and the probabilities are averaged.

    Parameters
    ----------
    digits
        As for `read_over_segmented`.
    images
        uint8 ``[A, 28, 28]``, from `over_segmentation.arc_images`.
    """
    shape = digits.network.input_shape
    shown = [
        network_input(_slanted(one, slant), "digits", shape) for slant in _SLANTS for one in images
    ]
    scores = digits.forward(np.stack(shown)).astype(np.float64)
    assert digits.network.rubbish is not None
    rubbish = np.full((len(scores), 1), -digits.network.rubbish)
    scores = np.concatenate((scores, rubbish), axis=1) / (digits.calibration.temperature or 1.0)
    logs = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    logs = logs.reshape(len(_SLANTS), len(images), -1)
    return np.logaddexp.reduce(logs, axis=0) - np.log(len(_SLANTS))


def _slanted(image: Images, slant: float) -> Images:
    """Shear an image about its middle row, by `slant` columns per row."""
    if not slant:
        return image
    sheared = Image.fromarray(image).transform(
        image.shape[::-1],
        Image.Transform.AFFINE,
        (1, slant, -slant * image.shape[0] / 2, 0, 1, 0),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(sheared)


def features(found: Groupings, posteriors: Doubles) -> tuple[Doubles, Doubles]:
    """Return the features of arcs; an arc's penalty is their weighted sum.

    Parameters
    ----------
    found
        The arcs.
    posteriors
        float64 ``[A, 11]``, from `log_probabilities`.

    Returns
    -------
    float64 ``[A, 10, 8]`` for the arc as each digit: -log of the digit's probability; -log of the
    probability of any digit; 1; the gaps in the arc; the ink cut at its ends; the height and width
    by which it is too low and too wide; its distance from the middle of the line. And float64
    ``[A, 6]`` for the arc as "no digit": -log of the probability of "none"; 1; its height, area and
    width; the ink cut. Lengths are in heights of the writing.
    """
    left, top, right, bottom = found.boxes.T / DIGIT_HEIGHT
    height, width = bottom - top, right - left
    one = np.ones(len(found))
    severed = found.severed / DIGIT_HEIGHT
    any_digit = -np.logaddexp.reduce(posteriors[:, :NOTHING], axis=1)
    off = np.abs((top + bottom) / 2 - HEIGHT / 2 / DIGIT_HEIGHT)
    low, wide = np.maximum(1 - height, 0), np.maximum(width - 1, 0)
    shape = np.stack((any_digit, one, found.gaps / DIGIT_HEIGHT, severed, low, wide, off), axis=1)
    as_digits = np.concatenate(
        (-posteriors[:, :NOTHING, None], shape[:, None].repeat(NOTHING, axis=1)), axis=2
    )
    areas = found.areas / DIGIT_HEIGHT**2
    return as_digits, np.stack(
        (-posteriors[:, NOTHING], one, height, areas, width, severed), axis=1
    )


def penalties(of_arcs: tuple[Doubles, Doubles]) -> Doubles:
    """Return the penalties of arcs, float64 ``[A, 11]``, from their `features`."""
    as_digits, as_nothing = of_arcs
    return np.column_stack((as_digits @ _AS_DIGIT, as_nothing @ _AS_NOTHING))
