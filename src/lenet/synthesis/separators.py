"""Draws handwritten signs between the digits of an amount and around them."""

import numpy as np
from PIL import Image, ImageDraw

from lenet.pictures.types import Images
from lenet.synthesis.drawing import line

ROWS = 32
BASELINE = 26  # the row on which digits stand
SIGNS = ".,-=~/#*$"

_FINE = 4  # signs are drawn this many times larger, for smooth edges
_WIDEST = 24
_FAINT = 40  # of 255; fainter pixels are the edge of a stroke


def separator(sign: str, random: np.random.Generator) -> Images:
    """Draw a handwritten sign of `SIGNS`, such as a comma or a dash: uint8 ``[ROWS, width]``.

    The image is cropped to the width of its ink. ``~`` is a flourish, as after many amounts: a line
    of one to three random strokes.
    """
    image = Image.new("L", (_WIDEST * _FINE, ROWS * _FINE))
    canvas = ImageDraw.Draw(image)
    thick = round(random.uniform(1.6, 3.6) * _FINE)

    def draw(*points: tuple[float, float]) -> None:
        line(canvas, [(x * _FINE, y * _FINE) for x, y in points], thick)

    def uniform(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    level, lean = uniform(11, 20), uniform(-2, 2)
    match sign:
        case ".":
            x, y = 4.0, BASELINE + uniform(-2, 1)
            draw((x, y), (x + uniform(-1, 1), y + uniform(0, 1)))
        case ",":
            x, long = 8.0, uniform(2, 10)
            start = (x, BASELINE - uniform(0, 4))
            draw(start, (x - uniform(0, 0.6) * long, BASELINE - 3 + long))
        case "-":
            long = uniform(4, 16)
            draw((3, level), (3 + long / 2, level + uniform(-1, 1)), (3 + long, level + lean))
        case "=":
            long, apart = uniform(5, 13), uniform(3, 6)
            right = (3 + long, level - 3 + lean)
            left = (3 + uniform(-1, 1), level - 3 + apart)
            if random.random() < 0.4:  # in one stroke, like a z
                draw((3, level - 3), right, left, (3 + long, left[1] + lean))
            else:
                draw((3, level - 3), right)
                draw(left, (3 + long, left[1] + lean))
        case "~":
            count = random.integers(2, 5)
            draw(*[(3 + uniform(0, 12), level + uniform(-6, 8)) for _ in range(count)])
        case "/":
            draw((uniform(8, 13), uniform(4, 8)), (3, uniform(24, 28)))
        case "#":
            for x in (6.0, 6 + uniform(4, 7)):
                draw((x, uniform(6, 9)), (x - uniform(0, 3), uniform(22, 26)))
            for y in (12.0, 12 + uniform(5, 8)):
                draw((3, y), (15, y - uniform(0, 2)))
        case "*":
            for turn in uniform(0, 0.5) + np.arange(3) * np.pi / 3:
                x, y = 3.5 * float(np.cos(turn)), 3.5 * float(np.sin(turn))
                draw((8 + x, level + y), (8 - x, level - y))
        case "$":
            draw((9, 4), (9 + lean / 2, 28))
            draw((13, 9), (6, 10), (7, 14), (12, 18), (12, 22), (5, 23))
        case _:
            raise ValueError(f"{sign!r} is none of {SIGNS}")
    small = np.asarray(image.resize((_WIDEST, ROWS), Image.Resampling.BOX))
    inked = np.flatnonzero((small > _FAINT).any(axis=0))
    cut = small[:, inked[0] : inked[-1] + 1]
    return (cut * random.uniform(0.6, 1)).astype(np.uint8)
