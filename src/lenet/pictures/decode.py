"""Opens image files, and decodes one image to an array of 8 bits per channel."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from lenet.errors import LenetError
from lenet.pictures import turns
from lenet.pictures.formats import HEAD, is_heif, known_kind
from lenet.pictures.levels import eight_bit
from lenet.pictures.quiet import no_warnings
from lenet.pictures.transparency import without_transparency
from lenet.pictures.types import Images

# More than any camera has. A small file can claim far more pixels and exhaust the memory.
MOST_PIXELS = 100_000_000

_DEEP = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")


class ImageError(LenetError):
    """A file that cannot be read as an image."""


@contextmanager
def opened(file: Path | BinaryIO, name: str) -> Generator[BinaryIO, None, None]:
    """Open a file for reading, from its start; leave a file open that was.

    Raises
    ------
    ImageError
        It cannot be opened. Errors inside are raised by `reading`.
    """
    with ExitStack() as stack:
        with reading(name):
            # Pillow gets an open file and no path: for a path it maps uncompressed TIFF files
            # into memory with the width and height of the upright picture, which is wrong for a
            # picture that is stored on its side.
            stream = stack.enter_context(file.open("rb")) if isinstance(file, Path) else file
            stream.seek(0)
        yield stream


def open_image(stream: BinaryIO, name: str) -> Image.Image:
    """Open an image by its content; `ImageError` says what another file is, if that is known."""
    with reading(name):
        head = stream.read(HEAD)
        try:
            stream.seek(0)
            return Image.open(stream)
        except OSError as error:  # among them UnidentifiedImageError
            if is_heif(head) and _register_heif():
                stream.seek(0)
                return Image.open(stream)
            if kind := known_kind(head):
                raise ImageError(f"cannot be read as an image: it is {kind}") from error
            raise


def _register_heif() -> bool:
    try:
        import pillow_heif  # pyright: ignore[reportMissingImports] a plug-in that is optional
    except ImportError:
        return False
    pillow_heif.register_heif_opener()  # pyright: ignore[reportUnknownMemberType] has no types
    return True


@contextmanager
def reading(name: str) -> Generator[None, None, None]:
    """Turn every exception into an `ImageError` with the name of the picture."""
    try:
        with no_warnings():  # a file with a fault that can still be decoded is accepted
            yield
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    # Pillow's decoders raise exceptions of almost any type on a broken file.
    except Exception as error:
        reason = str(error).split("\n")[0] or type(error).__name__
        if isinstance(error, MemoryError):
            reason = "there is not enough memory"
        elif isinstance(error, FileNotFoundError):
            reason = "no such file"
        elif "cannot identify" in reason:
            reason = "not an image"
        elif reason.endswith("not available"):  # "decoder jpeg2k not available"
            reason = f"this build of Pillow cannot decode it: {reason}"
        raise ImageError(f"{name}: cannot be read as an image ({reason})") from error


def decoded(image: Image.Image, most_pixels: int | None = None) -> Images:
    """Decode an image: upright (Exif), its transparent parts on a background, 8 bits per channel.

    Parameters
    ----------
    most_pixels
        By default `MOST_PIXELS`.

    Returns
    -------
    uint8 ``[height, width, 3]``; ``[height, width]`` if all pixels are grey, even if the file
    stores colours.

    Raises
    ------
    ImageError
        It has too many pixels. A broken file raises almost any error: use `reading`.
    """
    most = MOST_PIXELS if most_pixels is None else most_pixels
    if image.width * image.height > most:
        raise ImageError(f"more than {most:,} pixels")
    with turns.large(image.width * image.height):
        return _levels(image)


def _levels(image: Image.Image) -> Images:
    with _not_mapped(image):
        image = ImageOps.exif_transpose(image)
    if image.mode in _DEEP:
        return eight_bit(np.asarray(image))
    if image.has_transparency_data:
        image = without_transparency(image)
    if image.mode in ("L", "1"):
        return np.asarray(image.convert("L"))
    colours = np.asarray(image.convert("RGB"))
    is_grey = (colours == colours[..., :1]).all()
    return colours[..., 0].copy() if is_grey else colours


@contextmanager
def _not_mapped(image: Image.Image) -> Generator[None, None, None]:
    """Keep Pillow from mapping a file that the user opened by its path; see `opened`."""
    name = getattr(image, "filename", None)
    if image.format != "TIFF" or not name:
        yield
        return
    image.filename = ""  # pyright: ignore[reportAttributeAccessIssue] of an opened file
    try:
        yield
    finally:
        image.filename = name  # pyright: ignore[reportAttributeAccessIssue]
