"""Where in a picture the digit is: the ink that looks most like one, dark or light."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from lenet.pictures.components import Components, Mask, components
from lenet.pictures.extend_background import with_margin
from lenet.pictures.image import size_within
from lenet.pictures.ink import Plane, dilated, ink_of, parting
from lenet.pictures.ruled_lines import without_lines
from lenet.pictures.types import Images

_SEARCHED = (96, 192)  # longest side of the picture in which the digit is looked for
_BLUR = 0.4  # pixels of the picture as it came: finer than that is its grain
_LEAST_INK = 0.06  # share of the paper's light that the faintest pencil takes
_LEAST_CONTRAST = 12  # grey levels, which the grain of a dark background has not
_STROKES = 24  # pixels, the darkest, tell how dark strokes are
_LEAST_SIZE = 0.04  # of the picture's longest side; a smaller one is a speck
_NEAR_ENOUGH = 64  # pixels of a digit; a smaller one is looked at again, from nearer
_CUT_OUT = 64  # a picture of so few pixels was cut out around its digit
_MOST = 0.45  # of a picture that ink covers; else it is the paper between lines
_COARSE = 3  # a picture enlarged by more holds shapes of a few pixels, but no print or lines
_SHARP = 0.3  # of its contrast that a digit has at its edge, however far out of focus
_NOISE = 0.23  # of the range of grey levels; half of the steps from pixel to pixel are larger
_LEAST_SIDE = 16  # pixels; a narrower picture is made of steps
_FREE = 0.6  # of the picture's longest side, for a digit that does not reach its border
_FILLING = (0.5, 0.7)  # of the picture's width and height, for a digit that does
_FAT = 0.25  # a digit's stroke is rarely wider than this share of its longest side

Area = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Found:
    """What may be a digit.

    Parameters
    ----------
    score
        How much it looks like one.
    light
        Whether its ink is lighter than the background.
    ink
        float32 ``[height, width]`` of the searched picture: as `ink_of` gives it.
    mask
        bool, the same shape: which pixels are the digit's.
    area
        What part of the picture was searched.
    """

    score: float
    light: bool
    ink: Plane
    mask: Mask
    area: Area

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the mask."""
        columns = np.flatnonzero(self.mask.any(axis=0))
        rows = np.flatnonzero(self.mask.any(axis=1))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

    @property
    def place(self) -> Area:
        """The box, in the picture's own pixels."""
        scale = self.mask.shape[1] / (self.area[2] - self.area[0])
        left, top, right, bottom = (side / scale for side in self.box)
        return (
            left + self.area[0], top + self.area[1], right + self.area[0], bottom + self.area[1]
        )  # fmt: skip


def find_digit(picture: Image.Image) -> Found | None:
    """Look for a digit in a picture of mode L; None where there is no ink.

    What was cut out close to its ink is looked at again on more of its paper, and believed there
    where it fills the picture.
    """
    if _is_noise(np.asarray(picture)):
        return None
    found = _find(picture, _whole(picture.size), (False, True))
    if found is None or _stands_free(found.place, picture.size):
        return found
    if max(picture.size) > _SEARCHED[1]:
        size = size_within(_SEARCHED[1], *picture.size)
        picture = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2)
    wide = with_margin(np.asarray(picture))
    if wide is None:
        return found
    on_more = Image.fromarray(wide)
    close = _find(on_more, _whole(on_more.size), (False, True))
    margin = (on_more.height - picture.height) // 2
    if close is None or not _fills(close.place, picture.size, margin):
        return found
    return close if close.score > found.score else found


def _is_noise(grey: Images) -> bool:
    """Tell whether a pixel says nothing of the next one in its row, as in no picture of paper."""
    if min(grey.shape) < _LEAST_SIDE:
        return False
    rows = grey[:: max(len(grey) // 256, 1)].astype(np.int16)  # some of a large picture's
    return not _is_even(rows, _NOISE * float(np.ptp(rows)))


def _whole(size: tuple[int, int]) -> Area:
    return 0.0, 0.0, float(size[0]), float(size[1])


def _stands_free(place: Area, size: tuple[int, int]) -> bool:
    """Tell whether what was found is large and does not reach the border."""
    left, top, right, bottom = place
    near = max(size) / 100
    inside = min(left, top, size[0] - right, size[1] - bottom) > near
    return inside and max(right - left, bottom - top) >= _FREE * max(size)


def _fills(place: Area, size: tuple[int, int], margin: float) -> bool:
    """Tell whether what was found within a margin fills the picture that the margin is around."""
    shares = [
        (min(place[side + 2] - margin, size[side]) - max(place[side] - margin, 0)) / size[side]
        for side in (0, 1)
    ]
    return shares[0] >= _FILLING[0] and shares[1] >= _FILLING[1]


def _find(picture: Image.Image, area: Area, sides: tuple[bool, ...]) -> Found | None:
    width, height = area[2] - area[0], area[3] - area[1]
    scale = min(max(max(width, height), _SEARCHED[0]), _SEARCHED[1]) / max(width, height)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = picture.resize(size, Image.Resampling.BICUBIC, area, reducing_gap=2)
    small = small.filter(ImageFilter.GaussianBlur(max(_BLUR * scale, 0.7)))
    steps = _steps(small, max(5, round(2 * scale) | 1))
    found = [one for light in sides for one in _candidates(small, steps, light, area)]
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
    return _find(picture, nearer, (best.light,)) or best


def _candidates(small: Image.Image, steps: Plane, light: bool, area: Area) -> Iterator[Found]:
    """Look for a digit of one side, with the threshold that parts ink from paper and a higher one.

    What is printed on paper, squares or a pattern, is darker than paper and lighter than ink.
    """
    came = max(area[2] - area[0], area[3] - area[1])  # before it was made smaller or larger
    scale = max(small.size) / came
    widest = min(0.17 + 8 / came, 0.4)  # the fewer the pixels, the closer it was cut
    ink, contrast = ink_of(ImageOps.invert(small) if light else small, widest)
    darkest = _darkest(ink)
    if not (
        _is_dark(ink, darkest, _LEAST_INK)
        and _is_dark(contrast, _darkest(contrast), _LEAST_CONTRAST)
    ):
        return
    paper = max(0.3 * darkest, parting(ink))
    thresholds = [(paper, 1.0), (parting(ink[ink > paper]), 0.4)]
    for threshold, trust in thresholds[: 1 if scale > _COARSE else 2]:
        mask = ink > threshold
        if came > _CUT_OUT and mask.mean() > _MOST:
            continue
        border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        # A digit hardly touches the border; what surrounds one, taken for ink, does.
        trust *= float(1 - border.mean()) ** (6 if came <= _CUT_OUT else 1)
        mask = mask if scale > _COARSE else without_lines(mask)
        parts = components(mask)
        scores = _scores(parts, mask, contrast, steps)
        if scores.any():
            chosen = parts.mask(_together(parts, int(scores.argmax())))
            yield Found(float(scores.max()) * trust, light, ink, chosen, area)


def _darkest(ink: Plane) -> float:
    """Return how dark the darkest strokes are: the mean of the darkest pixels."""
    # Those are in the rows with the darkest pixels, which leaves little to sort.
    rows = ink if len(ink) <= _STROKES else ink[ink.max(axis=1).argsort()[-_STROKES:]]
    return float(np.sort(rows, axis=None)[-_STROKES:].mean())


def _is_dark(ink: Plane, darkest: float, least: float) -> bool:
    """Tell whether the darkest strokes are as dark as `least`, and that is more than noise."""
    return darkest >= least and _is_even(ink, darkest / 6)


def _is_even(values: NDArray[np.generic], bound: float) -> bool:
    """Tell whether more than half of the steps from a pixel to the next in its row are smaller."""
    steps = np.abs(np.diff(values, axis=1))
    return not steps.size or 2 * int(np.count_nonzero(steps < bound)) > steps.size


def _steps(small: Image.Image, reach: int) -> Plane:
    """Return the range of grey levels around each pixel, beyond what the grain makes it."""
    grey = np.asarray(small, np.float32)
    ranges = dilated(grey, reach) + dilated(-grey, reach)
    return np.maximum(ranges - np.float32(np.percentile(ranges, 25)), 0)


def _scores(parts: Components, mask: Mask, contrast: Plane, steps: Plane) -> NDArray[np.float64]:
    """Say how much each component looks like a digit: float64 ``[N]``, 0 for specks.

    It is long, of much contrast, with an edge in the picture all around it (which a shadow or the
    paper between strokes has not), made of strokes, and not at the border.
    """
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    longest = extent.max(axis=1, initial=0)
    touching = (parts.boxes[:, :2] == 0).sum(axis=1) + (parts.boxes[:, 2:] == parts.shape).sum(1)
    away = np.abs((parts.boxes[:, :2] + parts.boxes[:, 2:]) / 2 / parts.shape - 0.5).max(1)
    edges = _edges(mask)
    outline = parts.sums(edges)
    stroke = 2 * parts.areas / (outline * np.pi / 4)  # counted edges are 4/pi times too long
    cubed = contrast * contrast * contrast  # several times as fast as **
    clear = parts.sums(cubed * contrast) / parts.sums(cubed)  # nearly the highest
    sharp = np.minimum(parts.sums(edges * steps) / outline / clear, 1)
    like_strokes = np.exp(-((stroke / longest / _FAT) ** 2))
    score = longest * clear**2 * sharp**3 * like_strokes * 0.4**touching * (1 - away)
    speck = (longest < max(_LEAST_SIZE * max(parts.shape), 5)) | (parts.areas < 8)
    return np.where(speck | (sharp < _SHARP), 0, score)


def _edges(mask: Mask) -> NDArray[np.uint8]:
    """Count the sides of each pixel of a mask beyond which the mask ends."""
    wide = np.pad(mask, 1)
    around = (wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:])
    return np.array([mask & ~side for side in around]).sum(axis=0).astype(np.uint8)


def _together(parts: Components, main: int) -> Mask:
    """Choose what belongs to the digit besides its main component: bool ``[N]``.

    That is what is near it and no speck. What touches the border is a neighbour's or a line, unless
    it lies above or below and does not go right across.
    """
    extent = parts.boxes[:, 2:] - parts.boxes[:, :2]
    longest = extent.max(axis=1)
    shared = np.minimum(parts.boxes[:, 2:], parts.boxes[main, 2:]) - np.maximum(
        parts.boxes[:, :2], parts.boxes[main, :2]
    )
    near = (shared > -0.2 * longest[main]).all(axis=1)
    large = (longest >= 0.2 * longest[main]) & (parts.areas >= 0.03 * parts.areas[main])
    within = (parts.boxes[:, :2] > 0).all(axis=1) & (parts.boxes[:, 2:] < parts.shape).all(axis=1)
    over = shared[:, 1] > 0.6 * np.minimum(extent[:, 1], extent[main, 1])
    across = (extent[:, 1] > 0.6 * parts.shape[1]) & (extent[:, 0] < 0.15 * extent[:, 1])
    chosen = near & large & (within | (over & ~across))
    chosen[main] = True
    return chosen
