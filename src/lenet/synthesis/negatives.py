"""Draws images that show no digit (negatives).

On them a network learns the class "none", which the 1998 paper calls the rubbish class (Proc. IEEE
86(11), page 9). Each function of `KINDS` draws one kind, `digit_rows` another. All return random
images like MNIST's, light on black: uint8 ``[count, 28, 28]``.
"""

import math
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lenet.pictures.components import cropped
from lenet.pictures.types import Images
from lenet.synthesis.drawing import DRAWN, SIDE, framed, stroke

# Letters that look like no digit in any handwriting. Left out are: I l i j like 1, Z z like 2,
# S s like 5, G b like 6, T like 7, B like 8, g q y like 9, Y like 4, O o D Q C c like 0, and so on.
LETTERS = "AEFHKMNPRVWXadefhkmnprtuvwx"
SIGNS = "?!&@#%*+=~<>{}[]$€£§¶Ωπφψλβδ♣♥♠★☺✓"


def blank(count: int, random: np.random.Generator) -> Images:
    """Draw empty images, some of them with a faint shade or a few specks."""
    shades = random.integers(0, 40, (count, 1, 1), dtype=np.uint8)
    shades *= random.random((count, 1, 1)) < 0.5
    images = np.tile(shades, (1, SIDE, SIDE))
    for image in images:
        for _ in range(random.integers(0, 4)):
            y, x = random.integers(0, SIDE - 2, 2)
            height, width = random.integers(1, 3, 2)
            image[y : y + height, x : x + width] = random.integers(60, 256)
    return images


def noise(count: int, random: np.random.Generator) -> Images:
    """Draw noise, fine or coarse, grey or black and white, sparse or dense."""
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
    """Draw a slanted and stretched letter or sign per image, in the font files `fonts`.

    By default these are `training_fonts`.
    """
    fonts = fonts or training_fonts()

    def draw() -> Image.Image:
        font = _font(fonts[random.integers(len(fonts))])
        text = LETTERS if random.random() < 0.8 else SIGNS
        letter = text[random.integers(len(text))]
        image = Image.new("L", (DRAWN, DRAWN))
        ImageDraw.Draw(image).text((DRAWN / 2, DRAWN / 2), letter, 255, font, anchor="mm")
        return _slanted(image, random)

    return framed(draw() for _ in range(count))


def scribbles(count: int, random: np.random.Generator) -> Images:
    """Draw smooth random strokes of a pen, with too many turns or crossings for a digit."""

    def draw() -> Image.Image:
        image = Image.new("L", (DRAWN, DRAWN))
        canvas = ImageDraw.Draw(image)
        width = int(random.integers(3, 10))
        for _ in range(random.integers(1, 4)):
            stroke(canvas, random.uniform(8, DRAWN - 8, (random.integers(4, 9), 2)), width)
        return image

    return framed(draw() for _ in range(count))


def grids(count: int, random: np.random.Generator) -> Images:
    """Draw ruled and squared paper, stripes and frames."""
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


def digit_rows(digits: Images, count: int, random: np.random.Generator) -> Images:
    """Put two or three MNIST digits into a row, scaled to the size of one image."""

    def draw() -> Image.Image:
        number = int(random.integers(2, 4))
        chosen = [digits[random.integers(len(digits))] for _ in range(number)]
        parts = [cropped(image, image > 0) for image in chosen]
        height = max(len(part) for part in parts)
        padded: list[Images] = []
        for part, gap in zip(parts, random.integers(1, 5, number), strict=True):
            top = (height - len(part)) // 2
            padded.append(np.pad(part, ((top, height - len(part) - top), (0, gap))))
        return Image.fromarray(np.concatenate(padded, axis=1))

    return framed(draw() for _ in range(count))


KINDS: dict[str, Callable[[int, np.random.Generator], Images]] = {
    one.__name__: one for one in (blank, noise, letters, scribbles, grids)
}
"""The kinds that are drawn without other images."""


def training_fonts() -> tuple[Path, ...]:
    """Return the fonts of matplotlib for training."""
    sans = ("DejaVuSans[-M]*.ttf", "DejaVuSans.ttf")
    serif = ("DejaVuSerif[-I]*.ttf", "DejaVuSerif.ttf")
    return _fonts(*sans, *serif, "cm[brt]*.ttf", "cmss10.ttf")


def held_out_fonts() -> tuple[Path, ...]:
    """Return the fonts of matplotlib for tests: STIX, which resembles Times."""
    return _fonts("STIXGeneral*.ttf")


def _fonts(*patterns: str) -> tuple[Path, ...]:
    found = find_spec("matplotlib")
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
    return tuple(path for pattern in patterns for path in sorted(folder.glob(pattern)))


@cache
def _font(path: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), 60)


@cache
def _gaussian(width: float) -> NDArray[np.float32]:
    """Return the matrix ``[SIDE, SIDE]`` that blurs a column; the sum of each row is 1."""
    places = np.arange(SIDE)
    weights = np.exp(-(((places[:, None] - places) / width) ** 2) / 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _slanted(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Rotate, shear and stretch an image around its middle, at random."""
    turn = math.radians(random.uniform(-15, 15))
    slant, wide = random.uniform(-0.3, 0.3), random.uniform(0.8, 1.25)
    matrix = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    matrix = matrix @ np.array([[wide, slant], [0, 1]])
    middle = np.array([DRAWN / 2, DRAWN / 2])
    values = np.column_stack([matrix, middle - matrix @ middle]).ravel().tolist()
    return image.transform(image.size, Image.Transform.AFFINE, values, Image.Resampling.BILINEAR)
