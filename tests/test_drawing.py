"""What objects draw of themselves: texts are escaped, pictures are PNG files."""

from io import BytesIO
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from lenet import drawing

EVIL = "<script>&\"'"


def test_texts_are_escaped() -> None:
    sheet = np.zeros((9, 9), np.uint8)
    for drawn in (
        drawing.html_line(EVIL),
        drawing.html_table([EVIL], [[EVIL]]),
        drawing.bars([(EVIL, 0.5)]),
        drawing.picture(sheet, [((0, 0, 3, 3), EVIL)], EVIL),
    ):
        assert "<script" not in drawn
        ElementTree.fromstring(drawn)  # well formed


def test_a_picture_is_the_pixels() -> None:
    random = np.random.default_rng(0)
    for shape in ((5, 7), (5, 7, 3)):
        pixels = random.integers(0, 256, shape, dtype=np.uint8)
        assert np.array_equal(np.asarray(Image.open(BytesIO(drawing.png(pixels)))), pixels)
