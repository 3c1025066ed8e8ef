"""Pictures drawn with a pen, framed as the digits of MNIST are."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lenet.pictures.types import Images

SIDE = 28
BOX = 20  # that a digit of MNIST fills
DRAWN = 84  # all is drawn three times as large, for smooth edges


def stroke(draw: ImageDraw.ImageDraw, corners: NDArray[np.float64], width: int) -> None:
    """Draw a smooth line of round ends past corners ``[N, 2]``, of x and y, in a square of 84."""
    path = _curve(corners)
    draw.line([(float(x), float(y)) for x, y in path], 255, width, joint="curve")
    for x, y in (path[0], path[-1]):
        radius = width / 2
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)


def _curve(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round a polygon's corners (Chaikin's corner cutting)."""
    for _ in range(3):
        first, second = corners[:-1], corners[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1)
        corners = np.concatenate([corners[:1], cut.reshape(-1, 2), corners[-1:]])
    return corners


def framed(image: Image.Image) -> Images:
    """Bring ink into 20×20, its centre of mass into the middle of 28×28, as MNIST was made."""
    frame = np.zeros((SIDE, SIDE), np.uint8)
    box = image.getbbox()
    if box is None:
        return frame
    image = image.crop(box)
    scale = BOX / max(image.size)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    ink = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    rows, columns = np.indices(ink.shape)
    weight = max(int(ink.sum()), 1)
    top = round(SIDE / 2 - 0.5 - float((rows * ink).sum()) / weight)
    left = round(SIDE / 2 - 0.5 - float((columns * ink).sum()) / weight)
    top = min(max(top, 0), SIDE - ink.shape[0])
    left = min(max(left, 0), SIDE - ink.shape[1])
    frame[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return frame
