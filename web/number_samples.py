"""Make src/numbers.png: sample numbers for the page's view Read, made of MNIST's test digits.

One number per row, light on dark, in the middle of the row. Run it from the repository's root:
``python web/number_samples.py``.
"""

from pathlib import Path

import numpy as np
from PIL import Image

import lenet
from lenet.data.split import Split
from lenet.pictures.types import Images
from lenet.synthesis.numbers import cut_to_ink, on_line
from lenet.synthesis.separators import BASELINE, ROWS, separator

# The number, and the gap between its digits in pixels. With a negative gap digits touch or overlap.
NUMBERS = (("1998", 5), ("60000", -2), ("2,750.00", 3), ("31415926", 2))
WIDTH = 240
SHEET = Path(__file__).with_name("src") / "numbers.png"


def written(text: str, gap: int, test: Split, random: np.random.Generator) -> Images:
    """Return a number, uint8 ``[ROWS, WIDTH]``."""
    row = np.zeros((ROWS, WIDTH), np.uint8)
    parts = [sign(letter, test, random) for letter in text]
    place = (WIDTH - sum(part.shape[1] + gap for part in parts) + gap) // 2
    for part in parts:
        under = row[:, place : place + part.shape[1]]
        np.maximum(under, part, out=under)
        place += part.shape[1] + gap
    return row


def sign(letter: str, test: Split, random: np.random.Generator) -> Images:
    """Return a digit or a separator as it stands on the line, uint8 ``[ROWS, columns]``."""
    if not letter.isdigit():
        return separator(letter, random)
    image = test.images[random.choice(np.flatnonzero(test.labels == int(letter)))]
    glyph = cut_to_ink(image)
    assert glyph is not None
    return on_line(glyph, 1.0, BASELINE + random.normal(0, 0.6), random)


if __name__ == "__main__":
    test, random = lenet.load_data("mnist").test, np.random.default_rng(9)
    sheet = np.vstack([written(text, gap, test, random) for text, gap in NUMBERS])
    Image.fromarray(sheet).save(SHEET, optimize=True)
