"""Numbers put together from single digits of like pens and slants, as if one person wrote them.

Ink is that of `photographed`: large, 0 to 1. A page is three digits high, its line at the second.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.data import Split
from paper import written
from photographed import HIGH, Pixels, Plane, Random

Ink = Plane
Flags = NDArray[np.bool_]

_ALIKE = 25  # digits to choose from that resemble each other most
_TRIED = 4  # digits, for one that touches its neighbour as in writing
_CLOSE = 0.12 * HIGH  # rows above and below that ink keeps its distance from
_SIDE = 20  # of MNIST's 28 rows, what a digit fills


@dataclass(frozen=True)
class Style:
    """How a number is written.

    Parameters
    ----------
    gap
        Between digits, in heights of a digit.
    touching
        Which neighbours touch.
    ones
        Any, those without a foot, or the same with one drawn.
    crossed
        Sevens have a bar.
    """

    gap: tuple[float, float] = (0.06, 0.22)
    touching: Literal["none", "zeros", "all"] = "none"
    ones: Literal["any", "plain", "footed"] = "any"
    crossed: bool = False


@dataclass(frozen=True)
class Glyphs:
    """Single digits, and how they are written.

    Parameters
    ----------
    images
        uint8 ``[N, 28, 28]``.
    labels
        int64 ``[N]``.
    hands
        float ``[N, 2]``: how thick the strokes are and how much they slant, in standard deviations.
    plain
        bool ``[N]``: ones without a foot, sevens without a bar.
    """

    images: Pixels
    labels: NDArray[np.int64]
    hands: NDArray[np.float64]
    plain: Flags

    @classmethod
    def of(cls, split: Split) -> "Glyphs":
        """Measure all digits of a set."""
        ink = split.images / 255.0
        contour = sum(np.abs(np.diff(ink, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2))
        thick = ink.sum(axis=(1, 2)) / contour
        y, x = np.mgrid[:28, :28] - 13.5
        slant = (ink * x * y).sum(axis=(1, 2)) / (ink * y * y).sum(axis=(1, 2))
        hands = np.stack((thick, slant), axis=1)
        hands = (hands - hands.mean(axis=0)) / hands.std(axis=0)
        plain = np.zeros(len(split), np.bool_)
        for digit, is_plain in ((1, _footless), (7, _uncrossed)):
            plain[split.labels == digit] = is_plain(split.images[split.labels == digit])
        return cls(split.images, split.labels, hands, plain)

    def like(self, digit: int, hand: NDArray[np.float64], plain: bool, random: Random) -> Ink:
        """Return one of the digits that are written most like `hand`, large, cut to its ink."""
        chosen = np.flatnonzero((self.labels == digit) & (self.plain | (not plain)))
        near = np.abs(self.hands[chosen] - hand).sum(axis=1).argsort()[:_ALIKE]
        large = _cut(written(self.images[chosen[random.choice(near)]]))
        # MNIST makes the longer side 20 pixels: what is wide is low there.
        tall = HIGH * min(1.0, 1.25 * len(large) / (8 * _SIDE)) * random.uniform(0.93, 1.07)
        size = max(round(large.shape[1] * tall / len(large)), 2), round(tall)
        ink = Image.fromarray(large).resize(size, Image.Resampling.BICUBIC)
        return np.clip(np.asarray(ink), 0, 1)


def _extent(images: Pixels) -> NDArray[np.float64]:
    """Return how many columns lie between the first and the last ink of each row, NaN without."""
    inked = images > 100
    last = images.shape[2] - inked[:, :, ::-1].argmax(axis=2)
    return np.where(inked.any(axis=2), last - inked.argmax(axis=2), np.nan)


def _footless(images: Pixels) -> Flags:
    extent = _extent(images)
    stem = np.nanmedian(extent[:, 10:19], axis=1)
    return np.nanmax(extent[:, 19:], axis=1, initial=0) <= 1.3 * stem


def _uncrossed(images: Pixels) -> Flags:
    extent = _extent(images)
    stem = np.nanmedian(extent[:, 17:23], axis=1)
    return np.nanmax(extent[:, 12:18], axis=1, initial=0) <= 1.4 * stem


def write(text: str, style: Style, glyphs: Glyphs, random: Random) -> Ink:
    """Write digits and separators (``.``, ``,``, ``'``, ``-``) beside each other."""
    hand = glyphs.hands[random.integers(len(glyphs.hands))] * 0.8
    plain = style.ones != "any" or style.crossed
    pen = 0.13 * HIGH
    page = np.zeros((3 * HIGH, 0), np.float32)
    for place, sign in enumerate(text):
        before = text[place - 1] if place else ""
        gap = random.uniform(*style.gap) * HIGH
        if not sign.isdecimal():
            page = beside(page, _standing(*separator(sign, pen, random)), gap)
            continue
        bottom = 2 * HIGH + random.normal(0, 0.025) * HIGH
        touch = _touch(before, sign, style)
        made: list[tuple[int, Ink]] = []
        for _ in range(_TRIED if touch else 1):
            ink = glyphs.like(int(sign), hand, plain and sign in "17", random)
            pen = _pen(ink)
            if sign == "7" and style.crossed:
                ink = crossed(ink, pen, random)
            elif sign == "1" and style.ones == "footed":
                ink = footed(ink, pen, random)
            overlap = -random.uniform(0.2, 0.6) * pen
            wider = beside(page, _standing(ink, bottom), overlap if touch else gap)
            made.append((wider.shape[1] - ink.shape[1], wider))
        # Of those that touch, the one that slips least far below or above what is there.
        page = max(made, key=lambda one: one[0])[1]
    return _cut(page)


def _standing(ink: Ink, bottom: float) -> Ink:
    """Put ink into columns as high as a page, its last row above row `bottom`."""
    top = round(bottom) - len(ink)
    return np.pad(ink, ((top, 3 * HIGH - top - len(ink)), (0, 0)))


def _touch(before: str, sign: str, style: Style) -> bool:
    if not before.isdecimal():
        return False
    return style.touching == "all" or (style.touching == "zeros" and before == sign == "0")


def _pen(ink: Ink) -> float:
    """Return how wide the strokes are: twice the area by the contour's length."""
    contour = sum(float(np.abs(np.diff(ink, axis=axis)).sum()) for axis in (0, 1)) * np.pi / 4
    return 2 * float(ink.sum()) / max(contour, 1.0)


def beside(page: Ink, ink: Ink, gap: float) -> Ink:
    """Put ink to the right of what is there, as near as `gap` columns; below 0 they overlap.

    Nearness is that of the rows; with a gap above 0, of rows at some distance too, so that
    nothing slips below an overhang.
    """
    if not page.size:
        return ink
    reach = round(_CLOSE) if gap > 0 else 0
    columns = np.arange(max(page.shape[1], ink.shape[1]), dtype=np.float64)
    last = np.where(page > 0.5, columns[: page.shape[1]], -np.inf).max(axis=1)
    first = np.where(ink > 0.5, columns[: ink.shape[1]], np.inf).min(axis=1)
    near = float((_spread(last, reach) - first).max())
    at = page.shape[1] if near == -np.inf else round(near + 1 + gap)
    at = max(at, page.shape[1] - ink.shape[1], 0)
    wide = np.zeros((len(page), max(at + ink.shape[1], page.shape[1])), np.float32)
    wide[:, : page.shape[1]] = page
    under = wide[:, at : at + ink.shape[1]]
    np.maximum(under, ink, out=under)
    return wide


def _spread(last: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    framed = np.pad(last, reach, constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(framed, 2 * reach + 1).max(axis=1)


def crossed(seven: Ink, pen: float, random: Random) -> Ink:
    """Draw a bar through a seven's stem."""
    row = random.uniform(0.48, 0.6) * len(seven)
    return _with_bar(seven, row, random.uniform(0.19, 0.28), random.normal(-0.08, 0.08), pen)


def footed(one: Ink, pen: float, random: Random) -> Ink:
    """Draw a line for a one to stand on."""
    row = len(one) - pen / 2 - 1
    return _with_bar(one, row, random.uniform(0.18, 0.28), random.normal(-0.03, 0.04), pen)


def _with_bar(ink: Ink, row: float, reach: float, slope: float, pen: float) -> Ink:
    stem = np.flatnonzero(ink[round(row)] > 0.5)
    room = round(0.35 * HIGH)
    middle = room + (float(stem.mean()) if len(stem) else ink.shape[1] / 2)
    reach *= HIGH
    bar = _line(
        (len(ink) + 2 * room, ink.shape[1] + 2 * room),
        (middle - reach, room + row - slope * reach),
        (middle + reach, room + row + slope * reach),
        0.9 * pen,
    )
    return _cut(np.maximum(np.pad(ink, room), bar))


def _line(
    shape: tuple[int, int], start: tuple[float, float], end: tuple[float, float], pen: float
) -> Ink:
    """Draw a line with round ends, each from (x, y)."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    along = np.subtract(end, start)
    share = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(
        float(along @ along), 1e-9
    )
    share = np.clip(share, 0, 1)
    away = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
    return np.clip(pen / 2 + 0.5 - away, 0, 1).astype(np.float32)


def separator(sign: str, pen: float, random: Random) -> tuple[Ink, float]:
    """Draw a separator; return it cut to its ink, and the row of the page below its last."""
    line = 2 * HIGH - pen / 2
    wobble = random.normal(0, 0.03, 4) * HIGH
    x, y = 0.5 * HIGH, {"'": line - 0.85 * HIGH, "-": line - 0.4 * HIGH}.get(sign, line)
    dx, dy = {
        ".": (0.01, 0.01),
        ",": (-0.07, 0.17),
        "'": (-0.05, 0.16),
        "-": (0.38, -0.02),
    }[sign]
    if sign == ".":
        pen, wobble = 1.25 * pen, wobble / 8
    start = x + wobble[0], y + wobble[1]
    end = start[0] + dx * HIGH + wobble[2], start[1] + dy * HIGH + wobble[3]
    ink = _line((3 * HIGH, round(1.5 * HIGH)), start, end, pen)
    return _cut(ink), float(np.flatnonzero((ink > 0.5).any(axis=1))[-1] + 1)


def _cut(ink: Ink) -> Ink:
    rows, columns = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
