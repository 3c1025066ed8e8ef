"""Images like MNIST's of all groupings of a field's pieces, for a network that classifies digits.

`lenet.pictures.digit` does the same for a single digit in a photo. Here the whole field is
preprocessed before it is cut, and the enlargement of a single character is limited: "an enlarged
stray mark can look like a genuine 1" (Proc. IEEE 86(11), 1998, page 16).
"""

import numpy as np
from PIL import Image, ImageFilter

from lenet.pictures.components import Mask
from lenet.pictures.digit import INNER, SIDE, centred
from lenet.pictures.ink import Plane, dilated, stroke_width
from lenet.pictures.types import Images
from over_segmentation.groupings import Groupings

_FINE = 3  # the factor by which the field is enlarged
_STROKE = (1.9, 3.4)  # least and greatest width of strokes in the field's pixels, as in MNIST
_FAINTEST = 0.5  # of full ink: a fainter stroke is not darkened to full ink
_ENLARGED = 2.0  # the greatest enlargement from the field's pixels to MNIST's


def arc_images(ink: Plane, mask: Mask, groupings: Groupings) -> Images:
    """Make an image of each grouping: fitted into 20×20, its centre of mass at the centre of 28×28.

    Parameters
    ----------
    ink
        float32 ``[height, width]``, 0 to 1: the field.
    mask
        bool, the same shape: the pixels of writing.
    groupings
        The groupings of its pieces.

    Returns
    -------
    uint8 ``[A, 28, 28]``.
    """
    fine = _sharp(ink, mask)
    pieces = groupings.pieces.repeat(_FINE, axis=0).repeat(_FINE, axis=1)
    images = np.zeros((len(groupings), SIDE, SIDE), np.uint8)
    for at, (left, top, right, bottom) in enumerate(groupings.boxes.tolist()):
        # Strokes of the sharp field may end a pixel beyond those of the mask.
        rows = slice(max(top - 1, 0) * _FINE, (bottom + 1) * _FINE)
        columns = slice(max(left - 1, 0) * _FINE, (right + 1) * _FINE)
        near = pieces[rows, columns]
        own = (near >= groupings.starts[at]) & (near < groupings.ends[at])
        image = _centred_within(fine[rows, columns] * own)
        if image is not None:
            images[at] = image
    return images


def _sharp(ink: Plane, mask: Mask) -> Plane:
    """Enlarge the writing, with sharp edges and strokes of the usual width; ink from 0 to 1."""
    near = np.where(dilated(mask.astype(np.float32), 3) > 0, ink, np.float32(0))
    size = (ink.shape[1] * _FINE, ink.shape[0] * _FINE)
    fine = np.asarray(Image.fromarray(near).resize(size, Image.Resampling.BICUBIC), np.float32)
    full = np.maximum(dilated(fine, 4 * _FINE), _FAINTEST)
    sharp = np.clip((fine / full - 0.25) / 0.5, 0, 1)
    width = stroke_width(sharp > 0.5) / _FINE
    steps = round((min(max(width, _STROKE[0]), _STROKE[1]) - width) * _FINE / 2)
    picture = Image.fromarray((sharp * 255).astype(np.uint8))
    for _ in range(abs(steps)):
        picture = picture.filter(
            ImageFilter.MaxFilter(3) if steps > 0 else ImageFilter.MinFilter(3)
        )
    return np.asarray(picture, np.float32) / np.float32(255)


def _centred_within(ink: Plane) -> Images | None:
    """Fit ink into 20×20 at the centre of 28×28; None if there is no ink."""
    inked = ink > 0.5
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    alone = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(INNER / max(alone.shape), _ENLARGED / _FINE)
    height, width = (max(round(side * scale), 1) for side in alone.shape)
    small = Image.fromarray(alone).resize((width, height), Image.Resampling.BOX)
    return centred(np.asarray(small, np.float32))
