"""The number in a picture by heuristic over-segmentation: how cheques were read in 1998.

The route by which LeNet-5 came to millions of cheques a day (Proc. IEEE 86(11), section X), as the
baseline of the network that is unrolled along the field (`lenet.reading.reader`):

1. the field, of one height, is cleared of lines and specks;
2. T_seg: it is cut wherever a boundary is likely (`cuts`), and neighbouring pieces are grouped in
   all ways: each grouping is an arc of the segmentation graph (`groupings`);
3. T_rec: a network that knows single digits says for each arc how much it looks like each of them,
   and like none (`arc_images`); with what the arc's shape and place tell, that makes its penalties;
4. Viterbi finds the path of least penalty; the digits along it are the answer (`viterbi`);
5. how sure that is follows from the sums over all paths, and over those that spell the answer: its
   posterior probability, exp(-E_dforw) (`confidence`).

Scores are not made to sum to one over the digits before step 4: that would destroy the evidence
that an arc is none of them (section VI-E), on which the choice between ways of cutting rests.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image

from lenet.artifact import Artifact, load
from lenet.errors import LenetError
from lenet.pictures.components import Mask, components
from lenet.pictures.field import HEIGHT, WRITTEN, field_of
from lenet.pictures.ink import Plane, parting
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
_INK = 0.5  # of full ink: what is less is paper, its print, or where two strokes nearly touch
_LEAST = 5  # pixels of a part of the writing
_LEANS = (0.0, -0.25, 0.25)  # columns a row

# Chosen to make E_dforw, the discriminative forward criterion (equation 17), least on 756 amounts
# of real cheques (ORAND-CAR-A); the network was left as it is. They are an earlier search's than
# that of benchmarks/over_segmentation_choices.py, which finds about the same.
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
        A network that knows the digits 0 to 9 and "none of these"; by default `digits-record`,
        which ships with the package: `digits` has learnt to read a digit with a piece of its
        neighbour, and takes two that touch for one.

    Yields
    ------
    The reading; `rejected` says only that there are no digits, as thresholds are a reader's own.

    Raises
    ------
    LenetError
        The network is not one for single digits, or has no rubbish class.
    """
    digits = digits or load("digits-record")
    if digits.pictures != "digits" or digits.classes != _DIGITS or digits.network.rubbish is None:
        raise LenetError(
            f"the network {digits.network.name} does not tell single digits 0 to 9 from what is "
            "none; give one trained on pictures of digits, with a rubbish class"
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
    shares = log_shares(digits, arc_images(ink, mask, found))
    graph = SegmentationGraph(
        len(places) - 1, found.starts, found.ends, penalties(features(found, shares))
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
    """Return which pixels of a field ``[HEIGHT, width]`` are writing: no lines, specks or print."""
    mask = without_lines(ink > max(parting(ink), _INK))
    parts = components(mask)
    if not len(parts):
        return mask
    top, left, bottom, right = parts.boxes.T
    upper, lower = (HEIGHT - WRITTEN) // 2, (HEIGHT + WRITTEN) // 2
    flat = bottom - top < 6
    beyond = flat & ((bottom <= upper + 2) | (top >= lower - 1))
    line = (bottom - top <= 4) & (right - left > 1.3 * WRITTEN)
    return parts.mask((parts.areas >= _LEAST) & ~beyond & ~line)


def log_shares(digits: Artifact, images: Images) -> Doubles:
    """Return log probabilities, float64 ``[A, 11]``: of the ten digits, and of none of them.

    A writer's slant is not known, and MNIST's writers lean less than some: each arc is shown to the
    network upright, leaning further and leaning back, and the probabilities are averaged.

    Parameters
    ----------
    digits
        As for `read_over_segmented`.
    images
        uint8 ``[A, 28, 28]``, as `over_segmentation.arc_images` makes them.
    """
    shape = digits.network.input_shape
    shown = [
        network_input(_leaning(one, lean), "digits", shape) for lean in _LEANS for one in images
    ]
    scores = digits.forward(np.stack(shown)).astype(np.float64)
    assert digits.network.rubbish is not None
    rubbish = np.full((len(scores), 1), -digits.network.rubbish)
    scores = np.concatenate((scores, rubbish), axis=1) / (digits.calibration.temperature or 1.0)
    shares = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    shares = shares.reshape(len(_LEANS), len(images), -1)
    return np.logaddexp.reduce(shares, axis=0) - np.log(len(_LEANS))


def _leaning(image: Images, lean: float) -> Images:
    """Shift each row of an image, the more the higher it is above the middle."""
    if not lean:
        return image
    sheared = Image.fromarray(image).transform(
        image.shape[::-1],
        Image.Transform.AFFINE,
        (1, lean, -lean * image.shape[0] / 2, 0, 1, 0),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(sheared)


def features(found: Groupings, shares: Doubles) -> tuple[Doubles, Doubles]:
    """Return what the penalty of each arc is a weighted sum of, in heights of the writing.

    Parameters
    ----------
    found
        The arcs.
    shares
        float64 ``[A, 11]``, as `log_shares` gives them.

    Returns
    -------
    float64 ``[A, 10, 8]`` where the arc is taken for each digit: what the network says against it;
    against its being any digit; one; the gaps in it; what is severed at its ends; how much it is
    too low, and too wide; how far it is off the middle of the line. And float64 ``[A, 6]`` where it
    is taken for nothing: what the network says against that; one; its height, area and width; what
    is severed.
    """
    left, top, right, bottom = found.boxes.T / WRITTEN
    height, width = bottom - top, right - left
    one = np.ones(len(found))
    severed = found.severed / WRITTEN
    any_digit = -np.logaddexp.reduce(shares[:, :NOTHING], axis=1)
    off = np.abs((top + bottom) / 2 - HEIGHT / 2 / WRITTEN)
    low, wide = np.maximum(1 - height, 0), np.maximum(width - 1, 0)
    shape = np.stack((any_digit, one, found.gaps / WRITTEN, severed, low, wide, off), axis=1)
    as_digits = np.concatenate(
        (-shares[:, :NOTHING, None], shape[:, None].repeat(NOTHING, axis=1)), axis=2
    )
    areas = found.areas / WRITTEN**2
    return as_digits, np.stack((-shares[:, NOTHING], one, height, areas, width, severed), axis=1)


def penalties(of_arcs: tuple[Doubles, Doubles]) -> Doubles:
    """Return the penalties of arcs, float64 ``[A, 11]``, from their `features`."""
    as_digits, as_nothing = of_arcs
    return np.column_stack((as_digits @ _AS_DIGIT, as_nothing @ _AS_NOTHING))
