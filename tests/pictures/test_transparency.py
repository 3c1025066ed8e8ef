from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lenet.artifact import load
from lenet.pictures import decode, transparency
from lenet.pictures.coerce import pictures_of
from lenet.pictures.image import read_image
from lenet.reading.reader import read

Colour = tuple[int, int, int]


def ink(colour: Colour, size: int = 120, opacity: int = 255) -> Image.Image:
    """A zero on nothing, with soft edges."""
    mask = Image.new("L", (4 * size, 4 * size))
    box = (1.3 * size, 0.8 * size, 2.7 * size, 3.2 * size)
    ImageDraw.Draw(mask).ellipse(box, outline=opacity, width=size // 3)
    image = Image.new("RGBA", (size, size), (*colour, 0))
    image.putalpha(mask.resize((size, size)))
    return image


def card(paper: Colour, drawn: Colour | None) -> Image.Image:
    """Opaque paper with round transparent corners, and ink on it if a colour is given."""
    image = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, 119, 119), 20, (*paper, 255))
    if drawn is not None:
        pen.line([(60, 25), (55, 95)], (*drawn, 255), width=9)
    return image


BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@pytest.mark.parametrize(
    ("image", "border"),
    [
        (ink(BLACK), 255),
        (ink((128, 128, 128)), 255),
        (ink((0, 0, 160)), 255),
        (ink((180, 180, 180)), 255),
        (ink(BLACK, opacity=80), 255),
        (ink(BLACK, opacity=40), 255),  # faint, but black hides it
        (ink(WHITE), 0),
        (ink((255, 255, 120)), 0),  # pale yellow
        (ink((220, 220, 220)), 0),
        (ink((200, 255, 255)), 0),
        (ink(WHITE, opacity=100), 0),
        (ink(WHITE, 28), 0),
        (ink(BLACK, 28), 255),
        (card(WHITE, None), 255),  # nothing is drawn: not a white shape on black
        (card(WHITE, BLACK), 255),
        (card((20, 60, 40), WHITE), 255),  # a board
        (card((240, 240, 235), (60, 60, 160)), 255),
        (Image.new("RGBA", (9, 9), (255, 255, 255, 0)), 255),
        (Image.new("RGBA", (9, 9), (0, 0, 0, 0)), 255),
    ],
)
def test_ink_is_put_on_the_background_that_shows_it(image: Image.Image, border: int) -> None:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    picture = read_image(buffer, "x")
    assert (picture[0, 0] == border).all()
    if border == 0:
        assert picture.max() >= 90
    (from_array,) = pictures_of(np.asarray(image))
    assert np.array_equal(from_array[..., 0] if picture.ndim == 2 else from_array, picture)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def grey_and_alpha(image: Image.Image) -> Image.Image:
    return Image.merge("LA", (image.convert("RGB").convert("L"), image.getchannel("A")))


def palette(image: Image.Image) -> Image.Image:
    """Index 1 is ink, index 0 is transparent."""
    pixels = np.asarray(image)
    made = Image.fromarray((pixels[..., 3] > 127).astype(np.uint8))
    made.putpalette(pixels[0, 0, :3].tolist() * 2)
    return made


@pytest.mark.parametrize("size", [28, 120])
@pytest.mark.parametrize("colour", [WHITE, (235, 235, 235), BLACK])
@pytest.mark.parametrize("form", ["rgba.png", "la.png", "p.png", "p.gif", "rgba.webp", "rgba.tif"])
def test_a_digit_on_nothing_is_read(form: str, colour: Colour, size: int) -> None:
    image = ink(colour, size)
    content = {
        "rgba.png": lambda: saved(image, "PNG"),
        "la.png": lambda: saved(grey_and_alpha(image), "PNG"),
        "p.png": lambda: saved(palette(image), "PNG", transparency=0),
        "p.gif": lambda: saved(palette(image), "GIF", transparency=0),
        "rgba.webp": lambda: saved(image, "WEBP", lossless=True),
        "rgba.tif": lambda: saved(image, "TIFF"),
    }[form]()
    (answer,) = load("digits").predict(content)
    assert answer.label == "0"
    assert not answer.rejected
    if size == 120:
        (reading,) = read(content)
        assert reading.text == "0"


@pytest.mark.parametrize("band", [1, 500])
@pytest.mark.parametrize(
    "image",
    [
        ink((255, 255, 120), 40),
        ink(BLACK, 40),
        ink((90, 20, 30), 40).convert("P"),
        ink(BLACK, 40).convert("LA"),
        card((240, 240, 235), (60, 60, 160)).convert("RGB"),
        ink(BLACK, 40).convert("CMYK"),
    ],
)
def test_bands_give_the_picture_as_a_whole_does(
    monkeypatch: pytest.MonkeyPatch, image: Image.Image, band: int
) -> None:
    whole = decode.decoded(image.copy())
    for module in (decode, transparency):
        monkeypatch.setattr(module, "_BAND", band)
    np.testing.assert_array_equal(decode.decoded(image.copy()), whole)
