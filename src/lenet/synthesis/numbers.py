"""Composes synthetic handwritten numbers of single digits, to train a reader of numbers.

All images are like the ink of a `lenet.pictures.field.Field`: uint8 ``[ROWS, width]``, 0 where
there is no ink. The bottom of the digits is at row 26.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.pictures.components import cropped
from lenet.pictures.types import Images
from lenet.synthesis.separators import BASELINE, ROWS, separator

_SIGNS = "..,,--==~~/#*$"  # a repeated sign is chosen more often
# Probabilities of 1, 2, ... digits.
_LENGTHS = (0.06, 0.10, 0.14, 0.20, 0.22, 0.15, 0.07, 0.04, 0.02)
_FAINT = 40  # of 255; fainter pixels are the edge of a stroke
_DARK = 100  # of 255; darker pixels count when two strokes must not overlap

Part = tuple[Images, float]
"""An image, and the gap after it in pixels; a negative gap makes the next image overlap."""


def random_digits(random: np.random.Generator) -> list[int]:
    """Return the digits of a random amount, one to nine of them.

    Many amounts end in zeros, and some repeat one digit.
    """
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
    """Return an image of a number: random shapes of its digits, of similar size, and separators.

    Parameters
    ----------
    glyphs
        For each of the ten digits, the images to choose from, cropped to their ink.

    Examples
    --------
    >>> glyphs = [[np.full((20, 12), 255, np.uint8)] for _ in range(10)]
    >>> amount([1, 2, 0], glyphs, np.random.default_rng(0)).shape
    (32, 49)
    """
    size = np.exp(random.uniform(-0.12, 0.12))
    gap = random_gap(random)
    drift = 0.0
    parts: list[Part] = []
    for digit in digits:
        glyph = glyphs[digit][int(random.integers(len(glyphs[digit])))]
        drift += random.normal(0, 0.5)
        small = digit == 0 and random.random() < 0.25
        scale = size * (random.uniform(0.55, 0.9) if small else random.uniform(0.88, 1.1))
        hangs = random.integers(1, 5) if digit in (4, 7, 9) and random.random() < 0.2 else 0
        bottom = BASELINE + drift + random.normal(0, 0.7) + hangs
        parts.append((on_line(glyph, scale, bottom, random), gap + random.normal(0, 1.2)))
    return join(with_separators(parts, gap, random), random, strokes_touch=gap < 0)


def random_gap(random: np.random.Generator) -> float:
    """Return a random gap between digits in pixels: they overlap, are close, or are far apart."""
    low, high = ((-2.5, 1.0), (0.0, 4.0), (3.0, 9.0))[random.choice(3, p=(0.3, 0.5, 0.2))]
    return float(random.uniform(low, high))


def with_separators(parts: list[Part], gap: float, random: np.random.Generator) -> list[Part]:
    """Insert signs at random: after thousands, before and after the number, rarely inside.

    A sign inside the number is followed by the gap `gap`, in pixels.
    """
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
            result.append((_random_separator(random), gap))
    if random.random() < 0.4:
        for _ in range(random.integers(1, 3)):
            result.append((_random_separator(random), random.uniform(0, 6)))
    return result


def _random_separator(random: np.random.Generator) -> Images:
    return separator(_SIGNS[random.integers(len(_SIGNS))], random)


def join(parts: Sequence[Part], random: np.random.Generator, strokes_touch: bool = False) -> Images:
    """Join images from left to right, with a random margin; where they overlap, the maximum counts.

    Parameters
    ----------
    strokes_touch
        True measures gaps between strokes instead of between images: a digit moves under the
        overhang of the digit before it, as in slanting handwriting.
    """
    place = random.uniform(2, 16)
    places: list[int] = []
    before: Images | None = None
    for image, gap in parts:
        if strokes_touch and before is not None:
            place -= _free_between(before, image)
        places.append(max(round(place), 0))
        place = places[-1] + image.shape[1] + gap
        before = image
    end = max(at + part.shape[1] for at, (part, _) in zip(places, parts, strict=True))
    field = np.zeros((ROWS, end + round(random.uniform(2, 16))), np.uint8)
    for at, (image, _) in zip(places, parts, strict=True):
        under = field[:, at : at + image.shape[1]]
        np.maximum(under, image, out=under)
    return field


def _free_between(before: Images, after: Images) -> int:
    """Return the columns between the strokes of two images, at most half of the narrower image."""
    left, right = _free_columns(before[:, ::-1]), _free_columns(after)
    # Strokes also meet across neighbouring rows. `roll` joins the first and the last row, where
    # there is hardly any ink.
    near = np.minimum(left, np.minimum(np.roll(left, 1), np.roll(left, -1)))
    return min(int((near + right).min()), min(before.shape[1], after.shape[1]) // 2)


def _free_columns(image: Images) -> NDArray[np.int64]:
    """Count the columns before the first stroke of each row: int64 ``[ROWS]``."""
    dark = image > _DARK
    free = dark.argmax(axis=1)
    free[~dark.any(axis=1)] = image.shape[1]
    return free


def cut_to_ink(image: Images) -> Images | None:
    """Crop an image to its ink; None if there is no ink."""
    part = cropped(image, image > _FAINT)
    return part if part.size else None


def on_line(glyph: Images, scale: float, bottom: float, random: np.random.Generator) -> Images:
    """Scale a digit by `scale`; put its bottom at row `bottom`: uint8 ``[ROWS, width]``.

    The width varies at random by 15%. The interpolation is linear. Near a scale of 1 it is about
    ten times as fast as Pillow.
    """
    height, width = glyph.shape
    rows = min(max(round(height * scale), 6), ROWS - 2)
    columns = max(round(width * rows / height * random.uniform(0.85, 1.15)), 2)
    top = min(max(round(bottom - rows), 0), ROWS - rows)
    result = np.zeros((ROWS, columns), np.uint8)
    mixed = _weights(height, rows) @ glyph.astype(np.float32) @ _weights(width, columns).T
    result[top : top + rows] = mixed.astype(np.uint8)
    return result


def _weights(old: int, new: int) -> NDArray[np.float32]:
    """Return the weight of each of `old` pixels in each of `new`: float32 ``[new, old]``."""
    middles = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.maximum(1 - np.abs(middles[:, None] - np.arange(old)), 0).astype(np.float32)
