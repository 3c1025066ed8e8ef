"""A field: the picture of a number, made upright, of one height, ink on nothing.

The height of the whole field is normalised, not that of each character: "an enlarged stray mark can
look like a genuine 1" (Proc. IEEE 86(11), 1998, page 16).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from lenet.pictures.components import Mask, components
from lenet.pictures.image import to_grey
from lenet.pictures.ink import Plane, ink_of, parting
from lenet.pictures.ruled_lines import without_lines
from lenet.pictures.types import Images

HEIGHT = 32
"""Rows of a field, as LeNet-5's input."""

WRITTEN = 20
"""How high digits are made, as in MNIST."""

_SEARCHED = (32, 160)  # rows of the picture in which writing is looked for
_LONGEST = 1000  # columns of a field, for some fifty digits; what is longer is no number
_LEAST_INK = 0.06  # share of the paper's light that the faintest pencil takes
_LEAST_CONTRAST = 8  # grey levels
_LIGHT = 0.9  # light ink is rarer
_MARGIN = 0.4  # of the writing's height, left and right of it
_STEEPEST = 0.25  # rise by run that a field is turned back from
_LEVEL = 0.03  # what rises less stays as it is


@dataclass(frozen=True)
class Field:
    """A number's picture, ready to be read.

    Parameters
    ----------
    ink
        uint8 ``[HEIGHT, width]``, 0 where there is none.
    corner, scale, slope
        Where it was cut out: the pixel at column x and row y of the field was at
        ``left + x / scale`` and ``top + y / scale + slope * x / scale`` of the picture.
    """

    ink: Images
    corner: tuple[float, float]
    scale: float
    slope: float


def field_of(image: Images) -> Field | None:
    """Find the writing in a picture and bring it to a field; None where there is no ink.

    Parameters
    ----------
    image
        uint8 ``[height, width]`` or ``[height, width, 3]``.
    """
    picture = Image.fromarray(to_grey(image))
    height = min(max(picture.height, _SEARCHED[0]), _SEARCHED[1])
    zoom = height / picture.height
    small = picture.resize(
        (min(max(round(picture.width * zoom), 1), 8 * _LONGEST), height),
        Image.Resampling.BICUBIC,
        reducing_gap=2,
    )
    found = max((_inked(small, light) for light in (False, True)), key=lambda one: one[0])
    strength, ink, mask = found
    mask = _without_specks(without_lines(mask))
    if strength <= 0 or not mask.any():
        return None
    return _cut(_measured(ink, mask), zoom)


def _inked(small: Image.Image, light: bool) -> tuple[float, Plane, Mask]:
    """Return how clearly there is ink of one side, how much at each pixel, and where."""
    soft = small.filter(ImageFilter.GaussianBlur(0.7 * max(1.0, small.height / 64)))
    widest = min(max(0.25 * small.height / max(small.size), 0.03), 0.4)
    ink, contrast = ink_of(ImageOps.invert(soft) if light else soft, widest)
    darkest = float(np.percentile(ink, 99.5))
    if darkest < _LEAST_INK or float(np.percentile(contrast, 99.5)) < _LEAST_CONTRAST:
        return 0.0, ink, np.zeros(ink.shape, np.bool_)
    mask = ink > max(0.35 * darkest, parting(ink))
    if not mask.any():
        return 0.0, ink, mask
    # Against all around and not what lies nearest: the paper within a ring is no light ink.
    around = np.asarray(soft.filter(ImageFilter.BoxBlur(small.height / 2)), np.float32)
    apart = around - np.asarray(soft, np.float32)
    strength = float((-apart if light else apart)[mask].mean())
    return strength * (_LIGHT if light else 1.0), ink, mask


def _without_specks(mask: Mask) -> Mask:
    parts = components(mask)
    if not len(parts):
        return mask
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    tallest = int(extent[:, 0].max())
    return parts.mask((extent.max(axis=1) >= 0.25 * tallest) & (parts.areas >= 6))


@dataclass(frozen=True)
class _Writing:
    """Ink from 0 to 1, and where it lies: its slope, and its middle row, height and ends in pixels.

    The middle is that of the line of writing where it crosses column 0.
    """

    shade: Image.Image
    slope: float
    middle: float
    height: float
    left: float
    right: float


def _measured(ink: Plane, mask: Mask) -> _Writing:
    rows, columns = np.nonzero(mask)
    slope = _slope(rows, columns)
    level = rows - slope * columns
    top, bottom = (float(one) for one in np.percentile(level, (2, 98)))
    full = float(np.percentile(ink[mask], 70))
    return _Writing(
        Image.fromarray(np.clip(ink / full, 0, 1).astype(np.float32)),
        slope,
        (top + bottom) / 2,
        max((bottom - top) * 1.04, 4.0),
        float(columns.min()),
        float(columns.max()),
    )


def _cut(writing: _Writing, zoom: float) -> Field:
    shade, slope = writing.shade, writing.slope
    scale = WRITTEN / writing.height
    left = writing.left - _MARGIN * writing.height
    right = writing.right + _MARGIN * writing.height
    upper = writing.middle - HEIGHT / 2 / scale
    width = min(max(round((right - left) * scale), HEIGHT), _LONGEST)
    # Each pixel of the field is the mean of the pixels it covers: first make the picture small.
    less = min(scale, 1.0)
    near = shade.resize(
        (max(round(shade.width * less), 1), max(round(shade.height * less), 1)),
        Image.Resampling.BICUBIC,
    )
    fx, fy = near.width / shade.width, near.height / shade.height
    back = (
        fx / scale, 0.0, fx * left,
        fy * slope / scale, fy / scale, fy * (upper + slope * left),
    )  # fmt: skip
    cut = near.transform((width, HEIGHT), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
    pixels = np.round(np.clip(np.asarray(cut, np.float32), 0, 1) * 255).astype(np.uint8)
    corner = (left / zoom, (upper + slope * left) / zoom)
    return Field(pixels, corner, scale * zoom, slope)


def _slope(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float:
    """Return the rise by run of a line of writing, 0 for a short one."""
    spread = float(np.percentile(rows, 95) - np.percentile(rows, 5))
    width = columns.max() - columns.min()
    pieces = int(width / max(spread * 0.7, 8))
    if pieces < 3:
        return 0.0
    piece = ((columns - columns.min()) * pieces // (width + 1)).astype(np.int64)
    counts = np.bincount(piece, minlength=pieces)
    along = np.bincount(piece, columns, pieces) / np.maximum(counts, 1)
    middle = np.bincount(piece, rows, pieces) / np.maximum(counts, 1)
    weight = np.sqrt(counts)
    slope = float(np.polyfit(along, middle, 1, w=weight)[0])
    return 0.0 if abs(slope) < _LEVEL else min(max(slope, -_STEEPEST), _STEEPEST)
