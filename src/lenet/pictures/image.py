"""Converts image files to arrays, and arrays to another size."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from lenet.pictures.decode import ImageError as ImageError  # the rest of the package finds it here
from lenet.pictures.decode import decoded, open_image, opened, reading
from lenet.pictures.types import Images


def read_image(file: Path | BinaryIO, name: str = "") -> Images:
    """Decode an image file to 8 bits per channel, upright (Exif), without transparency.

    Of a file with several pages, this is the first: `lenet.pictures.pages.read_pages` reads all.

    Parameters
    ----------
    file
        A path, or a binary file that is open.
    name
        The file's name in errors; by default its path.

    Returns
    -------
    uint8 ``[height, width, 3]``; ``[height, width]`` if all pixels are grey, even if the file
    stores colours.

    Raises
    ------
    ImageError
        The file is not an image, is truncated, or has more than 100 million pixels.

    Examples
    --------
    `read_opened` gives the same array for an image in memory:

    >>> read_opened(Image.new("RGB", (30, 20), "red")).shape
    (20, 30, 3)
    >>> read_opened(Image.new("RGB", (30, 20), "white")).shape
    (20, 30)
    """
    name = name or str(file)
    with opened(file, name) as stream, open_image(stream, name) as image, reading(name):
        return decoded(image)


def read_opened(image: Image.Image) -> Images:
    """Convert a Pillow image to an array, with the result and the errors of `read_image`."""
    with reading(str(getattr(image, "filename", "")) or "the image"):
        return decoded(image)


def to_grey(image: Images) -> Images:
    """Convert ``[H, W, 3]`` to ``[H, W]`` with Pillow's luma weights; return grey unchanged."""
    return image if image.ndim == 2 else np.asarray(Image.fromarray(image).convert("L"))


def to_colour(image: Images) -> Images:
    """Repeat ``[H, W]`` to ``[H, W, 3]``; return colour images unchanged."""
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)


def fit(image: Images, shape: tuple[int, ...]) -> Images:
    """Resize an image for a network's input ``(channels, height, width)``.

    Returns
    -------
    uint8 ``[height, width]`` for one channel, otherwise ``[height, width, channels]``.

    Raises
    ------
    ImageError
        The network has neither 1 nor 3 channels.
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise ImageError(f"a picture has 1 or 3 channels, the network reads {channels}")
    small = resize(image, (height, width))
    return to_grey(small) if channels == 1 else to_colour(small)


def size_within(side: float, width: float, height: float) -> tuple[int, int]:
    """Return the width and height of a picture after scaling its longer side to `side`."""
    scale = side / max(width, height)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def resize(image: Images, size: tuple[int, int]) -> Images:
    """Resize an image to ``(height, width)`` and keep its aspect ratio.

    The image is scaled, with antialiasing, to the largest size that fits, and centred. The free
    space gets the median colour of the image's border. An image of this size is returned as is.

    Examples
    --------
    >>> small = resize(np.full((10, 40), 200, np.uint8), (28, 28))
    >>> small.shape, int(small[0, 0])
    ((28, 28), 200)
    """
    height, width = size
    if image.shape[:2] == size:
        return image
    scale = min(height / image.shape[0], width / image.shape[1])
    inner = (max(round(image.shape[0] * scale), 1), max(round(image.shape[1] * scale), 1))
    small = Image.fromarray(image).resize((inner[1], inner[0]), Image.Resampling.BILINEAR)
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    background = np.median(border, axis=0).astype(np.uint8)
    frame = np.full((height, width, *image.shape[2:]), background)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    frame[top : top + inner[0], left : left + inner[1]] = np.asarray(small)
    return frame
