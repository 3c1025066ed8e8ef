"""Image files to arrays, and arrays to another size."""

import warnings
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lenet.errors import LenetError
from lenet.pictures.types import Images

# More than any camera has. A small file can claim far more pixels and exhaust the memory.
MOST_PIXELS = 100_000_000

_SIXTEEN_BIT = ("I", "I;16", "I;16L", "I;16B", "I;16N")


class ImageError(LenetError):
    """A file that cannot be read as an image."""


def read_image(file: Path | BinaryIO, name: str = "") -> Images:
    """Decode an image file to 8 bits per channel, upright (Exif), on white if it is transparent.

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
    with _reading(name or str(file)), Image.open(file) as image:
        return _to_array(image)


def read_opened(image: Image.Image) -> Images:
    """Convert a Pillow image to an array, with the result and the errors of `read_image`."""
    with _reading(str(getattr(image, "filename", "")) or "the image"):
        return _to_array(image)


class _NoWarnings:
    """Silences warnings while at least one thread is inside, and restores the filters afterwards.

    The filters belong to the whole process. `warnings.catch_warnings` in several threads at once
    restores them in the wrong order and leaves "ignore" behind.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._filters = ExitStack()

    @contextmanager
    def __call__(self) -> Generator[None, None, None]:
        """Silence warnings for one thread."""
        with self._lock:
            if self._inside == 0:
                self._filters.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    self._filters.close()


_no_warnings = _NoWarnings()


@contextmanager
def _reading(name: str) -> Generator[None, None, None]:
    """Turn every exception into an `ImageError` with the name of the picture."""
    try:
        with _no_warnings():  # a file with a fault that can still be decoded is accepted
            yield
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    # Pillow's decoders raise exceptions of almost any type on a broken file.
    except Exception as error:
        reason = str(error).split("\n")[0] or type(error).__name__
        if isinstance(error, FileNotFoundError):
            reason = "no such file"
        elif "cannot identify" in reason:
            reason = "not an image"
        raise ImageError(f"{name}: cannot be read as an image ({reason})") from error


def _to_array(image: Image.Image) -> Images:
    if image.width * image.height > MOST_PIXELS:
        raise ImageError(f"more than {MOST_PIXELS:,} pixels")
    image = ImageOps.exif_transpose(image)
    if image.mode in _SIXTEEN_BIT:
        return _clip(np.asarray(image) / 257)
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        return _clip(values * (255 if values.max() <= 1 else 1))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    if image.mode in ("L", "1"):
        return np.asarray(image.convert("L"))
    colours = np.asarray(image.convert("RGB"))
    is_grey = (colours == colours[..., :1]).all()
    return colours[..., 0].copy() if is_grey else colours


def _clip(values: NDArray[np.floating]) -> Images:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


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
