"""Makes number images: pictures of one number, normalised (the 1998 paper's "fields").

The height of the whole field is normalised, not the height of each character: "an enlarged stray
mark can look like a genuine 1" (Proc. IEEE 86(11), 1998, page 16).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from lenet.pictures.components import Mask, components
from lenet.pictures.image import to_grey
from lenet.pictures.ink import Plane, ink_of, otsu_threshold
from lenet.pictures.ruled_lines import is_squared, without_lines
from lenet.pictures.types import Images

HEIGHT = 32
"""Rows of a field, as in the input of LeNet-5."""

DIGIT_HEIGHT = 20
"""Rows to which the writing is scaled, as in MNIST."""

_SEARCHED = (32, 160)  # bounds for the rows of the picture in which writing is searched
_LONGEST = 1000  # columns of a field, for about fifty digits; no number is longer
_LEAST_INK = 0.06  # of the faintest pencil, relative to the background
_LEAST_CONTRAST = 8  # grey levels
_LIGHT = 0.9  # factor for the strength of light ink, which is rarer than dark ink
_MARGIN = 0.4  # left and right of the writing, relative to its height
_STEEPEST = 0.25  # largest slope, rise over run, that is corrected
_LEVEL = 0.03  # smaller slopes are not corrected


@dataclass(frozen=True)
class Field:
    """A number image that is ready to be read.

    Parameters
    ----------
    ink
        uint8 ``[HEIGHT, width]``, 0 where there is no ink.
    corner, scale, slope
        The position in the original picture. Column x and row y of the field are the column
        ``left + x / scale`` and the row ``top + y / scale + slope * x / scale`` of the picture,
        where ``corner`` is ``(left, top)``.
    """

    ink: Images
    corner: tuple[float, float]
    scale: float
    slope: float


def field_of(image: Images) -> Field | None:
    """Find the writing in a picture and normalise it to a field; None if there is no ink.

    The picture is uint8 ``[height, width]`` or ``[height, width, 3]``.
    """
    picture = Image.fromarray(to_grey(image))
    height = min(max(picture.height, _SEARCHED[0]), _SEARCHED[1])
    zoom = height / picture.height
    width = min(max(round(picture.width * zoom), 1), 8 * _LONGEST)
    small = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2)
    candidates = (_search(small, light) for light in (False, True))
    strength, ink, mask = max(candidates, key=lambda one: one[0])
    if strength <= 0:
        return None
    written = without_lines(mask)
    if not np.array_equal(written, mask) and is_squared(mask):
        # So much print would be read too. Ink is darker, or print is cleared where it was found.
        darker = ink > otsu_threshold(ink[mask])
        if np.array_equal(without_lines(darker), darker):
            written = darker
        ink = np.where(_near(mask & ~written) & ~_near(written), np.float32(0), ink)
    written = _without_specks(written)
    return _normalised(ink, written, zoom) if written.any() else None


def _near(mask: Mask) -> Mask:
    """Return a mask with the pixels next to it."""
    wider = Image.fromarray(mask).convert("L").filter(ImageFilter.MaxFilter(3))
    return np.asarray(wider) > 0


def _search(small: Image.Image, light: bool) -> tuple[float, Plane, Mask]:
    """Search dark or light ink; return its mean contrast, its amount per pixel, and its mask."""
    soft = small.filter(ImageFilter.GaussianBlur(0.7 * max(1.0, small.height / 64)))
    widest = min(max(0.25 * small.height / max(small.size), 0.03), 0.4)
    ink, contrast = ink_of(ImageOps.invert(soft) if light else soft, widest)
    darkest = float(np.percentile(ink, 99.5))
    if darkest < _LEAST_INK or float(np.percentile(contrast, 99.5)) < _LEAST_CONTRAST:
        return 0.0, ink, np.zeros(ink.shape, np.bool_)
    mask = ink > max(0.35 * darkest, otsu_threshold(ink))
    if not mask.any():
        return 0.0, ink, mask
    # The contrast is measured against a wide surrounding. Against the nearest pixels, the paper
    # inside a ring of dark ink would look like light ink.
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


def _normalised(ink: Plane, mask: Mask, zoom: float) -> Field:
    """Level the line of writing, scale it, and crop it.

    Parameters
    ----------
    ink, mask
        Of the picture after it was scaled by `zoom`.
    """
    rows, columns = np.nonzero(mask)
    slope = _slope(rows, columns)
    top, bottom = np.percentile(rows - slope * columns, (2, 98)).tolist()
    height = max((bottom - top) * 1.04, 4.0)
    scale = DIGIT_HEIGHT / height
    left = float(columns.min()) - _MARGIN * height
    right = float(columns.max()) + _MARGIN * height
    upper = (top + bottom) / 2 - HEIGHT / 2 / scale
    width = min(max(round((right - left) * scale), HEIGHT), _LONGEST)
    full = float(np.percentile(ink[mask], 70))
    shade = Image.fromarray(np.clip(ink / full, 0, 1).astype(np.float32))
    # The affine transform reads single pixels, so the picture is first reduced, with antialiasing.
    less = min(scale, 1.0)
    reduced = (max(round(shade.width * less), 1), max(round(shade.height * less), 1))
    near = shade.resize(reduced, Image.Resampling.BICUBIC)
    fx, fy = near.width / shade.width, near.height / shade.height
    across = (fx / scale, 0.0, fx * left)
    down = (fy * slope / scale, fy / scale, fy * (upper + slope * left))
    cut = near.transform(
        (width, HEIGHT), Image.Transform.AFFINE, across + down, Image.Resampling.BILINEAR
    )
    pixels = np.round(np.clip(np.asarray(cut, np.float32), 0, 1) * 255).astype(np.uint8)
    corner = (left / zoom, (upper + slope * left) / zoom)
    return Field(pixels, corner, scale * zoom, slope)


def _slope(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float:
    """Fit the slope, rise over run, of a line of writing; 0 for a short line."""
    height = float(np.percentile(rows, 95) - np.percentile(rows, 5))
    width = columns.max() - columns.min()
    pieces = int(width / max(height * 0.7, 8))
    if pieces < 3:
        return 0.0
    piece = ((columns - columns.min()) * pieces // (width + 1)).astype(np.int64)
    counts = np.bincount(piece, minlength=pieces)
    along = np.bincount(piece, columns, pieces) / np.maximum(counts, 1)
    middle = np.bincount(piece, rows, pieces) / np.maximum(counts, 1)
    slope = float(np.polyfit(along, middle, 1, w=np.sqrt(counts))[0])
    return 0.0 if abs(slope) < _LEVEL else min(max(slope, -_STEEPEST), _STEEPEST)
