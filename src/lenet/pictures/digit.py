"""One written digit in a picture, made like an image of MNIST.

MNIST's own steps: ink is fitted into 20 x 20 pixels without stretching it, antialiased, and its
centre of mass is put into the centre of 28 x 28 (LeCun, Bottou, Bengio and Haffner 1998,
"Gradient-based learning applied to document recognition", page 10).
"""

import numpy as np
from PIL import Image, ImageFilter

from lenet.pictures.components import Mask
from lenet.pictures.find_digit import Found, find_digit
from lenet.pictures.image import size_within
from lenet.pictures.ink import Plane, dilated
from lenet.pictures.types import Images

SIDE, INNER = 28, 20
_FINE = 5  # pixels for one of MNIST's, while strokes are made thinner or wider
_FAINTEST = 0.5  # of the digit's ink: what is much fainter is none
_STROKE = (1.9, 3.4)  # pixels: four in five of MNIST's training digits have strokes so wide


def digit(image: Images) -> Images:
    """Make MNIST's 28 x 28 of the digit in a grey picture, or an empty one where there is none.

    Parameters
    ----------
    image
        uint8 ``[height, width]``.
    """
    found = find_digit(Image.fromarray(image))
    if found is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    return centred(_fitted(_with_usual_strokes(_enlarged(found))))


def _enlarged(found: Found) -> Plane:
    """Bring a digit to `_FINE` times MNIST's size, its ink from 0 to 1 with sharp edges."""
    near = Image.fromarray(found.mask).convert("L").filter(ImageFilter.MaxFilter(3))
    ink = found.ink * (np.asarray(near) > 0) / float(np.percentile(found.ink[found.mask], 80))
    height, width = ink.shape
    left, top, right, bottom = found.box
    box = (max(left - 1, 0), max(top - 1, 0), min(right + 1, width), min(bottom + 1, height))
    size = size_within(_FINE * INNER, box[2] - box[0], box[3] - box[1])
    enlarged = Image.fromarray(ink).resize(size, Image.Resampling.BICUBIC, box)
    fine = np.asarray(enlarged, np.float32)
    # Where a stroke is fainter, or too thin for the picture's pixels, less is full ink.
    full = np.maximum(dilated(fine, 4 * _FINE), _FAINTEST)
    sharp = np.clip((fine / full - 0.25) / 0.5, 0, 1).astype(np.float32)
    return np.pad(sharp, 2 * _FINE)


def _with_usual_strokes(ink: Plane) -> Plane:
    """Make a pen's strokes wider and a marker's thinner, until they are like MNIST's."""
    width = stroke_width(ink > 0.5) / _FINE
    steps = round((min(max(width, _STROKE[0]), _STROKE[1]) - width) * _FINE / 2)
    picture = Image.fromarray((ink * 255).astype(np.uint8))
    for _ in range(abs(steps)):
        filtered = picture.filter(
            ImageFilter.MaxFilter(3) if steps > 0 else ImageFilter.MinFilter(3)
        )
        if not (np.asarray(filtered) > 127).any():
            break
        picture = filtered
    return np.asarray(picture, np.float32) / np.float32(255)


def stroke_width(mask: Mask) -> float:
    """Return twice the area by the outline, which for a long stroke is its width.

    Counted pixel edges are 4/pi times as long as the outline, on average over directions.
    """
    edges = np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1])
    return 2 * np.count_nonzero(mask) / max(edges * np.pi / 4, 1)


def _fitted(ink: Plane) -> Plane:
    """Cut ink to its box and fit that into 20 x 20 without stretching it."""
    inked = ink > min(0.5, float(ink.max()) / 2)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    alone = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    size = size_within(INNER, alone.shape[1], alone.shape[0])
    return np.asarray(Image.fromarray(alone).resize(size, Image.Resampling.BOX), np.float32)


def centred(ink: Plane) -> Images:
    """Put the centre of mass on pixel 14, 14 of 28 x 28, as near as whole pixels allow."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    corner: list[int] = []
    for axis in (0, 1):
        weights = ink.sum(axis=1 - axis)
        middle = float(weights @ np.arange(len(weights))) / float(weights.sum())
        corner.append(min(max(round(SIDE / 2 - middle), 0), SIDE - len(weights)))
    top, left = corner
    image[top : top + ink.shape[0], left : left + ink.shape[1]] = np.round(ink * 255)
    return image
