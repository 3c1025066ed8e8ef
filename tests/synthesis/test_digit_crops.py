"""Digits cut out of cheques: which part of the picture, how often, and under which name."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lenet.data.cheques import Box, Cheque
from lenet.pictures.network_input import network_input
from lenet.synthesis import digit_crops as module
from lenet.synthesis.digit_crops import digit_crops

PAPER, INK = 230, 40
# A seven and a one, 40 pixels high.
BOXES: tuple[Box, ...] = ((10, 12, 24, 40), (50.4, 12, 8, 40))


@pytest.fixture
def cheque(tmp_path: Path) -> Cheque:
    picture = Image.new("L", (90, 64), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.line([(12, 14), (32, 14), (18, 50)], INK, 4)
    draw.line([(54, 14), (54, 50)], INK, 4)
    picture.save(tmp_path / "a.png")
    return Cheque(tmp_path / "a.png", "71", BOXES, "train")


def test_a_digit_is_what_lies_in_its_box(monkeypatch: pytest.MonkeyPatch, cheque: Cheque) -> None:
    monkeypatch.setattr(module, "_MARGIN", (0, 0))
    images, labels = digit_crops([cheque], 1, np.random.default_rng(0))
    picture = np.asarray(Image.open(cheque.path))
    assert labels.tolist() == [7, 1]
    for image, cut in zip(images, (picture[12:52, 10:34], picture[12:52, 50:58]), strict=True):
        assert np.array_equal(image, network_input(cut, "digits", (1, 28, 28)))
        assert image.any()


def test_versions_have_margins_of_their_own(cheque: Cheque) -> None:
    images, labels = digit_crops([cheque, cheque], 3, np.random.default_rng(1))
    assert images.shape == (12, 28, 28)
    assert images.dtype == np.uint8
    assert labels.tolist() == [7, 7, 7, 1, 1, 1] * 2
    assert labels.dtype == np.int64
    again, _ = digit_crops([cheque, cheque], 3, np.random.default_rng(1))
    other, _ = digit_crops([cheque, cheque], 3, np.random.default_rng(2))
    assert np.array_equal(images, again)
    assert not np.array_equal(images, other)


@pytest.mark.parametrize(
    "box",
    [
        (200, 12, 8, 40),  # beyond the picture
        (10, 12, 0, 0),
        (-60, 12, 8, 40),
    ],
)
def test_a_box_without_pixels_gives_nothing(
    monkeypatch: pytest.MonkeyPatch, cheque: Cheque, box: Box
) -> None:
    monkeypatch.setattr(module, "_MARGIN", (0, 0))
    odd = Cheque(cheque.path, "71", (box, BOXES[1]), "train")
    images, labels = digit_crops([odd], 1, np.random.default_rng(0))
    assert labels.tolist() == [1]
    assert len(images) == 1


def test_a_box_that_reaches_over_the_border_is_cut_there(cheque: Cheque) -> None:
    odd = Cheque(cheque.path, "7", ((-6, -8, 44, 80),), "train")
    images, labels = digit_crops([odd], 2, np.random.default_rng(0))
    assert labels.tolist() == [7, 7]
    assert images.any(axis=(1, 2)).all()


def test_no_cheques_give_no_digits() -> None:
    images, labels = digit_crops([], 2, np.random.default_rng(0))
    assert images.shape == (0, 28, 28)
    assert labels.shape == (0,)
