"""Draws with a pen, and normalises drawings to images like MNIST's."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lenet.pictures.image import size_within
from lenet.pictures.types import Images

SIDE = 28
DRAWN = 84  # side of the canvas: three times as large, for smooth edges
_BOX = 20  # longer side of a digit of MNIST


def line(draw: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]], width: int) -> None:
    """Draw straight lines from point (x, y) to point, with round ends."""
    draw.line(points, 255, width, joint="curve")
    radius = width / 2
    for x, y in (points[0], points[-1]):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)


def stroke(draw: ImageDraw.ImageDraw, corners: NDArray[np.float64], width: int) -> None:
    """Draw a smooth line with round ends along corners ``[N, 2]`` of x and y."""
    for _ in range(3):  # Chaikin's corner cutting
        first, second = corners[:-1], corners[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1)
        corners = np.concatenate([corners[:1], cut.reshape(-1, 2), corners[-1:]])
    line(draw, [(float(x), float(y)) for x, y in corners], width)


def framed(images: Iterable[Image.Image]) -> Images:
    """Return images like MNIST's, uint8 ``[N, 28, 28]``: ink of 20 x 20, its mass in the centre."""
    return np.array([_framed(image) for image in images], np.uint8).reshape(-1, SIDE, SIDE)


def _framed(image: Image.Image) -> Images:
    frame = np.zeros((SIDE, SIDE), np.uint8)
    box = image.getbbox()
    if box is None:
        return frame
    image = image.crop(box)
    ink = np.asarray(image.resize(size_within(_BOX, *image.size), Image.Resampling.BILINEAR))
    rows, columns = np.indices(ink.shape)
    weight = max(int(ink.sum()), 1)
    top = round(SIDE / 2 - 0.5 - float((rows * ink).sum()) / weight)
    left = round(SIDE / 2 - 0.5 - float((columns * ink).sum()) / weight)
    top = min(max(top, 0), SIDE - ink.shape[0])
    left = min(max(left, 0), SIDE - ink.shape[1])
    frame[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return frame
