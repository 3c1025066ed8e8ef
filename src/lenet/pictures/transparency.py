"""Puts transparent pictures on a background that their ink is visible on."""

from collections.abc import Iterator

from PIL import Image

_VISIBLE = 0.998  # share of the visible pixels that may lie beyond a contrast; the rest are specks
_LOW = 64  # grey levels: pale ink on white
_BAND = 1 << 20  # pixels that are put on a background at once
_CARD = 0.75  # a picture with a larger visible share is a card with transparent corners, not ink


def background_of(image: Image.Image) -> str:
    """Return the background for a transparent picture: white, or black if white hides its ink.

    White hides the ink if nearly no visible pixel is 64 levels darker than white, and black shows
    it better. A picture that is mostly opaque is put on white always: it brings its own background.
    """
    size = image.width * image.height
    on_white = on_black = visible = None
    for layer in _bands(image):
        alpha = layer.getchannel("A")
        visible = _sum(visible, alpha.histogram())
        on_white = _sum(on_white, on_background(layer, "white").convert("L").histogram(alpha))
        on_black = _sum(on_black, on_background(layer, "black").convert("L").histogram(alpha))
    if visible is None or on_white is None or on_black is None:
        return "white"
    if not 0 < sum(visible[1:]) <= _CARD * size:
        return "white"
    darkness = 255 - _quantile(on_white, 1 - _VISIBLE)
    if darkness >= _LOW:
        return "white"
    return "black" if _quantile(on_black, _VISIBLE) > darkness else "white"


def on_background(image: Image.Image, background: str) -> Image.Image:
    """Put a picture on a background; return an image of mode RGBA without transparent pixels."""
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, background), layer)


def _bands(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the rows of a picture as RGBA, some at a time, to save memory."""
    step = max(_BAND // max(image.width, 1), 1)
    for top in range(0, image.height, step):
        box = (0, top, image.width, min(top + step, image.height))
        yield (image if step >= image.height else image.crop(box)).convert("RGBA")


def _sum(counts: list[int] | None, more: list[int]) -> list[int]:
    return more if counts is None else [a + b for a, b in zip(counts, more, strict=True)]


def _quantile(counts: list[int], share: float) -> int:
    """Return the grey level that `share` of the counted pixels do not exceed."""
    left = share * sum(counts)
    for level, count in enumerate(counts):
        left -= count
        if left <= 0:
            return level
    return 255
