"""MNIST's digits written large on paper, as cameras and scanners see them: known labels.

Every kind takes a digit's ink, 0 to 1, 224 pixels square, and a random generator.
"""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

Pixels = NDArray[np.uint8]
Ink = NDArray[np.float32]
Random = np.random.Generator

SIDE = 224


def written(image: Pixels) -> Ink:
    """Draw an image of MNIST with a sharp edge, eight times as large."""
    large = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    smooth = np.asarray(large.filter(ImageFilter.GaussianBlur(4)), np.float32)
    return np.clip((smooth / 255 - 0.4) / 0.2, 0, 1).astype(np.float32)


def _on_paper(
    ink: Ink,
    random: Random,
    size: tuple[int, int] = (320, 280),
    at: tuple[int, int] = (28, 48),
    paper: float = 235,
    contrast: float = 0.8,
    under: Ink | None = None,
) -> Ink:
    """Return what a camera sees, 0 to 255: paper of some tooth, ink that lets some light through.

    `under` is the share of light that the print below leaves.
    """
    height, width = size[1], size[0]
    tooth = random.normal(0, 2.5, (height, width))
    page = (paper + tooth) * (1 if under is None else under)
    top, left = at
    page[top : top + len(ink), left : left + ink.shape[1]] *= 1 - contrast * ink
    return page.astype(np.float32)


def _ruled(size: tuple[int, int], random: Random, step: int, squared: bool) -> Ink:
    """Return lines that take a third of the light, a page held a little askew."""
    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    slant = random.uniform(-0.04, 0.04)
    level = (down + slant * across + random.integers(step)) % step < 2.5
    upright = (across - slant * down + random.integers(step)) % step < 2.5
    return (1 - 0.35 * (level | (upright & squared))).astype(np.float32)


def _lit(size: tuple[int, int], random: Random) -> Ink:
    """Return light that falls off to one corner, and a shadow with a soft edge."""
    across, down = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    turn = random.uniform(0, 2 * np.pi)
    fall = 0.75 + 0.2 * (across * np.cos(turn) + down * np.sin(turn))
    turn = random.uniform(0, 2 * np.pi)
    edge = across * np.cos(turn) + down * np.sin(turn) - random.uniform(-0.4, 0.4)
    return (fall * (1 - 0.4 / (1 + np.exp(-edge * 25)))).astype(np.float32)


def _pixels(page: Ink) -> Pixels:
    return np.clip(np.round(page), 0, 255).astype(np.uint8)


def _smaller(ink: Ink, side: int) -> Ink:
    small = Image.fromarray(ink).resize((side, side), Image.Resampling.BILINEAR)
    return np.clip(np.asarray(small, np.float32), 0, 1)


def _thin(ink: Ink) -> Ink:
    """Draw the digit with a fine pen: its morphological skeleton, five pixels wide."""
    rest = Image.fromarray(_pixels(ink * 255))
    bones = np.zeros(ink.shape, np.uint8)
    while np.asarray(rest).any():
        eroded = rest.filter(ImageFilter.MinFilter(3))
        opened = eroded.filter(ImageFilter.MaxFilter(3))
        bones = np.maximum(bones, np.asarray(ImageChops.subtract(rest, opened)))
        rest = eroded
    pen = (
        Image.fromarray(bones).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(1))
    )
    return np.asarray(pen, np.float32) / np.float32(255)


def _thick(ink: Ink) -> Ink:
    marker = Image.fromarray(_pixels(ink * 255)).filter(ImageFilter.MaxFilter(13))
    return np.asarray(marker, np.float32) / np.float32(255)


def _plain(ink: Ink, random: Random) -> Pixels:
    return _pixels(_on_paper(ink, random))


def _lined(ink: Ink, random: Random) -> Pixels:
    return _pixels(_on_paper(ink, random, under=_ruled((320, 280), random, 64, squared=False)))


def _squared(ink: Ink, random: Random) -> Pixels:
    return _pixels(_on_paper(ink, random, under=_ruled((320, 280), random, 40, squared=True)))


def _shadow(ink: Ink, random: Random) -> Pixels:
    return _pixels(_on_paper(ink, random) * _lit((320, 280), random))


def _board(ink: Ink, random: Random) -> Pixels:
    return _pixels(np.float32(255) - _on_paper(ink, random, paper=200) * _lit((320, 280), random))


def _pencil(ink: Ink, random: Random) -> Pixels:
    return _pixels(_on_paper(_thin(ink), random, contrast=0.3))


def _fine_pen(ink: Ink, random: Random) -> Pixels:
    return _pixels(_on_paper(_thin(ink), random))


def _marker(ink: Ink, random: Random) -> Pixels:
    return _pixels(_on_paper(_thick(ink), random))


def _jpeg(ink: Ink, random: Random) -> Pixels:
    page = Image.fromarray(_plain(ink, random)).resize((107, 93))
    file = BytesIO()
    page.save(file, "JPEG", quality=12)
    return np.asarray(Image.open(file))


def _blurred(ink: Ink, random: Random) -> Pixels:
    return np.asarray(Image.fromarray(_plain(ink, random)).filter(ImageFilter.GaussianBlur(7)))


def _off_centre(ink: Ink, random: Random) -> Pixels:
    top, left = random.integers(0, 300, 2).tolist()
    return _pixels(_on_paper(_smaller(ink, 100), random, (400, 400), (top, left)))


def _small(ink: Ink, random: Random) -> Pixels:
    at = int(random.integers(100, 1000)), int(random.integers(100, 1400))
    page = _on_paper(_smaller(ink, 110), random, (1600, 1200), at)
    return _pixels(page * _lit((1600, 1200), random))


def _table(ink: Ink, random: Random) -> Pixels:
    """Show the paper on a dark table."""
    size = (480, 420)
    page = _on_paper(_smaller(ink, 160), random, size, (130, 160))
    table = 70 + random.normal(0, 8, page.shape)
    sheet = Image.new("L", size, 0)
    sheet.paste(255, (80, 60, 400, 370))
    turned = sheet.rotate(float(random.uniform(-8, 8)), Image.Resampling.BILINEAR)
    share = np.asarray(turned, np.float32) / np.float32(255)
    return _pixels((share * page + (1 - share) * table).astype(np.float32))


def _specks(ink: Ink, random: Random) -> Pixels:
    page = _on_paper(ink, random)
    for _ in range(12):
        top, left = int(random.integers(0, 276)), int(random.integers(0, 316))
        page[top : top + 4, left : left + 4] = 60
    return _pixels(page)


def _neighbours(ink: Ink, random: Random) -> Pixels:
    """Cut the strokes of other digits by the border."""
    page = _on_paper(ink, random)
    stroke = int(random.integers(8, 20))
    page[60:200, :stroke] = 50
    page[100:250, -stroke:] = 50
    return _pixels(page)


def _close(ink: Ink, random: Random) -> Pixels:
    """Cut the picture so that the digit's ink reaches its border."""
    rows, columns = np.nonzero(ink > 0.5)
    close = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return _pixels(_on_paper(close, random, (close.shape[1], close.shape[0]), (0, 0)))


KINDS: dict[str, Callable[[Ink, Random], Pixels]] = {
    "plain paper": _plain,
    "lined paper": _lined,
    "squared paper": _squared,
    "uneven light and a shadow": _shadow,
    "light on a dark board": _board,
    "pencil": _pencil,
    "fine pen": _fine_pen,
    "thick marker": _marker,
    "JPEG of quality 12": _jpeg,
    "out of focus": _blurred,
    "off centre": _off_centre,
    "small in a large picture": _small,
    "paper on a dark table": _table,
    "specks": _specks,
    "neighbours at the border": _neighbours,
    "cut out close to the ink": _close,
}
