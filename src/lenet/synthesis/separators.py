"""What stands between the digits of an amount and around them, drawn as hands draw it."""

import numpy as np
from PIL import Image, ImageDraw

from lenet.pictures.types import Images

ROWS = 32
LINE = 26  # what is written stands on this row
SIGNS = ".,-=~/#*$"

_FINE = 4  # signs are drawn so many times larger, for smooth edges
_WIDEST = 24
_DARKEST = 40  # of 255: less is the rim of a stroke


def separator(sign: str, random: np.random.Generator) -> Images:
    """Draw one of `SIGNS`, cut to its width: uint8 ``[ROWS, width]``.

    ``~`` is a flourish: a short stroke that goes anywhere, as behind many amounts.
    """
    image = Image.new("L", (_WIDEST * _FINE, ROWS * _FINE))
    draw = ImageDraw.Draw(image)
    thick = round(random.uniform(1.6, 3.6) * _FINE)

    def line(*points: tuple[float, float]) -> None:
        fine = [(x * _FINE, y * _FINE) for x, y in points]
        draw.line(fine, 255, thick, joint="curve")
        for x, y in (fine[0], fine[-1]):
            draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), 255)

    def some(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    level, lean = some(11, 20), some(-2, 2)
    match sign:
        case ".":
            x, y = 4.0, LINE + some(-2, 1)
            line((x, y), (x + some(-1, 1), y + some(0, 1)))
        case ",":
            x, long = 8.0, some(2, 10)
            line((x, LINE - some(0, 4)), (x - some(0, 0.6) * long, LINE - 3 + long))
        case "-":
            long = some(4, 16)
            line((3, level), (3 + long / 2, level + some(-1, 1)), (3 + long, level + lean))
        case "=":
            long, apart = some(5, 13), some(3, 6)
            right = (3 + long, level - 3 + lean)
            left = (3 + some(-1, 1), level - 3 + apart)
            if random.random() < 0.4:  # in one go, as a z
                line((3, level - 3), right, left, (3 + long, left[1] + lean))
            else:
                line((3, level - 3), right)
                line(left, (3 + long, left[1] + lean))
        case "~":
            points = [(3 + some(0, 12), level + some(-6, 8)) for _ in range(random.integers(2, 5))]
            line(*points)
        case "/":
            line((some(8, 13), some(4, 8)), (3, some(24, 28)))
        case "#":
            for x in (6.0, 6 + some(4, 7)):
                line((x, some(6, 9)), (x - some(0, 3), some(22, 26)))
            for y in (12.0, 12 + some(5, 8)):
                line((3, y), (15, y - some(0, 2)))
        case "*":
            for turn in some(0, 0.5) + np.arange(3) * np.pi / 3:
                x, y = 3.5 * float(np.cos(turn)), 3.5 * float(np.sin(turn))
                line((8 + x, level + y), (8 - x, level - y))
        case "$":
            line((9, 4), (9 + lean / 2, 28))
            line((13, 9), (6, 10), (7, 14), (12, 18), (12, 22), (5, 23))
        case _:
            raise ValueError(f"{sign!r} is none of {SIGNS}")
    small = np.asarray(image.resize((_WIDEST, ROWS), Image.Resampling.BOX))
    inked = np.flatnonzero((small > _DARKEST).any(axis=0))
    cut = small[:, inked[0] : inked[-1] + 1]
    return (cut * random.uniform(0.6, 1)).astype(np.uint8)
