"""What a reader of numbers learns from: fields of real cheques, and fields put together.

Four kinds, in shares: whole fields of real cheques; digits cut out of those, in a new order; digits
of MNIST on paper; and what is no number at all, where nothing is to be read.
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
from lenet.pictures.field import Field, field_of
from lenet.pictures.image import read_image
from lenet.pictures.types import Images
from lenet.synthesis.distort import Distortion
from lenet.synthesis.negatives import KINDS
from lenet.synthesis.numbers import (
    Part,
    amount,
    cut_to_ink,
    laid,
    number,
    spacing,
    standing,
    with_separators,
)
from lenet.synthesis.paper import on_paper
from lenet.synthesis.separators import LINE, ROWS

REAL, CUT_OUT, NO_NUMBER = 0.33, 0.3, 0.07
"""Shares of the kinds; the rest is MNIST's digits."""

AT_ONCE = 40
"""Batches that are made together, each of fields of like width."""

_AHEAD = 3
_DIGITS = 12_000  # of MNIST, distorted anew each time
_FOREIGN = 60  # images of each kind
_OF_MNIST = 0.3  # of the digits of such fields
_CLEAR = 1.5  # pixels that neighbouring boxes may overlap, for a digit to be cut out
_HANDS = Distortion(
    shift=0, scale=0.1, squeeze=0.12, shear=0.15, rotation=6, elastic=1, blur=0.5, thickness=0.5
)

Example = tuple[Images, str]
"""A field's ink and what is to be read in it."""


@dataclass(frozen=True)
class Batch:
    """Fields of one width.

    Parameters
    ----------
    ink
        uint8 ``[N, 1, ROWS, width]``, the width even.
    digits, lengths
        int64: the digits of all, one field after another; and how many are each field's.
    """

    ink: NDArray[np.uint8]
    digits: NDArray[np.int64]
    lengths: NDArray[np.int64]


@dataclass(frozen=True)
class Sources:
    """What fields are made from.

    Parameters
    ----------
    real
        Whole fields.
    columns
        For each of the ten digits what was cut out of real fields: uint8 ``[ROWS, width]``.
    digits
        Single digits, as MNIST has them.
    sha256
        Of the cheques, by which others are noticed.
    """

    real: list[Example]
    columns: list[list[Images]]
    digits: Split
    sha256: str


def sources(cheques: Sequence[Cheque], digits: Split) -> Sources:
    """Read cheques, and cut out the digits that stand clear of their neighbours."""
    real: list[Example] = []
    columns: list[list[Images]] = [[] for _ in range(10)]
    for cheque in cheques:
        field = field_of(read_image(cheque.path))
        if field is None:
            continue
        real.append((field.ink, cheque.digits))
        for digit, cut in zip(cheque.digits, _cut_out(cheque, field), strict=True):
            if cut is not None:
                columns[int(digit)].append(cut)
    return Sources(real, columns, digits, digest(cheques))


def _cut_out(cheque: Cheque, field: Field) -> Iterator[Images | None]:
    spans = [
        ((x - field.corner[0]) * field.scale, (x + width - field.corner[0]) * field.scale)
        for x, _, width, _ in cheque.boxes
    ]
    for place, (left, right) in enumerate(spans):
        before = spans[place - 1][1] if place else left - 3
        behind = spans[place + 1][0] if place + 1 < len(spans) else right + 3
        first = max(int(max(before, left - 2)), 0)
        last = min(int(np.ceil(min(behind, right + 2))), field.ink.shape[1])
        clear = before <= left + _CLEAR and behind >= right - _CLEAR and last - first >= 3
        yield field.ink[:, first:last] if clear else None


def batches(
    made_from: Sources, size: int, seed: int, first: int = 0, workers: int = 1
) -> Iterator[Batch]:
    """Yield batches without end, always alike for a seed; other processes make them ahead.

    Parameters
    ----------
    first
        How many times `AT_ONCE` batches to leave out.
    """
    # Spawned: a fork would copy the threads' locks of whatever library has started some.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _remember, (made_from,))
    try:
        jobs: list[Future[list[Batch]]] = []
        for chunk in count(first):
            jobs.append(pool.submit(_made, size, seed, chunk))
            if len(jobs) > _AHEAD:
                yield from jobs.pop(0).result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_remembered: list[Sources] = []


def _remember(made_from: Sources) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it reaches the command too, which ends all
    _remembered[:] = [made_from]


def _made(size: int, seed: int, chunk: int) -> list[Batch]:
    random = np.random.default_rng([seed, chunk])
    examples = list(_examples(_remembered[0], size * AT_ONCE, random))
    widths = [ink.shape[1] + random.uniform(0, 25) for ink, _ in examples]
    order = np.argsort(widths).reshape(AT_ONCE, size)
    random.shuffle(order)
    return [batch([examples[place] for place in row]) for row in order.tolist()]


def batch(examples: Sequence[Example]) -> Batch:
    """Put fields into one array, each into the middle."""
    width = max(ink.shape[1] for ink, _ in examples)
    result = np.zeros((len(examples), 1, ROWS, width + width % 2), np.uint8)
    for frame, (ink, _) in zip(result[:, 0], examples, strict=True):
        left = (frame.shape[1] - ink.shape[1]) // 2
        frame[:, left : left + ink.shape[1]] = ink
    digits = np.array([int(digit) for _, text in examples for digit in text], np.int64)
    return Batch(result, digits, np.array([len(text) for _, text in examples], np.int64))


def _examples(made_from: Sources, wanted: int, random: np.random.Generator) -> Iterator[Example]:
    glyphs = _glyphs(made_from.digits, random)
    foreign = [make(_FOREIGN, random) for make in KINDS.values()]
    for kind in random.random(wanted).tolist():
        if kind < REAL and made_from.real:
            yield made_from.real[random.integers(len(made_from.real))]
        elif kind < REAL + CUT_OUT and all(made_from.columns):
            yield _in_new_order(made_from.columns, glyphs, random)
        elif kind > 1 - NO_NUMBER:
            yield on_paper(_no_number(foreign, random), random), ""
        else:
            digits = number(random)
            yield on_paper(amount(digits, glyphs, random), random), "".join(map(str, digits))


def _glyphs(digits: Split, random: np.random.Generator) -> list[list[Images]]:
    chosen = random.choice(len(digits), min(_DIGITS, len(digits)), replace=False)
    result: list[list[Images]] = [[] for _ in range(10)]
    for image, label in zip(
        _HANDS(digits.images[chosen], random), digits.labels[chosen].tolist(), strict=True
    ):
        glyph = cut_to_ink(image)
        if glyph is not None:
            result[label].append(glyph)
    return result


def _in_new_order(
    columns: list[list[Images]], glyphs: list[list[Images]], random: np.random.Generator
) -> Example:
    """Put digits of real fields into a new order, now and then one of MNIST's among them."""
    digits = number(random)
    gap = spacing(random) * 0.8 - 0.5  # what was cut out has some paper around it
    parts: list[Part] = []
    for digit in digits:
        if random.random() < _OF_MNIST:
            glyph = glyphs[digit][random.integers(len(glyphs[digit]))]
            moved = standing(glyph, random.uniform(0.8, 1.1), LINE + random.normal(0, 1), random)
        else:
            cut = columns[digit][random.integers(len(columns[digit]))]
            moved = np.roll(cut, round(random.normal(0, 0.8)), axis=0)
        parts.append((moved, gap + random.normal(0, 1)))
    field = laid(with_separators(parts, gap, random), random, strokes_touch=gap < 0)
    return field, "".join(map(str, digits))


def _no_number(foreign: list[Images], random: np.random.Generator) -> Images:
    """Put pictures of no digit in a row, most often of one kind."""
    kind = foreign[random.integers(len(foreign))]
    parts: list[Part] = []
    for _ in range(random.integers(1, 7)):
        images = kind if random.random() < 0.8 else foreign[random.integers(len(foreign))]
        columns = np.zeros((ROWS, images.shape[2]), np.uint8)
        columns[2:-2] = images[random.integers(len(images))]
        inked = np.flatnonzero(columns.any(axis=0))
        if len(inked):
            columns = columns[:, inked[0] : inked[-1] + 1]
        parts.append((columns, random.uniform(-2, 4)))
    return laid(parts, random)
