"""Makes number images (fields) to train a reader: from real cheques, and synthetic ones.

Four kinds are mixed: whole fields of real cheques; digits cropped from these fields, in a new
order; digits of MNIST on paper; and negatives, in which there is nothing to read.
"""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from lenet.data import Split
from lenet.data.cheques import Cheque, digest
from lenet.ending.children import end_with_parent
from lenet.pictures.field import Field, field_of
from lenet.pictures.image import read_image
from lenet.pictures.types import Images
from lenet.synthesis.distort import Distortion
from lenet.synthesis.negatives import KINDS
from lenet.synthesis.numbers import (
    Part,
    amount,
    cut_to_ink,
    join,
    on_line,
    random_digits,
    random_gap,
    with_separators,
)
from lenet.synthesis.paper import on_paper
from lenet.synthesis.separators import BASELINE, ROWS

REAL, CUT_OUT, NO_NUMBER = 0.33, 0.3, 0.07
"""Probabilities of whole fields, cropped digits and negatives; the rest is digits of MNIST."""

AT_ONCE = 40
"""Batches that are made together, so that the fields of a batch can have similar widths."""

_AHEAD = 3  # groups of `AT_ONCE` batches
_DIGITS = 12_000  # of MNIST, distorted again for each group
_NEGATIVES = 60  # images of each kind
_OF_MNIST = 0.3  # probability of a digit of MNIST among cropped digits
_CLEAR = 1.5  # pixels by which neighbouring boxes may overlap if a digit is cropped
_DISTORTION = Distortion(
    shift=0, scale=0.1, squeeze=0.12, shear=0.15, rotation=6, elastic=1, blur=0.5, thickness=0.5
)

Example = tuple[Images, str]
"""The ink of a field, and its digits."""


@dataclass(frozen=True)
class Batch:
    """Number images, padded to the same width.

    Parameters
    ----------
    ink
        uint8 ``[N, 1, ROWS, width]``, with an even width.
    digits, lengths
        int64: the digits of all images, one image after the other; and the number of digits of each
        image.
    """

    ink: NDArray[np.uint8]
    digits: NDArray[np.int64]
    lengths: NDArray[np.int64]


@dataclass(frozen=True)
class Sources:
    """The material of which number images are made.

    Parameters
    ----------
    real
        Number images of whole cheques, with their digits.
    columns
        For each of the ten digits, its crops from these images: uint8 ``[ROWS, width]``.
    digits
        Single digits of MNIST.
    sha256
        A hash of the cheques, to detect that they have changed.
    """

    real: list[Example]
    columns: list[list[Images]]
    digits: Split
    sha256: str


def read_sources(cheques: Sequence[Cheque], digits: Split) -> Sources:
    """Return the material: cheques, crops of their digits without overlap, and MNIST's `digits`."""
    real: list[Example] = []
    columns: list[list[Images]] = [[] for _ in range(10)]
    for cheque in cheques:
        field = field_of(read_image(cheque.path))
        if field is None:
            continue
        real.append((field.ink, cheque.digits))
        for digit, cut in zip(cheque.digits, _digits_of(cheque, field), strict=True):
            if cut is not None:
                columns[int(digit)].append(cut)
    return Sources(real, columns, digits, digest(cheques))


def _digits_of(cheque: Cheque, field: Field) -> Iterator[Images | None]:
    """Crop each digit of a field; None if it overlaps with a neighbour."""
    spans = [
        ((x - field.corner[0]) * field.scale, (x + width - field.corner[0]) * field.scale)
        for x, _, width, _ in cheque.boxes
    ]
    for place, (left, right) in enumerate(spans):
        before = spans[place - 1][1] if place else left - 3
        after = spans[place + 1][0] if place + 1 < len(spans) else right + 3
        first = max(int(max(before, left - 2)), 0)
        last = min(int(np.ceil(min(after, right + 2))), field.ink.shape[1])
        clear = before <= left + _CLEAR and after >= right - _CLEAR and last - first >= 3
        yield field.ink[:, first:last] if clear else None


def batches(
    sources: Sources, size: int, seed: int, first: int = 0, workers: int = 1
) -> Iterator[Batch]:
    """Yield batches of number images without end; the same seed gives the same batches.

    Parameters
    ----------
    size
        Images per batch.
    first
        Groups of `AT_ONCE` batches that are left out at the beginning.
    workers
        The number of processes that make batches ahead.
    """
    # A fork would copy locks that threads of other libraries hold, so the processes are spawned.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _remember, (sources,))
    try:
        jobs: list[Future[list[Batch]]] = []
        for group in count(first):
            jobs.append(pool.submit(_made, size, seed, group))
            if len(jobs) > _AHEAD:
                yield from jobs.pop(0).result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_remembered: list[Sources] = []


def _remember(sources: Sources) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the main process, which ends this
    end_with_parent()
    _remembered[:] = [sources]


def _made(size: int, seed: int, group: int) -> list[Batch]:
    """Make a group of batches, in random order, each of fields with similar widths."""
    random = np.random.default_rng([seed, group])
    examples = list(_examples(_remembered[0], size * AT_ONCE, random))
    widths = [ink.shape[1] + random.uniform(0, 25) for ink, _ in examples]
    order = np.argsort(widths).reshape(AT_ONCE, size)
    random.shuffle(order)
    return [batch([examples[place] for place in row]) for row in order.tolist()]


def batch(examples: Sequence[Example]) -> Batch:
    """Put number images into one array, each in the middle of its row."""
    width = max(ink.shape[1] for ink, _ in examples)
    result = np.zeros((len(examples), 1, ROWS, width + width % 2), np.uint8)
    for frame, (ink, _) in zip(result[:, 0], examples, strict=True):
        left = (frame.shape[1] - ink.shape[1]) // 2
        frame[:, left : left + ink.shape[1]] = ink
    digits = np.array([int(digit) for _, text in examples for digit in text], np.int64)
    return Batch(result, digits, np.array([len(text) for _, text in examples], np.int64))


def _examples(sources: Sources, wanted: int, random: np.random.Generator) -> Iterator[Example]:
    glyphs = _glyphs(sources.digits, random)
    negatives = [make(_NEGATIVES, random) for make in KINDS.values()]
    for kind in random.random(wanted).tolist():
        if kind < REAL and sources.real:
            yield sources.real[random.integers(len(sources.real))]
        elif kind < REAL + CUT_OUT and all(sources.columns):
            yield _in_new_order(sources.columns, glyphs, random)
        elif kind > 1 - NO_NUMBER:
            yield on_paper(_no_number(negatives, random), random), ""
        else:
            digits = random_digits(random)
            yield on_paper(amount(digits, glyphs, random), random), "".join(map(str, digits))


def _glyphs(digits: Split, random: np.random.Generator) -> list[list[Images]]:
    """Distort digits of MNIST and crop them to their ink, by class."""
    chosen = random.choice(len(digits), min(_DIGITS, len(digits)), replace=False)
    images = _DISTORTION(digits.images[chosen], random)
    result: list[list[Images]] = [[] for _ in range(10)]
    for image, label in zip(images, digits.labels[chosen].tolist(), strict=True):
        if (glyph := cut_to_ink(image)) is not None:
            result[label].append(glyph)
    return result


def _in_new_order(
    columns: list[list[Images]], glyphs: list[list[Images]], random: np.random.Generator
) -> Example:
    """Join digits of real fields in a new order, with some digits of MNIST among them."""
    digits = random_digits(random)
    gap = random_gap(random) * 0.8 - 0.5  # the crops contain some paper around the digits
    parts: list[Part] = []
    for digit in digits:
        if random.random() < _OF_MNIST:
            glyph = glyphs[digit][random.integers(len(glyphs[digit]))]
            scale, bottom = random.uniform(0.8, 1.1), BASELINE + random.normal(0, 1)
            image = on_line(glyph, scale, bottom, random)
        else:
            cut = columns[digit][random.integers(len(columns[digit]))]
            image = np.roll(cut, round(random.normal(0, 0.8)), axis=0)
        parts.append((image, gap + random.normal(0, 1)))
    field = join(with_separators(parts, gap, random), random, strokes_touch=gap < 0)
    return field, "".join(map(str, digits))


def _no_number(negatives: list[Images], random: np.random.Generator) -> Images:
    """Join negatives in a row, most often of one kind."""
    kind = negatives[random.integers(len(negatives))]
    parts: list[Part] = []
    for _ in range(random.integers(1, 7)):
        images = kind if random.random() < 0.8 else negatives[random.integers(len(negatives))]
        image = np.zeros((ROWS, images.shape[2]), np.uint8)
        image[2:-2] = images[random.integers(len(images))]
        inked = np.flatnonzero(image.any(axis=0))
        if len(inked):
            image = image[:, inked[0] : inked[-1] + 1]
        parts.append((image, random.uniform(-2, 4)))
    return join(parts, random)
