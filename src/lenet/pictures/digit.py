"""Preprocesses a handwritten digit into an image like MNIST's.

The steps are those of MNIST: the ink is scaled to fit 20 x 20 pixels without distortion,
antialiased, and its centre of mass is placed at the centre of 28 x 28 (LeCun, Bottou, Bengio and
Haffner 1998, "Gradient-based learning applied to document recognition", page 10).
"""

import numpy as np
from PIL import Image, ImageFilter

from lenet.pictures.close_crop import close_crop
from lenet.pictures.components import cropped
from lenet.pictures.find_digit import Found, find_digit, is_noise
from lenet.pictures.image import size_within
from lenet.pictures.ink import Plane, dilated, stroke_width
from lenet.pictures.types import Images

SIDE, INNER = 28, 20
_FINE = 5  # pixels per pixel of MNIST while the width of the strokes is changed
_FAINTEST = 0.5  # relative to the digit's ink: the lowest level that counts as full ink
_STROKE = (1.9, 3.4)  # widths in pixels; 80% of MNIST's training digits have such strokes


def digit(image: Images) -> tuple[Images, bool]:
    """Convert a picture of a digit, uint8 ``[height, width]``, to MNIST's 28 x 28.

    Returns
    -------
    The digit, empty if there is none; and True if the picture shows other digits too.
    """
    if is_noise(image):
        return np.zeros((SIDE, SIDE), np.uint8), False
    ink = close_crop(image)
    if ink is not None:
        return centred(_fitted(_with_usual_strokes(_large(ink)))), False
    found = find_digit(Image.fromarray(image))
    if found is None:
        return np.zeros((SIDE, SIDE), np.uint8), False
    return centred(_fitted(_with_usual_strokes(_enlarged(found)))), found.several


def _large(ink: Plane) -> Plane:
    """Scale the ink of a whole picture to `_FINE` times the size of MNIST."""
    size = size_within(_FINE * INNER, ink.shape[1], ink.shape[0])
    enlarged = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC)
    return np.pad(np.clip(np.asarray(enlarged, np.float32), 0, 1), 2 * _FINE)


def _enlarged(found: Found) -> Plane:
    """Scale a digit to `_FINE` times the size of MNIST, with ink from 0 to 1 and sharp edges."""
    near = Image.fromarray(found.mask).convert("L").filter(ImageFilter.MaxFilter(3))
    ink = found.ink * (np.asarray(near) > 0) / float(np.percentile(found.ink[found.mask], 80))
    height, width = ink.shape
    left, top, right, bottom = found.box
    box = (max(left - 1, 0), max(top - 1, 0), min(right + 1, width), min(bottom + 1, height))
    size = size_within(_FINE * INNER, box[2] - box[0], box[3] - box[1])
    enlarged = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC, box)
    fine = np.asarray(enlarged, np.float32)
    # Full ink is the local maximum, which keeps strokes that are fainter or thinner than a pixel.
    full = np.maximum(dilated(fine, 4 * _FINE), _FAINTEST)
    sharp = np.clip((fine / full - 0.25) / 0.5, 0, 1).astype(np.float32)
    return np.pad(sharp, 2 * _FINE)


def _with_usual_strokes(ink: Plane) -> Plane:
    """Make thin strokes wider and wide strokes thinner, until their width is usual for MNIST."""
    width = stroke_width(ink > 0.5) / _FINE
    steps = round((min(max(width, _STROKE[0]), _STROKE[1]) - width) * _FINE / 2)
    picture = Image.fromarray((ink * 255).astype(np.uint8))
    step = ImageFilter.MaxFilter(3) if steps > 0 else ImageFilter.MinFilter(3)
    for _ in range(abs(steps)):
        filtered = picture.filter(step)
        if not (np.asarray(filtered) > 127).any():
            break
        picture = filtered
    return np.asarray(picture, np.float32) / np.float32(255)


def _fitted(ink: Plane) -> Plane:
    """Crop ink to its bounding box and scale it to fit 20 x 20 without distortion."""
    alone = cropped(ink, ink > min(0.5, float(ink.max()) / 2))
    size = size_within(INNER, alone.shape[1], alone.shape[0])
    return np.asarray(Image.fromarray(alone).resize(size, Image.Resampling.BOX), np.float32)


def centred(ink: Plane) -> Images:
    """Place the centre of mass on pixel 14, 14 of 28 x 28, as exactly as whole pixels allow."""
    corner: list[int] = []
    for axis in (0, 1):
        weights = ink.sum(axis=1 - axis)
        middle = float(weights @ np.arange(len(weights))) / float(weights.sum())
        corner.append(min(max(round(SIDE / 2 - middle), 0), SIDE - len(weights)))
    top, left = corner
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + ink.shape[0], left : left + ink.shape[1]] = np.round(ink * 255)
    return image
