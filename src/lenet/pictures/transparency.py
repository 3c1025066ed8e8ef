"""Puts transparent pictures on a background that their ink is visible on."""

from PIL import Image

_VISIBLE = 0.998  # share of the visible pixels that may lie beyond a contrast; the rest are specks
_LOW = 64  # grey levels: pale ink on white
_CARD = 0.75  # a picture with a larger visible share is a card with transparent corners, not ink


def without_transparency(image: Image.Image) -> Image.Image:
    """Put a transparent picture on white, or on black if white hides its ink.

    White hides the ink if nearly no visible pixel is 64 levels darker than white, and black shows
    it better. A picture that is mostly opaque is put on white always: it brings its own background.

    Returns
    -------
    An image of mode RGB or RGBA, without transparent pixels.
    """
    layer = image.convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    visible = layer.getchannel("A")
    covered = sum(visible.histogram()[1:])
    if not 0 < covered <= _CARD * layer.width * layer.height:
        return on_white
    darkness = 255 - _quantile(on_white, visible, 1 - _VISIBLE)
    if darkness >= _LOW:
        return on_white
    on_black = Image.alpha_composite(Image.new("RGBA", layer.size, "black"), layer)
    return on_black if _quantile(on_black, visible, _VISIBLE) > darkness else on_white


def _quantile(image: Image.Image, visible: Image.Image, share: float) -> int:
    """Return the grey level that `share` of the visible pixels do not exceed."""
    counts = image.convert("L").histogram(visible)
    left = share * sum(counts)
    for level, count in enumerate(counts):
        left -= count
        if left <= 0:
            return level
    return 255
