"""A picture cut along the ink of one digit: all of its ink is the digit."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lenet.pictures.close_crop import close_crop

PAPER, INK = 235, 40
Line = tuple[tuple[int, int], ...]
SEVEN: tuple[Line, ...] = (((5, 5), (74, 5), (30, 114)),)
FOUR: tuple[Line, ...] = (((40, 5), (5, 80), (74, 80)), ((55, 5), (55, 114)))


def page(
    *strokes: Line, size: tuple[int, int] = (80, 120), pen: int = 10, ink: int = INK
) -> Image.Image:
    picture = Image.new("L", size, PAPER)
    for stroke in strokes:
        ImageDraw.Draw(picture).line(stroke, fill=ink, width=pen)
    return picture


def with_line(picture: Image.Image, line: Line, width: int, level: int = INK) -> Image.Image:
    ImageDraw.Draw(picture).line(line, fill=level, width=width)
    return picture


def is_crop(picture: Image.Image) -> bool:
    return close_crop(np.asarray(picture)) is not None


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(page(*SEVEN), id="the bar of a 7 lies along the border"),
        pytest.param(page(*FOUR), id="a 4"),
        pytest.param(page(*SEVEN).resize((20, 30)), id="small"),
        pytest.param(page(*SEVEN).resize((400, 600)), id="large"),
        pytest.param(page(*SEVEN).point(lambda level: 255 - level), id="light on dark"),
        pytest.param(page(*SEVEN, ink=150), id="pencil"),
    ],
)
def test_all_ink_of_a_close_crop_is_the_digit(picture: Image.Image) -> None:
    ink = close_crop(np.asarray(picture))
    assert ink is not None
    assert ink.dtype == np.float32
    dark = np.abs(
        np.asarray(picture.resize(ink.shape[::-1]), np.float32) - np.asarray(picture)[-1, 0]
    )
    same = (ink > 0.5) == (dark > 0.5 * dark.max())
    assert same.mean() > 0.98  # resizing moves the edges a little


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(
            with_line(page(*SEVEN), ((0, 60), (80, 60)), 2), id="a line thinner than the strokes"
        ),
        pytest.param(
            with_line(page(*SEVEN), ((0, 60), (80, 60)), 4, 170), id="a line paler than the ink"
        ),
        pytest.param(
            with_line(
                page(
                    ((40, 30), (40, 119)),
                ),
                ((0, 5), (79, 5)),
                8,
            ),
            id="a line apart from a 1",
        ),
        pytest.param(
            with_line(
                with_line(page(((10, 20), (60, 100))), ((0, 40), (80, 40)), 6),
                ((30, 0), (30, 120)),
                6,
            ),
            id="lines in both directions",
        ),
        pytest.param(
            page(((2, 2), (77, 2), (77, 117), (2, 117), (2, 2)), ((40, 30), (40, 90)), pen=5),
            id="a 1 in a box",
        ),
        pytest.param(page(((10, 0), (10, 120)), ((50, 0), (65, 120))), id="two ones"),
        pytest.param(page(((40, 30), (45, 90))), id="a margin"),
        pytest.param(page(*SEVEN, ink=PAPER - 30), id="too faint"),
        pytest.param(page(), id="no ink"),
        pytest.param(page(*SEVEN, pen=60), id="more ink than paper"),
    ],
)
def test_other_pictures_take_the_general_search(picture: Image.Image) -> None:
    assert not is_crop(picture)


def test_specks_are_no_ink() -> None:
    picture = page(*SEVEN)
    picture.putpixel((70, 100), INK)
    ink = close_crop(np.asarray(picture))
    assert ink is not None
    assert ink[100, 70] == 0
