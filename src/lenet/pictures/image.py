"""One image file to an array, whatever its mode; and arrays to another size."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lenet.errors import LenetError
from lenet.pictures.types import Images

# Beyond any camera; a small file can claim far more and would exhaust memory when decoded.
MOST_PIXELS = 100_000_000

_SIXTEEN_BIT = ("I", "I;16", "I;16L", "I;16B", "I;16N")


class ImageError(LenetError):
    """A file that cannot be read as an image."""


def read_image(file: Path | BinaryIO, name: str = "") -> Images:
    """Decode an image file: upright, on white where it is transparent, 8 bits a channel.

    Parameters
    ----------
    file
        Where it is, or the file itself, opened.
    name
        What errors call it; by default its path.

    Returns
    -------
    uint8 ``[height, width, 3]``, or ``[height, width]`` where the picture has no colour, however
    it is stored.

    Raises
    ------
    ImageError
        Not an image, truncated, or of more than 100 million pixels.
    """
    with _reading(name or str(file)), Image.open(file) as image:
        return _decoded(image)


def read_opened(image: Image.Image) -> Images:
    """Turn Pillow's image into the array that `read_image` makes of such a file; errors alike."""
    with _reading(str(getattr(image, "filename", "")) or "the image"):
        return _decoded(image)


@contextmanager
def _reading(name: str) -> Generator[None, None, None]:
    """Give every error the name of the picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of a doubtful file is whether it opens
            yield
    # Pillow's decoders raise nearly anything on a broken file; whatever it is, the file is at
    # fault and the next one may be fine.
    except Exception as error:
        reason = str(error) if isinstance(error, ImageError) else _unreadable(error)
        raise ImageError(f"{name}: {reason}") from error


def _decoded(image: Image.Image) -> Images:
    if image.width * image.height > MOST_PIXELS:
        raise ImageError(f"more than {MOST_PIXELS:,} pixels")
    return _to_array(ImageOps.exif_transpose(image))


def _unreadable(error: Exception) -> str:
    reason = str(error).split("\n")[0] or type(error).__name__
    if isinstance(error, FileNotFoundError):
        reason = "no such file"
    elif "cannot identify" in reason:
        reason = "not an image"
    return f"cannot be read as an image ({reason})"


def _to_array(image: Image.Image) -> Images:
    if image.mode in _SIXTEEN_BIT:
        return _clip(np.asarray(image) / 257)
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        return _clip(values * (255 if values.max() <= 1 else 1))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(white, layer)
    if image.mode in ("L", "1"):
        return np.asarray(image.convert("L"))
    colours = np.asarray(image.convert("RGB"))
    red = colours[..., :1]
    return colours[..., 0].copy() if np.array_equal(colours, red.repeat(3, axis=2)) else colours


def _clip(values: NDArray[np.floating]) -> Images:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def to_grey(image: Images) -> Images:
    """Reduce ``[H, W, 3]`` to ``[H, W]`` by Pillow's luma weights; grey images stay as they are."""
    return image if image.ndim == 2 else np.asarray(Image.fromarray(image).convert("L"))


def to_colour(image: Images) -> Images:
    """Repeat ``[H, W]`` to ``[H, W, 3]``; colour images stay as they are."""
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)


def fit(image: Images, shape: tuple[int, ...]) -> Images:
    """Bring an image to a network's input ``(channels, height, width)``, as `folder` does.

    Returns
    -------
    uint8 ``[height, width]`` for one channel, else ``[height, width, channels]``.

    Raises
    ------
    ImageError
        The network reads neither grey nor red, green and blue.
    """
    channels, height, width = shape
    if channels not in (1, 3):
        raise ImageError(f"a picture has 1 or 3 channels, the network reads {channels}")
    small = resize(image, (height, width))
    return to_grey(small) if channels == 1 else to_colour(small)


def size_within(side: int, width: int, height: int) -> tuple[int, int]:
    """Return the width and height of what is scaled until its longer side is `side`."""
    scale = side / max(width, height)
    return max(round(width * scale), 1), max(round(height * scale), 1)


def resize(image: Images, size: tuple[int, int]) -> Images:
    """Fit an image into ``(height, width)`` without stretching it.

    The longer side fills the frame, with antialiasing; what stays free is filled with the median
    of the image's border, which is its background more often than not. An image that has the
    size already is returned as it is.
    """
    height, width = size
    if image.shape[:2] == size:
        return image
    scale = min(height / image.shape[0], width / image.shape[1])
    inner = (max(round(image.shape[0] * scale), 1), max(round(image.shape[1] * scale), 1))
    small = Image.fromarray(image).resize((inner[1], inner[0]), Image.Resampling.BILINEAR)
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    frame = np.empty((height, width, *image.shape[2:]), np.uint8)
    frame[:] = np.median(border, axis=0).astype(np.uint8)
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    frame[top : top + inner[0], left : left + inner[1]] = np.asarray(small)
    return frame
