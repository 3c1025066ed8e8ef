"""Numbers written by hand, put together from single digits: what a reader of numbers learns from.

All is ink on nothing, uint8 ``[ROWS, width]``, the bottom of the digits at row 26: a field as
`lenet.pictures.field` makes it of a picture.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.types import Images
from lenet.synthesis.separators import LINE, ROWS, separator

_AROUND = "..,,--==~~/#*$"  # signs, as often as that
_LENGTHS = (0.06, 0.10, 0.14, 0.20, 0.22, 0.15, 0.07, 0.04, 0.02)  # of 1, 2, ... digits
_FAINT = 40  # of 255: less is the rim of a stroke
_DARK = 100  # of 255: where strokes meet

Part = tuple[Images, float]
"""Some columns, and the gap behind them in pixels, negative where the next overlaps."""


def number(random: np.random.Generator) -> list[int]:
    """Draw the digits of an amount: many end in zeros, some repeat one digit."""
    count = 1 + int(random.choice(len(_LENGTHS), p=_LENGTHS))
    digits: list[int] = random.integers(0, 10, count).tolist()
    if count > 2 and random.random() < 0.4:
        zeros = int(random.integers(1, count))
        return digits[:zeros] + [0] * (count - zeros)
    if random.random() < 0.15:
        return digits[:1] * count
    return digits


def amount(
    digits: Sequence[int], glyphs: Sequence[Sequence[Images]], random: np.random.Generator
) -> Images:
    """Write a number with digits of many shapes, of one size and slant of line.

    Parameters
    ----------
    glyphs
        For each of the ten digits the shapes to choose from, cut to their ink.
    """
    size = np.exp(random.uniform(-0.12, 0.12))
    gap = spacing(random)
    drift = 0.0
    parts: list[Part] = []
    for digit in digits:
        glyph = glyphs[digit][int(random.integers(len(glyphs[digit])))]
        drift += random.normal(0, 0.5)
        small = digit == 0 and random.random() < 0.25
        tall = size * (random.uniform(0.55, 0.9) if small else random.uniform(0.88, 1.1))
        hangs = random.integers(1, 5) if digit in (4, 7, 9) and random.random() < 0.2 else 0
        bottom = LINE + drift + random.normal(0, 0.7) + hangs
        parts.append((standing(glyph, tall, bottom, random), gap + random.normal(0, 1.2)))
    return laid(with_separators(parts, gap, random), random, strokes_touch=gap < 0)


def spacing(random: np.random.Generator) -> float:
    """Draw how far digits stand apart: they touch, stand close or wide."""
    low, high = ((-2.5, 1.0), (0.0, 4.0), (3.0, 9.0))[random.choice(3, p=(0.3, 0.5, 0.2))]
    return float(random.uniform(low, high))


def with_separators(parts: list[Part], gap: float, random: np.random.Generator) -> list[Part]:
    """Put a point behind thousands, signs before and behind the number, now and then one within."""
    result: list[Part] = []
    if random.random() < 0.06:
        result.append((separator("$#*="[random.integers(4)], random), random.uniform(1, 6)))
    thousands = random.random() < 0.4
    for place, part in enumerate(parts):
        result.append(part)
        left = len(parts) - 1 - place
        if left and thousands and left % 3 == 0:
            result.append((separator(".,."[random.integers(3)], random), gap))
        elif left and random.random() < 0.03:
            result.append((_any_separator(random), gap))
    if random.random() < 0.4:
        for _ in range(random.integers(1, 3)):
            result.append((_any_separator(random), random.uniform(0, 6)))
    return result


def laid(parts: Sequence[Part], random: np.random.Generator, strokes_touch: bool = False) -> Images:
    """Put columns beside each other, with some room before and behind; ink hides nothing.

    Parameters
    ----------
    strokes_touch
        The gaps lie between strokes, not between columns: a digit slips under the overhang of the
        one before, as in slanting writing.
    """
    place = random.uniform(2, 16)
    places: list[int] = []
    before: Images | None = None
    for columns, gap in parts:
        if strokes_touch and before is not None:
            place -= _room(before, columns)
        places.append(max(round(place), 0))
        place = places[-1] + columns.shape[1] + gap
        before = columns
    end = max(at + part.shape[1] for at, (part, _) in zip(places, parts, strict=True))
    field = np.zeros((ROWS, end + round(random.uniform(2, 16))), np.uint8)
    for at, (columns, _) in zip(places, parts, strict=True):
        under = field[:, at : at + columns.shape[1]]
        np.maximum(under, columns, out=under)
    return field


def _room(before: Images, behind: Images) -> int:
    """Return how much nearer columns can come until strokes meet: half of the narrower at most."""
    left, right = _free(before[:, ::-1]), _free(behind)
    # Strokes meet across neighbouring rows; that the last row rolls up to the first does no harm.
    near = np.minimum(left, np.minimum(np.roll(left, 1), np.roll(left, -1)))
    return min(int((near + right).min()), min(before.shape[1], behind.shape[1]) // 2)


def _free(columns: Images) -> NDArray[np.int64]:
    """Return how many columns lie before each row's first stroke, all where it has none."""
    dark = columns > _DARK
    free = dark.argmax(axis=1)
    free[~dark.any(axis=1)] = columns.shape[1]
    return free


def _any_separator(random: np.random.Generator) -> Images:
    return separator(_AROUND[random.integers(len(_AROUND))], random)


def cut_to_ink(image: Images) -> Images | None:
    """Return the part of an image that has ink, None if there is none."""
    inked = image > _FAINT
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def standing(glyph: Images, tall: float, bottom: float, random: np.random.Generator) -> Images:
    """Scale a digit and stand it on a line: uint8 ``[ROWS, width]``."""
    height, width = glyph.shape
    rows = min(max(round(height * tall), 6), ROWS - 2)
    columns = max(round(width * rows / height * random.uniform(0.85, 1.15)), 2)
    result = np.zeros((ROWS, columns), np.uint8)
    top = min(max(round(bottom - rows), 0), ROWS - rows)
    result[top : top + rows] = _resized(glyph, rows, columns)
    return result


def _resized(glyph: Images, rows: int, columns: int) -> Images:
    """Interpolate linearly; for sizes near the glyph's own, some ten times as fast as Pillow."""
    down, across = _weights(glyph.shape[0], rows), _weights(glyph.shape[1], columns)
    mixed = down @ glyph.astype(np.float32) @ across.T
    return mixed.astype(np.uint8)


def _weights(old: int, new: int) -> NDArray[np.float32]:
    """Return what share each of `old` pixels has in each of `new`: float32 ``[new, old]``."""
    middles = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.maximum(1 - np.abs(middles[:, None] - np.arange(old)), 0).astype(np.float32)
