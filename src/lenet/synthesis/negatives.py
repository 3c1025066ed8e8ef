"""Pictures that are no digit: what a network that reads digits must be able to turn away.

The 1998 paper's rubbish class stands for them (Proc. IEEE 86(11), page 9); to learn it, a network
has to be shown some. Each kind is a function of how many, and of chance.
"""

import math
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lenet.errors import LenetError
from lenet.pictures.types import Images
from lenet.synthesis.drawing import DRAWN, SIDE, framed, stroke

# Letters that nobody takes for a digit, whoever wrote them. Left out: I l i j like 1, Z z like 2,
# S s like 5, G b like 6, T like 7, B like 8, g q y like 9, Y like 4, O o D Q C c like 0, and so on.
LETTERS = "AEFHKMNPRVWXadefhkmnprtuvwx"
SIGNS = "?!&@#%*+=~<>{}[]$€£§¶Ωπφψλβδ♣♥♠★☺✓"


def blank(count: int, random: np.random.Generator) -> Images:
    """Nothing at all, a faint shade, or a few specks."""
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    images += random.integers(0, 40, (count, 1, 1), dtype=np.uint8) * (
        random.random((count, 1, 1)) < 0.5
    )
    for image in images:
        for _ in range(random.integers(0, 4)):
            y, x = random.integers(0, SIDE - 2, 2)
            height, width = random.integers(1, 3, 2)
            image[y : y + height, x : x + width] = random.integers(60, 256)
    return images


def noise(count: int, random: np.random.Generator) -> Images:
    """Noise of every grain: single pixels, clouds, grey or black and white, sparse or dense."""
    images = random.random((count, SIDE, SIDE), np.float32)
    grains = random.choice([0.0, 0.0, 0.8, 1.5, 3.0], count)
    for grain in np.unique(grains[grains > 0]):
        chosen = grains == grain
        smooth = _gaussian(float(grain))
        images[chosen] = smooth @ images[chosen] @ smooth.T
    flat = images.reshape(count, SIDE**2)
    ranks = flat.argsort(axis=1).argsort(axis=1) / (SIDE**2 - 1)
    density = random.uniform(0.05, 1, (count, 1))
    dense = np.clip((ranks - 1 + density) / density, 0, 1)
    hard = random.random((count, 1)) < 0.4
    return np.rint(255 * np.where(hard, dense > 0.3, dense)).astype(np.uint8).reshape(images.shape)


def letters(count: int, random: np.random.Generator, fonts: tuple[Path, ...] = ()) -> Images:
    """Letters and signs from `fonts`, slanted and stretched; by default those of matplotlib.

    Raises
    ------
    LenetError
        No fonts are given and matplotlib is not installed.
    """
    fonts = fonts or training_fonts()
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for place in range(count):
        font = _font(fonts[random.integers(len(fonts))])
        text = LETTERS if random.random() < 0.8 else SIGNS
        image = Image.new("L", (DRAWN, DRAWN))
        ImageDraw.Draw(image).text(
            (DRAWN / 2, DRAWN / 2), text[random.integers(len(text))], 255, font, anchor="mm"
        )
        images[place] = framed(_slanted(image, random))
    return images


def scribbles(count: int, random: np.random.Generator) -> Images:
    """Smooth strokes of a pen that go anywhere: too many turns for a digit, or crossed lines."""
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for place in range(count):
        image = Image.new("L", (DRAWN, DRAWN))
        draw = ImageDraw.Draw(image)
        width = int(random.integers(3, 10))
        for _ in range(random.integers(1, 4)):
            stroke(draw, random.uniform(8, DRAWN - 8, (random.integers(4, 9), 2)), width)
        images[place] = framed(image)
    return images


def grids(count: int, random: np.random.Generator) -> Images:
    """Ruled and squared paper, stripes, frames."""
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    for image in images:
        ink = random.integers(60, 256)
        across, down = random.integers(3, 15, 2)
        y, x = random.integers(0, 8, 2)
        thick = random.integers(1, 4)
        kind = random.integers(3)
        for shift in range(thick):
            if kind != 0:
                image[y + shift :: across + thick] = ink
            if kind != 1:
                image[:, x + shift :: down + thick] = ink
    return images


def several(digits: Images, count: int, random: np.random.Generator) -> Images:
    """Two or three digits of MNIST beside each other, squeezed into the place of one."""
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for place in range(count):
        number = int(random.integers(2, 4))
        row = [_cropped(digits[random.integers(len(digits))]) for _ in range(number)]
        height = max(image.shape[0] for image in row)
        gaps = random.integers(1, 5, number)
        parts = [
            np.pad(image, ((top := (height - image.shape[0]) // 2,
                            height - image.shape[0] - top), (0, gap)))
            for image, gap in zip(row, gaps, strict=True)
        ]  # fmt: skip
        images[place] = framed(Image.fromarray(np.concatenate(parts, axis=1)))
    return images


KINDS: dict[str, Callable[[int, np.random.Generator], Images]] = {
    "blank": blank,
    "noise": noise,
    "letters": letters,
    "scribbles": scribbles,
    "grids": grids,
}
"""The kinds that need no other images."""


def training_fonts() -> tuple[Path, ...]:
    """Return the fonts that come with matplotlib, but for those kept for tests."""
    return _fonts("DejaVuSans[-M]*.ttf", "DejaVuSans.ttf", "DejaVuSerif[-I]*.ttf",
                  "DejaVuSerif.ttf", "cm[brt]*.ttf", "cmss10.ttf")  # fmt: skip


def held_back_fonts() -> tuple[Path, ...]:
    """Return fonts that no training sees: STIX, which resembles Times."""
    return _fonts("STIXGeneral*.ttf")


def _fonts(*names: str) -> tuple[Path, ...]:
    found = find_spec("matplotlib")
    if found is None or not found.submodule_search_locations:
        raise LenetError("letters are drawn with matplotlib's fonts; install lenet[train]")
    folder = Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
    return tuple(path for name in names for path in sorted(folder.glob(name)))


@cache
def _font(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), 60)


@cache
def _gaussian(width: float) -> NDArray[np.float32]:
    places = np.arange(SIDE)
    weights = np.exp(-(((places[:, None] - places) / width) ** 2) / 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _slanted(image: Image.Image, random: np.random.Generator) -> Image.Image:
    turn = math.radians(random.uniform(-15, 15))
    slant, wide = random.uniform(-0.3, 0.3), random.uniform(0.8, 1.25)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    matrix = matrix @ np.array([[wide, slant], [0, 1]])
    middle = np.array([DRAWN / 2, DRAWN / 2])
    shift = middle - matrix @ middle
    values = (*matrix[0], shift[0], *matrix[1], shift[1])
    return image.transform(
        image.size, Image.Transform.AFFINE, tuple(map(float, values)), Image.Resampling.BILINEAR
    )


def _cropped(image: Images) -> Images:
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
