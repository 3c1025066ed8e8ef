"""Finds the digit in a picture: the ink that looks most like a digit, dark or light."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from lenet.pictures.components import Mask, box_of, components
from lenet.pictures.digit_components import are_several, digit_components, scores_of
from lenet.pictures.extend_background import with_margin
from lenet.pictures.image import size_within
from lenet.pictures.ink import Plane, dilated, ink_of, otsu_threshold
from lenet.pictures.ruled_lines import without_lines
from lenet.pictures.types import Images

_SEARCHED = (96, 192)  # bounds in pixels for the longest side of the picture that is searched
_BLUR = 0.4  # in pixels of the original picture; finer detail is grain
_LEAST_INK = 0.06  # of the faintest pencil, relative to the background
_LEAST_CONTRAST = 12  # in grey levels; more than the grain of a dark background
_DARKEST = 24  # pixels whose mean is the level of the darkest strokes
_NEAR_ENOUGH = 64  # pixels; a smaller digit is searched again in a smaller part of the picture
_CUT_OUT = 64  # pixels; a picture whose longest side is shorter is a crop of one digit
_MOST = 0.45  # if "ink" covers a larger share of the picture, it is the paper between lines
_COARSE = 3  # a picture that is enlarged by more is too small to show print
_LINELESS = 4  # a picture that is enlarged by more is too small to show lines
_NOISE = 0.23  # of the range of grey levels; in noise, half of the steps in a row are larger
_LEAST_SIDE = 16  # pixels; in a smaller picture most steps are edges
_FREE = 0.6  # relative size of a large digit that does not touch the border
_CLEAR = 0.3  # of the picture's range of grey levels: those of a border without ink
_FILLING = (0.5, 0.7)  # shares of width and height that a cropped digit fills

Area = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Found:
    """A candidate for the digit.

    Parameters
    ----------
    score
        The higher the score, the more it looks like a digit.
    light
        True if the ink is lighter than the background.
    ink
        float32 ``[height, width]``: the first plane of `ink_of` for the picture that was searched.
    mask
        bool ``[height, width]``: the pixels of the digit.
    area
        The part of the original picture that was searched.
    several
        True if other components look like digits too.
    """

    score: float
    light: bool
    ink: Plane
    mask: Mask
    area: Area
    several: bool

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the mask."""
        return box_of(self.mask)

    @property
    def place(self) -> Area:
        """The bounding box in pixels of the original picture."""
        scale = self.mask.shape[1] / (self.area[2] - self.area[0])
        left, top, right, bottom = (side / scale for side in self.box)
        x, y = self.area[:2]
        return left + x, top + y, right + x, bottom + y


def find_digit(picture: Image.Image) -> Found | None:
    """Find the digit in a picture of mode L; None if there is no ink.

    A tightly cropped picture is searched again with an extended background. That result counts if
    the digit fills the picture.
    """
    found = _find(picture)
    if found is None:
        return None
    free = _stands_free(found.place, picture.size)
    if free and _is_clear_of_ink(np.asarray(picture)):
        return found
    if max(picture.size) > _SEARCHED[1]:
        size = size_within(_SEARCHED[1], *picture.size)
        picture = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2)
    extended = with_margin(np.asarray(picture))
    if extended is None:
        return found
    wide = Image.fromarray(extended)
    margin = (wide.height - picture.height) // 2
    close = _find(wide, margin=margin)
    if close is None or not _fills(close.place, picture.size, margin):
        return found
    # What stands free may be the paper inside a loop, but only if the ink around it is found too.
    if free and close.light == found.light:
        return found
    return close if close.score > found.score else found


def is_noise(grey: Images) -> bool:
    """Return True if neighbouring pixels of a row are unrelated, unlike in a picture of paper."""
    if min(grey.shape) < _LEAST_SIDE:
        return False
    rows = grey[:: max(len(grey) // 256, 1)].astype(np.int16)  # some rows of a large picture
    return not _is_even(rows, _NOISE * float(np.ptp(rows)))


def _stands_free(place: Area, size: tuple[int, int]) -> bool:
    """Return True if a candidate is large and does not touch the border."""
    left, top, right, bottom = place
    inside = min(left, top, size[0] - right, size[1] - bottom) > max(size) / 100
    return inside and max(right - left, bottom - top) >= _FREE * max(size)


def _is_clear_of_ink(grey: Images) -> bool:
    """Return True if the border has about one grey level, so that no ink touches it."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return int(np.ptp(border)) <= _CLEAR * int(np.ptp(grey))


def _fills(place: Area, size: tuple[int, int], margin: float) -> bool:
    """Return True if a candidate fills the picture of `size` that the margin surrounds."""
    left, top, right, bottom = (side - margin for side in place)
    across = (min(right, size[0]) - max(left, 0)) / size[0]
    down = (min(bottom, size[1]) - max(top, 0)) / size[1]
    return across >= _FILLING[0] and down >= _FILLING[1]


def _find(
    picture: Image.Image,
    area: Area | None = None,
    lights: tuple[bool, ...] = (False, True),
    margin: int = 0,
) -> Found | None:
    """Return the best candidate in an area, by default the whole picture.

    Lines are searched within the `margin` that was added to the picture.
    """
    area = area or (0.0, 0.0, float(picture.width), float(picture.height))
    width, height = area[2] - area[0], area[3] - area[1]
    longest = max(width, height)
    searched = min(max(longest, _SEARCHED[0]), _SEARCHED[1])
    scale = searched / longest
    size = size_within(searched, width, height)
    small = picture.resize(size, Image.Resampling.BICUBIC, area, reducing_gap=2)
    small = small.filter(ImageFilter.GaussianBlur(max(_BLUR * scale, 0.7)))
    ranges = _ranges(small, max(5, round(2 * scale) | 1))
    inner = tuple(
        slice(*(max(round((edge - start) * scale), 0) for edge in (margin, side - margin)))
        for start, side in ((area[1], picture.height), (area[0], picture.width))
    )
    found = [one for light in lights for one in _candidates(small, ranges, light, area, inner)]
    if not found:
        return None
    best = max(found, key=lambda one: one.score)
    left, top, right, bottom = best.box
    side = max(right - left, bottom - top)
    if side >= _NEAR_ENOUGH or scale >= 1:
        return best
    nearer = (
        max(area[0] + (left - side / 2) / scale, area[0]),
        max(area[1] + (top - side / 2) / scale, area[1]),
        min(area[0] + (right + side / 2) / scale, area[2]),
        min(area[1] + (bottom + side / 2) / scale, area[3]),
    )
    near = _find(picture, nearer, (best.light,), margin)
    return replace(near, several=near.several or best.several) if near else best


def _candidates(
    small: Image.Image, ranges: Plane, light: bool, area: Area, inner: tuple[slice, ...]
) -> Iterator[Found]:
    """Find candidates of dark ink or of light ink.

    There are two thresholds, because printed squares and patterns are darker than paper and lighter
    than ink: one above the paper, one above the print.
    """
    original = max(area[2] - area[0], area[3] - area[1])  # longest side before it was resized
    scale = max(small.size) / original
    widest = min(0.17 + 8 / original, 0.4)  # small pictures are cropped more tightly
    ink, contrast = ink_of(ImageOps.invert(small) if light else small, widest)
    darkest = _darkest(ink, _LEAST_INK)
    if not darkest or not _darkest(contrast, _LEAST_CONTRAST):
        return
    paper = max(0.3 * darkest, otsu_threshold(ink))
    thresholds = (paper, otsu_threshold(ink[ink > paper]))
    printed = False
    for threshold in thresholds[: 1 if scale > _COARSE else 2]:
        mask = ink > threshold
        if original > _CUT_OUT and mask.mean() > _MOST:
            continue
        inked = mask[inner].copy()
        if scale <= _LINELESS:
            mask[inner] = without_lines(inked)
        ruled = not np.array_equal(inked, mask[inner])
        border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        # A digit hardly touches the border; a background that was taken for ink does.
        trust = float(1 - border.mean()) ** (6 if original <= _CUT_OUT else 1)
        # The higher threshold is the better one if there are lines that it keeps out.
        if threshold != paper and not (printed and not ruled):
            trust *= 0.4
        printed = ruled
        parts = components(mask)
        scores = scores_of(parts, mask, contrast, ranges)
        if scores.any():
            main = int(scores.argmax())
            chosen = digit_components(parts, main)
            several = are_several(parts, scores, main, chosen)
            score = float(scores[main]) * trust
            yield Found(score, light, ink, parts.mask(chosen), area, several)


def _darkest(plane: Plane, least: float) -> float:
    """Return the mean of the darkest pixels; 0 if it is below `least`, or not more than noise."""
    # The darkest pixels are in the rows with the darkest maximum, so only these are sorted.
    rows = plane if len(plane) <= _DARKEST else plane[plane.max(axis=1).argsort()[-_DARKEST:]]
    level = float(np.sort(rows, axis=None)[-_DARKEST:].mean())
    return level if level >= least and _is_even(plane, level / 6) else 0.0


def _is_even(values: NDArray[np.generic], bound: float) -> bool:
    """Return True if most steps from a pixel to the next in its row are below a bound."""
    steps = np.abs(np.diff(values, axis=1))
    return not steps.size or 2 * int(np.count_nonzero(steps < bound)) > steps.size


def _ranges(small: Image.Image, width: int) -> Plane:
    """Return the range of grey levels in a window around each pixel, minus that of the grain."""
    grey = np.asarray(small, np.float32)
    ranges = dilated(grey, width) + dilated(-grey, width)
    return np.maximum(ranges - np.float32(np.percentile(ranges, 25)), 0)
