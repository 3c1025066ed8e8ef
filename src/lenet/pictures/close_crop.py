"""Recognizes a picture that is cut along the ink of one digit, where all of the ink is the digit.

In such a picture, strokes reach the borders as printed lines do: the bar of a 7 lies along the
upper border, the sides of a 0 along the others. So the general search would take them for lines.
"""

import math

import numpy as np
from PIL import Image

from lenet.pictures.components import Components, Mask, box_of, components, cropped
from lenet.pictures.extend_background import paper_of
from lenet.pictures.image import size_within
from lenet.pictures.ink import Plane, dilated, stroke_width
from lenet.pictures.ruled_lines import is_ruled
from lenet.pictures.straight_lines import level_lines
from lenet.pictures.types import Images

_LONGEST = 192  # pixels; a larger picture is scaled down
_INK = 0.4  # of the usual contrast: what is ink
_LEAST = 40  # grey levels: the contrast of ink that stands out from its paper
_PALE = 0.7  # of the darkest ink: the least usual ink
_EVEN = 0.8  # of the darkest ink: the usual ink of a pen; print is paler
_MOST = 0.7  # of the picture that is ink
_MOST_BORDER = 0.6  # of the border that is ink
_OPPOSITE = 0.05  # of the picture that differs from the paper in the other direction
_FAINT = 0.15  # of the usual contrast: print on paper, which is fainter than ink
_MOST_FAINT = 0.005  # of the picture that is faint and away from the ink
_NEAR = 0.06  # of the longest side: how far from a border the ink may end
_MAIN = 0.45  # of each side: the least extent of the largest component
_PIECE = 0.03  # of the largest component's area; a smaller one is a speck
_AS_HIGH = 0.65  # of the largest component's height: that of another digit
_WIDEST = 1.6  # times as wide as high: several digits that touch


def close_crop(grey: Images) -> Plane | None:
    """Return the ink of a grey picture ``[height, width]`` that is one digit, cut out closely.

    Returns
    -------
    float32 from 0 to 1, scaled to a longest side of at most 192. None if the picture has a margin,
    printed lines, several digits or no clear ink.
    """
    if max(grey.shape) > _LONGEST:
        size = size_within(_LONGEST, grey.shape[1], grey.shape[0])
        picture = Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC, reducing_gap=2)
        grey = np.asarray(picture)
    ink = grey - np.rint(paper_of(grey))
    if ink.max() <= -ink.min():
        ink = -ink  # dark ink
    darkest = float(ink.max())
    if darkest < _LEAST:
        return None
    usual = float(np.median(ink[ink > darkest / 2]))
    if usual < max(_LEAST, _PALE * darkest):
        return None
    mask, faint = ink > _INK * usual, ink > _FAINT * usual
    parts = components(mask)
    if not (_fills(mask) and _is_one_digit(parts)):
        return None
    if (ink < -_INK * usual).mean() > _OPPOSITE or _away(faint, mask).mean() > _MOST_FAINT:
        return None
    if usual < _EVEN * darkest and (level_lines(mask) or level_lines(mask.T)):
        return None
    if is_ruled(cropped(mask, mask)) or is_ruled(cropped(faint, faint)):
        return None
    strokes = parts.mask(parts.areas >= _PIECE * parts.areas.max())
    ink[mask & ~strokes] = 0
    return np.clip(ink / usual, 0, 1).astype(np.float32)


def _fills(mask: Mask) -> bool:
    """Return True if ink reaches all borders of a picture and covers most of none."""
    height, width = mask.shape
    left, top, right, bottom = box_of(mask)
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    near = max(1, round(_NEAR * max(mask.shape)))
    return bool(
        max(left, top, width - right, height - bottom) <= near
        and mask.mean() <= _MOST
        and border.mean() <= _MOST_BORDER
    )


def _away(faint: Mask, mask: Mask) -> Mask:
    """Return the faint pixels that are farther from the ink than half of a stroke's width."""
    reach = 2 * math.ceil(stroke_width(np.pad(mask, 1)) / 2) + 3
    return faint & (dilated(mask.astype(np.float32), reach) == 0)


def _is_one_digit(parts: Components) -> bool:
    """Return True if the largest component is nearly the whole digit, and no other is a digit."""
    height, width = parts.shape
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    main = int(parts.areas.argmax())
    top, left, bottom, right = parts.boxes[main].tolist()
    tops, lefts, bottoms, rights = parts.boxes.T
    alongside = (lefts >= right) | (rights <= left)
    inside = (tops > top) & (lefts > left) & (bottoms < bottom) & (rights < right)
    large = parts.areas >= _PIECE * parts.areas[main]
    another = (alongside & (extent[:, 0] >= _AS_HIGH * extent[main, 0])) | (inside & large)
    return bool(
        width <= _WIDEST * height
        and (extent[main] >= _MAIN * np.array(parts.shape)).all()
        and not another.any()
    )
