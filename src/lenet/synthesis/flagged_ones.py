"""Draws handwritten ones with a flag at the top, and sometimes with a foot.

People in many countries write ones like this. Nearly all ones of MNIST, written in the United
States, are a single stroke. A network that has seen no others takes a flag for the bar of a seven.
"""

import math

import numpy as np
from PIL import Image, ImageDraw

from lenet.pictures.types import Images
from lenet.synthesis.drawing import DRAWN, framed, stroke


def flagged_ones(count: int, random: np.random.Generator) -> Images:
    """Return random images of ones with a flag, like MNIST's: uint8 ``[count, 28, 28]``.

    Examples
    --------
    >>> flagged_ones(3, np.random.default_rng(0)).shape
    (3, 28, 28)
    """
    return framed(_draw_one(random) for _ in range(count))


def _draw_one(random: np.random.Generator) -> Image.Image:
    image = Image.new("L", (DRAWN, DRAWN))
    draw = ImageDraw.Draw(image)
    width = int(random.integers(4, 10))
    slant = random.uniform(-0.15, 0.5)
    height = random.uniform(50, 64)
    top = np.array([DRAWN / 2 + slant * height / 2, (DRAWN - height) / 2])
    bottom = np.array([DRAWN / 2 - slant * height / 2, (DRAWN + height) / 2])
    # The flag is an upstroke that ends at the top. Its angle is closer to the stem than to the
    # level bar of a seven.
    angle = min(math.radians(random.uniform(15, 50)) + max(math.atan(slant), 0) * 0.7, 1.0)
    length = height * random.uniform(0.2, 0.65)
    flag = top + length * np.array([-math.sin(angle), math.cos(angle)])
    bend = random.normal(0, 2, 2)
    stroke(draw, np.stack([flag, (flag + top) / 2 + bend, top]), width)
    stroke(draw, np.stack([top, (top + bottom) / 2 + random.normal(0, 2, 2), bottom]), width)
    if random.random() < 0.15:
        reach = random.uniform(8, 20, 2)
        foot = np.array([[-reach[0], random.normal(0, 2)], [0, 0], [reach[1], 0]])
        stroke(draw, bottom + foot, width)
    return image
