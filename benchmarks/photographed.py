"""Ink on paper as a camera sees it: paper, pen, ruling, light, blur, grain, JPEG.

Ink is float32 ``[rows, columns]``, 0 to 1, drawn so large that digits are `HIGH` rows high.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Random = np.random.Generator
Range = tuple[float, float]

HIGH = 96

_LINES: dict[str, Range] = {"ruled": (1.3, 1.9), "squared": (0.6, 0.9)}  # spacing, in digits


@dataclass(frozen=True)
class Photo:
    """How it is taken; of a range, any value is as likely.

    Parameters
    ----------
    height
        Rows of the picture.
    tilt
        Degrees, to either side.
    light
        Chalk on a board instead of a pen on paper.
    ruling
        What is printed on the paper.
    shadow
        Something stands in the light.
    quality
        Of the JPEG.
    """

    height: tuple[int, int] = (60, 120)
    tilt: Range = (0, 1.5)
    light: bool = False
    ruling: Literal["plain", "ruled", "squared"] = "plain"
    shadow: bool = False
    quality: tuple[int, int] = (70, 95)


PLAIN = Photo()


def photographed(ink: Plane, photo: Photo, random: Random) -> Pixels:
    """Return a grey picture, cropped around the ink, uint8 ``[rows, columns]``."""
    angle = random.uniform(*photo.tilt) * random.choice([-1, 1])
    ink = _with_margins(_turned(ink, angle), random)
    pen = (
        ink * random.uniform(0.8, 1) * (1 - random.uniform(0, 0.25) * cloud(ink.shape, 20, random))
    )
    if photo.light:
        paper, mark = random.uniform(30, 80), random.uniform(180, 240)
        paper = paper + 14 * cloud(ink.shape, 40, random)  # wiped
    else:
        paper, mark = random.uniform(175, 245), random.uniform(15, 90)
        paper = paper * (1 - 0.03 * cloud(ink.shape, 2, random))
    if photo.ruling != "plain":
        paper = paper * (1 - _lines(ink, photo.ruling == "squared", angle, random))
    page = paper * (1 - pen) + mark * pen
    return taken(page * _lit(ink.shape, photo.shadow, random), photo, random)


def taken(page: NDArray[np.floating[Any]], photo: Photo, random: Random) -> Pixels:
    """Return what the camera stores of what lies before it, 0 to 255."""
    height = int(random.integers(photo.height[0], photo.height[1] + 1))
    width = max(round(page.shape[1] * height / len(page)), 1)
    blur = random.uniform(0.3, 0.8) * len(page) / height
    soft = Image.fromarray(_stored(page)).filter(ImageFilter.GaussianBlur(blur))
    small = np.asarray(soft.resize((width, height), Image.Resampling.BICUBIC))
    grain = random.normal(0, random.uniform(1, 4), small.shape)
    file = BytesIO()
    quality = int(random.integers(photo.quality[0], photo.quality[1] + 1))
    Image.fromarray(_stored(small + grain)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def _stored(page: NDArray[np.floating[Any]]) -> Pixels:
    return np.clip(np.round(page), 0, 255).astype(np.uint8)


def cloud(shape: tuple[int, ...], size: float, random: Random) -> Plane:
    """Return smooth noise, 0 to 1, whose spots are `size` pixels wide."""
    rows, columns = (max(round(side / size), 1) + 1 for side in shape)
    coarse = Image.fromarray(random.random((rows, columns), np.float32))
    smooth = coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(smooth), 0, 1)


def _turned(ink: Plane, angle: float) -> Plane:
    image = Image.fromarray(ink).rotate(angle, Image.Resampling.BILINEAR, expand=True)
    turned = np.asarray(image)
    rows, columns = (np.flatnonzero((turned > 0.5).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return turned
    return turned[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _with_margins(ink: Plane, random: Random) -> Plane:
    down, across = (
        np.round(random.uniform(least, most, 2) * HIGH).astype(int).tolist()
        for least, most in ((0.15, 0.45), (0.15, 0.9))
    )
    return np.pad(ink, (down, across))


def _lines(ink: Plane, squared: bool, angle: float, random: Random) -> Plane:
    """Return what share of the light printed lines take; one is below the writing."""
    rows, columns = ink.shape
    inked = np.flatnonzero(ink.any(axis=1))
    foot = float(inked[-1]) if len(inked) else rows / 2
    step = random.uniform(*_LINES["squared" if squared else "ruled"]) * HIGH
    slope = -np.tan(np.radians(angle + random.normal(0, 0.7)))
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    x -= columns / 2
    wide = random.uniform(0.7, 1.6)
    level = np.abs(
        (y - slope * x - foot - random.uniform(0, 0.1) * HIGH + step / 2) % step - step / 2
    )
    away = level
    if squared:
        upright = np.abs((x + slope * y + random.uniform(0, step)) % step - step / 2)
        away = np.minimum(away, upright)
    return (random.uniform(0.15, 0.4) * np.clip(wide + 0.5 - away, 0, 1)).astype(np.float32)


def _lit(shape: tuple[int, ...], shadow: bool, random: Random) -> Plane:
    """Return light that falls off to one side, and where asked a shadow with a soft edge."""
    y, x = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    turn, fall = random.uniform(0, 2 * np.pi), random.uniform(0.02, 0.12)
    light = 1 - fall * (1 + x * np.cos(turn) + y * np.sin(turn))
    if shadow:
        turn = random.uniform(0, 2 * np.pi)
        edge = x * np.cos(turn) + y * np.sin(turn) - random.uniform(-0.4, 0.4)
        light = light * (1 - random.uniform(0.3, 0.5) / (1 + np.exp(-edge * random.uniform(8, 40))))
    return light.astype(np.float32)
