"""Pictures that are no digit: of the right kind, framed as MNIST's, following from the seed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from lenet.synthesis import negatives
from lenet.synthesis.negatives import KINDS, digit_rows


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_give_as_many_images_as_asked_and_follow_from_the_seed(kind: str) -> None:
    make = KINDS[kind]
    first, again, other = (make(30, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (30, 28, 28)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert make(0, np.random.default_rng(1)).shape == (0, 28, 28)


@pytest.mark.parametrize("kind", ["letters", "scribbles"])
def test_what_is_drawn_fills_the_box_of_a_digit_around_its_centre_of_mass(kind: str) -> None:
    for image in KINDS[kind](60, np.random.default_rng(0)):
        rows, columns = np.nonzero(image)
        sides = (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1)
        assert max(sides) in (19, 20)  # an edge pixel may be too faint to count
        mass = int(image.sum())
        middle = [float((image.sum(axis=1 - axis) * np.arange(28)).sum()) / mass for axis in (0, 1)]
        # Within a pixel, but where the ink would leave the picture.
        inside = [lines.min() > 0 and lines.max() < 27 for lines in (rows, columns)]
        assert all(abs(m - 13.5) <= 1 or not free for m, free in zip(middle, inside, strict=True))


def test_a_blank_has_next_to_no_ink() -> None:
    images = KINDS["blank"](200, np.random.default_rng(0))
    assert np.count_nonzero(images > 40) < 0.01 * images.size
    assert sum(not image.any() for image in images) > 10


def test_several_digits_stand_beside_each_other() -> None:
    digits = np.zeros((2, 28, 28), np.uint8)
    digits[:, 4:24, 10:18] = 255
    for image in digit_rows(digits, 20, np.random.default_rng(0)):
        inked = image.max(axis=0) > 60
        strokes = np.count_nonzero(np.diff(inked.astype(int)) == 1)
        assert strokes in (2, 3)


def test_no_letter_is_left_out_of_its_font() -> None:
    """A font without a letter would draw an empty box, which is no letter."""
    fonts = negatives.training_fonts()
    assert len(fonts) > 10
    for path in fonts:

        def drawn(letter: str, path: Path = path) -> bytes:
            image = Image.new("L", (100, 100))
            ImageDraw.Draw(image).text((10, 10), letter, 255, ImageFont.truetype(str(path), 60))
            return image.tobytes()

        missing = drawn("\U0010fffe")
        assert all(drawn(letter) != missing for letter in negatives.LETTERS), path.name
