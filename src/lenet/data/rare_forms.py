"""Digits in forms that MNIST hardly has: fives like a root, sevens like a plus, nines like a P.

MNIST was written in the United States. Elsewhere hands have other forms, which a network takes for
other digits, or for none, if it has not seen enough of them.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lenet.data.drawing import DRAWN, SIDE, framed, stroke
from lenet.data.split import Images, Labels

_TALL = 57  # of the `DRAWN` pixels
_PENS = (5, 10)  # pixels
_SHAKE = 0.055  # standard deviation of each point, in the form's height
_ROUNDED = 0.35  # of straight strokes go through their corners in a curve

_Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Form:
    """A digit as a pen writes it, within a square of side 1: x to the right, y down.

    Parameters
    ----------
    often
        How often it is drawn, beside others.
    wide
        Its width by its height.
    straight, curved
        The corners of strokes.
    """

    digit: int
    often: int
    wide: float
    straight: tuple[_Points, ...] = ()
    curved: tuple[_Points, ...] = ()


_FORMS = (
    # Roots: a hook, down, up, a bar.
    _Form(5, 3, 0.75, (((0, 0.62), (0.12, 0.52), (0.3, 1), (0.48, 0.04), (1.05, 0)),)),
    _Form(5, 3, 0.7, (((0, 0.35), (0.1, 0.3), (0.28, 1), (0.42, 0.08), (1, 0.05)),)),
    _Form(5, 2, 0.6, (((0.05, 0.3), (0.3, 1), (0.5, 0.1), (0.75, 0), (1.1, 0.12)),)),
    # An r.
    _Form(
        5, 1, 0.55,
        (((0, 0.1), (0.2, 0.05), (0.25, 1), (0.3, 0.5)),),
        (((0.27, 0.55), (0.45, 0.2), (0.75, 0.08), (1, 0.15)),),
    ),
    # The bar written last, and away from the rest.
    _Form(
        5, 1, 0.6,
        (((0.3, 0.05), (1.1, -0.05)),),
        (((0.3, 0.05), (0.2, 0.4), (0.6, 0.42), (0.7, 0.75), (0.3, 1), (0, 0.95)),),
    ),
    # A plus; with a head; a seven with a long bar, its top straight or waved.
    _Form(7, 3, 0.75, (((0.5, 0), (0.48, 1)), ((0, 0.5), (1, 0.46)))),
    _Form(
        7, 3, 0.7,
        (((0, 0.55), (1.05, 0.5)),),
        (((0.1, 0.2), (0.3, 0.02), (0.6, 0), (0.58, 0.4), (0.5, 1)),),
    ),
    _Form(7, 2, 0.75, (((0.05, 0.12), (0.08, 0), (0.75, 0.03), (0.4, 1)), ((0.1, 0.55), (1, 0.5)))),
    _Form(
        7, 2, 0.8,
        (((0.15, 0.5), (0.95, 0.5)),),
        (((0.05, 0.15), (0.25, 0), (0.55, 0.15), (0.8, 0.02), (0.55, 0.5), (0.4, 1)),),
    ),
    # A P, in two strokes and in one; a Q; an a; an e; a loop that ends in another.
    _Form(
        9, 3, 0.5,
        (((0.2, 1), (0.3, 0.08)),),
        (((0.25, 0.1), (0.6, -0.03), (0.95, 0.15), (0.75, 0.42), (0.3, 0.5)),),
    ),
    _Form(
        9, 2, 0.55, (),
        (((0.15, 1), (0.3, 0.6), (0.5, 0.1), (0.8, 0.02), (0.85, 0.3), (0.55, 0.5), (0.2, 0.5)),),
    ),
    _Form(
        9, 2, 0.8,
        (((0.55, 0.5), (1.05, 1)),),
        ((
            (0.75, 0.1), (0.35, 0), (0.02, 0.3), (0.25, 0.68), (0.7, 0.62), (0.85, 0.3),
            (0.7, 0.08),
        ),),
    ),
    _Form(
        9, 2, 0.6, (),
        ((
            (0.8, 0.15), (0.4, 0), (0.08, 0.25), (0.35, 0.5), (0.75, 0.25), (0.85, 0.1),
            (0.75, 0.6), (0.95, 1),
        ),),
    ),
    _Form(
        9, 2, 0.6, (),
        ((
            (0.15, 0.45), (0.7, 0.35), (0.85, 0.12), (0.5, 0), (0.2, 0.2), (0.22, 0.65),
            (0.5, 0.97), (0.9, 0.85),
        ),),
    ),
    _Form(
        9, 1, 0.6, (),
        ((
            (0.1, 0.3), (0.5, 0.45), (0.9, 0.2), (0.6, 0), (0.2, 0.15), (0.3, 0.6), (0.75, 0.8),
            (0.5, 1), (0.1, 0.95),
        ),),
    ),
    # Like lightning; an h; a bar and a stroke beside it; a y.
    _Form(4, 3, 0.65, (((0.3, 0), (0.05, 0.6), (0.75, 0.52), (0.65, 1)),)),
    _Form(4, 2, 0.6, (((0.45, 0), (0.08, 0.5), (0.75, 0.42), (0.5, 1)),)),
    _Form(
        4, 2, 0.6,
        (((0.15, 0), (0.1, 0.95)),),
        (((0.12, 0.6), (0.45, 0.42), (0.75, 0.55), (0.75, 1)),),
    ),
    _Form(4, 2, 0.65, (((0.2, 0), (0.05, 0.5), (0.85, 0.5)), ((0.75, 0.25), (0.6, 1)))),
    _Form(
        4, 2, 0.7,
        (((0.8, 0), (0.7, 1)),),
        (((0.05, 0.05), (0.08, 0.45), (0.4, 0.55), (0.75, 0.3), (0.8, 0)),),
    ),
    # A caret, its upstroke short or as long as the stem; a flag and a foot; a loop.
    _Form(1, 3, 0.45, (((0, 0.6), (0.7, 0), (0.8, 1)),)),
    _Form(1, 3, 0.55, (((0, 0.95), (0.7, 0), (0.75, 1)),)),
    _Form(1, 2, 0.5, (((0, 0.35), (0.6, 0), (0.55, 1)), ((0.05, 1), (1.1, 0.98)))),
    _Form(1, 2, 0.5, (), (((0, 0.95), (0.6, 0.4), (0.75, 0.02), (0.5, 0.1), (0.4, 1)),)),
    # A three with a flat top, a two with a loop, a nought with a tail, an open eight, a bare six.
    _Form(
        3, 2, 0.65,
        (((0.05, 0.03), (0.85, 0), (0.35, 0.42)),),
        (((0.35, 0.42), (0.9, 0.55), (0.8, 0.95), (0, 0.95)),),
    ),
    _Form(
        2, 2, 0.75, (),
        ((
            (0.1, 0.25), (0.4, 0), (0.8, 0.2), (0.5, 0.6), (0.15, 0.95), (0.1, 0.75), (0.35, 0.75),
            (0.6, 1), (1.05, 0.85),
        ),),
    ),
    _Form(
        0, 1, 0.75, (),
        ((
            (0.6, 0.05), (0.2, 0.15), (0.05, 0.6), (0.4, 1), (0.85, 0.7), (0.8, 0.2), (0.5, 0.05),
            (0.75, 0.15), (1.15, 0.05),
        ),),
    ),
    _Form(
        8, 2, 0.6, (),
        ((
            (0.9, 0.08), (0.5, 0), (0.15, 0.2), (0.5, 0.48), (0.85, 0.75), (0.45, 1), (0.1, 0.75),
            (0.5, 0.45), (0.95, 0.1),
        ),),
    ),
    _Form(
        6, 1, 0.6, (),
        (((0.75, 0), (0.3, 0.3), (0.1, 0.75), (0.5, 1), (0.8, 0.75), (0.5, 0.55), (0.15, 0.7)),),
    ),
)  # fmt: skip


def drawn(count: int, random: np.random.Generator) -> tuple[Images, Labels]:
    """Draw digits, each with a hand of its own.

    Returns
    -------
    uint8 ``[count, 28, 28]``, framed as MNIST's digits are, and int64 ``[count]``.
    """
    often = np.array([form.often for form in _FORMS], np.float64)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    labels = np.empty(count, np.int64)
    places: list[int] = random.choice(len(_FORMS), count, p=often / often.sum()).tolist()
    for row, place in enumerate(places):
        images[row] = _one(_FORMS[place], random)
        labels[row] = _FORMS[place].digit
    return images, labels


def _one(form: _Form, random: np.random.Generator) -> Images:
    image = Image.new("L", (DRAWN, DRAWN))
    draw = ImageDraw.Draw(image)
    pen = int(random.integers(*_PENS))
    wide = form.wide * np.exp(random.normal(0, 0.18))
    slant = random.normal(0.05, 0.15)

    def placed(points: _Points) -> NDArray[np.float64]:
        shaken = np.array(points) + random.normal(0, _SHAKE, (len(points), 2))
        x, y = (shaken - 0.5).T
        return DRAWN / 2 + _TALL * np.stack([wide * x - slant * y, y], axis=1)

    for points in form.straight:
        corners = placed(points)
        if random.random() < _ROUNDED:
            stroke(draw, corners, pen)
        else:
            for ends in pairwise(corners):
                stroke(draw, np.stack(ends), pen)
    for points in form.curved:
        stroke(draw, placed(points), pen)
    return framed(image)
