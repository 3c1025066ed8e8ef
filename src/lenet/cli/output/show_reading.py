"""Draws a reading on its picture: the digits, their places and their confidence."""

from io import BytesIO
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lenet.cli.output.answer_lines import NOT_SURE
from lenet.cli.output.reading_lines import DOUBTFUL, NO_NUMBER
from lenet.pictures.types import Images
from lenet.reading.reader import Digit, Reading

_LONGEST, _SHORTEST = 1600, 480  # bounds of the longer side in pixels, if the digits are legible
_LEGIBLE = 48  # smallest height of a digit in pixels
_MOST = 6000  # no side has more pixels
_MARGIN = 16
_HEAD, _LABELS = 32, 26  # font sizes of the answer and of the digits above their boxes
_INK, _PALE = (30, 30, 30), (110, 110, 110)
_SURE, _UNSURE = (0, 114, 178), (213, 94, 0)  # blue and orange differ for colour-blind people too


def as_png(picture: Images, reading: Reading) -> bytes:
    """Draw a reading on its picture, uint8 ``[height, width]`` or with RGB; return a PNG file.

    Above the picture stand the number with its confidence, and each digit over its box: blue, or
    orange if it is doubtful. Small pictures are enlarged. Large ones are reduced, as long as their
    digits stay legible.
    """
    buffer = BytesIO()
    _drawn(picture, reading).save(buffer, "PNG")
    return buffer.getvalue()


def _drawn(picture: Images, reading: Reading) -> Image.Image:
    scale = _scale(picture, reading.digits)
    shown = Image.fromarray(picture).convert("RGB")
    size = tuple(min(max(round(side * scale), 1), _MOST) for side in shown.size)
    shown = shown.resize((size[0], size[1]), Image.Resampling.BICUBIC, reducing_gap=3)
    middles = [scale * (one.box[0] + one.box[2] / 2) for one in reading.digits]
    head, labels = ImageFont.load_default(_HEAD), ImageFont.load_default(_label_size(middles))
    words = _head(reading)
    needed = sum(round(head.getlength(text)) for text, _ in words) + 2 * _MARGIN
    left = max((needed - shown.width) // 2, _MARGIN)
    top = _MARGIN + round(1.4 * _HEAD) + (round(1.4 * _LABELS) if middles else 0)
    canvas = Image.new("RGB", (shown.width + 2 * left, top + shown.height + _MARGIN), "white")
    canvas.paste(shown, (left, top))
    draw = ImageDraw.Draw(canvas)
    x = (canvas.width - needed) / 2 + _MARGIN
    for text, colour in words:
        draw.text((x, _MARGIN), text, colour, head)
        x += head.getlength(text)
    for digit, middle in zip(reading.digits, middles, strict=True):
        colour = _SURE if digit.confidence >= DOUBTFUL else _UNSURE
        draw.text((left + middle, top - 6), digit.text, colour, labels, anchor="mb")
        _frame(draw, digit, scale, (left, top), colour)
    return canvas


def _head(reading: Reading) -> list[tuple[str, tuple[int, int, int]]]:
    """Return the words above the picture, each with its colour."""
    if not reading.text:
        return [(NO_NUMBER, _PALE)]
    doubt = [(f"{NOT_SURE}: ", _UNSURE)] if reading.rejected else []
    return [*doubt, (reading.text, _INK), (f"   {reading.confidence:.1%}", _PALE)]


def _scale(picture: Images, digits: tuple[Digit, ...]) -> float:
    longest = max(picture.shape[:2])
    scale = max(min(1.0, _LONGEST / longest), _SHORTEST / longest)
    if digits:
        scale = max(scale, _LEGIBLE / float(np.median([one.box[3] for one in digits])))
    scale = min(scale, max(_MOST / longest, 1.0 if longest <= _MOST else 0.0))
    return float(round(scale)) if scale > 1 else scale  # whole pixels


def _label_size(middles: list[float]) -> int:
    """Return the greatest font size at which neighbouring digits do not overlap."""
    closest = min((right - left for left, right in pairwise(middles)), default=_LABELS)
    return min(_LABELS, max(round(1.5 * closest), 8))


def _frame(
    draw: ImageDraw.ImageDraw,
    digit: Digit,
    scale: float,
    corner: tuple[int, int],
    colour: tuple[int, int, int],
) -> None:
    """Draw a box around a digit that hides none of its pixels."""
    x, y, width, height = (scale * side for side in digit.box)
    edges = (corner[0] + x, corner[1] + y, corner[0] + x + width - 1, corner[1] + y + height - 1)
    for reach, line in ((3, "white"), (2, colour), (1, colour)):
        around = (edges[0] - reach, edges[1] - reach, edges[2] + reach, edges[3] + reach)
        draw.rectangle(around, outline=line)
