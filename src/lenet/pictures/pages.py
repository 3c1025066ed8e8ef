"""Reads the pages of a file: all pictures of a TIFF, the frames of a short animation.

A file of several pages gives a picture for each. They are called ``scan.tif#1``, ``scan.tif#2`` and
so on; a file of one page keeps its name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_CUR, BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from lenet.pictures import pdf
from lenet.pictures.decode import ImageError, decoded, open_image, opened, reading
from lenet.pictures.formats import HEAD, is_pdf
from lenet.pictures.gif import count_frames
from lenet.pictures.types import Images

MOST_FRAMES = 20
"""An animation of more frames is a film, and its first frame stands for it."""

MOST_PAGES = 10_000
"""A file may claim pages without end."""

# Formats whose other images are no pages: the preview of a phone's JPEG (MPO), the other views of
# its HEIC, layers of a drawing.
_ONE = ("MPO", "HEIF", "PSD")

# Tags of TIFF: "a reduced image" and "a mask" are bits 0 and 2 of one, 2 is the first in the other.
_NEW_SUBFILE_TYPE, _SUBFILE_TYPE = 254, 255


@dataclass(frozen=True)
class Page:
    """One picture of a file.

    Parameters
    ----------
    number
        Its number, from 1, if the file has several pages; else None.
    result
        uint8 ``[height, width]`` or ``[height, width, 3]``, or the error.
    pages
        The number of pages of the file.
    notice
        A sentence about what was left out; None if nothing was.
    """

    number: int | None
    result: Images | ImageError
    pages: int = 1
    notice: str | None = None


def page_name(name: str, number: int | None) -> str:
    """Return the name of a page of a file.

    Examples
    --------
    >>> page_name("scan.tif", 2), page_name("scan.tif", None)
    ('scan.tif#2', 'scan.tif')
    """
    return name if number is None else f"{name}#{number}"


@dataclass(frozen=True)
class Frames:
    """The frames of an image file that are pages, by their numbers for `Image.seek`.

    Parameters
    ----------
    numbers
        At least one.
    notice
        As for `Page`.
    broken
        Why there may be a page more that cannot be found; None if the file is intact.
    """

    numbers: tuple[int, ...]
    notice: str | None = None
    broken: str | None = None


def read_pages(
    file: Path | BinaryIO, name: str = "", first: int = 0, count: int | None = None
) -> Iterator[Page]:
    """Decode the pages of a file one by one.

    Parameters
    ----------
    file
        A path, or a binary file that is open.
    name
        The file's name; by default its path.
    first, count
        The pages to decode: `count` of them from page `first`, which is counted from 0. By default
        all.

    Yields
    ------
    Pages. A page that cannot be decoded has an error, and so has the one page of a broken file.
    """
    name = name or str(file)
    try:
        with opened(file, name) as stream:
            if pdf.is_readable() and is_pdf(stream.read(HEAD)):
                yield from _of_pdf(stream, name, first, count)
                return
            stream.seek(0)
            with open_image(stream, name) as image:
                yield from pages_of(image, name, first=first, count=count)
    except ImageError as error:
        yield Page(None, error)


def pages_of(
    image: Image.Image,
    name: str,
    most_pixels: int | None = None,
    first: int = 0,
    count: int | None = None,
) -> Iterator[Page]:
    """Decode the pages of an opened image, as `read_pages` does.

    Parameters
    ----------
    most_pixels
        Of each page; by default `lenet.pictures.decode.MOST_PIXELS`.
    """
    try:
        with reading(name):
            frames = frames_of(image)
    except ImageError as error:
        yield Page(None, error)
        return
    pages = len(frames.numbers) + (frames.broken is not None)
    for place, number in _places(pages, first, count):
        page = page_name(name, number)
        if place < len(frames.numbers):
            result = _decoded(image, frames.numbers[place], page, most_pixels)
        else:
            result = ImageError(f"{page}: cannot be read as an image ({frames.broken})")
        yield Page(number, result, pages, frames.notice if place == 0 else None)


def _places(pages: int, first: int, count: int | None) -> Iterator[tuple[int, int | None]]:
    """Yield the place of each page that is asked for, from 0, and its number."""
    stop = pages if count is None else min(first + count, pages)
    for place in range(first, stop):
        yield place, place + 1 if pages > 1 else None


def _decoded(
    image: Image.Image, number: int, name: str, most_pixels: int | None
) -> Images | ImageError:
    try:
        with reading(name):
            image.seek(number)
            return decoded(image, most_pixels)
    except ImageError as error:
        return error


def frames_of(image: Image.Image) -> Frames:
    """Find the frames of an opened image that are pages; the image stands at frame 0."""
    if image.format in _ONE:
        return Frames((0,))
    if image.format == "TIFF":
        return _tiff_pages(image)
    count = _count(image)
    if count > MOST_FRAMES:
        return Frames(
            (0,), f"an animation of more than {MOST_FRAMES} frames, of which the first was taken"
        )
    return Frames(tuple(range(count)))


def _count(image: Image.Image) -> int:
    stream = getattr(image, "fp", None)
    if image.format == "GIF" and stream is not None:
        place = stream.seek(0, SEEK_CUR)
        try:
            return max(count_frames(stream, MOST_FRAMES + 1), 1)
        finally:
            stream.seek(place)
    return getattr(image, "n_frames", 1)


def _tiff_pages(image: Image.Image) -> Frames:
    """Find the pages of a TIFF; thumbnails and masks of a page are left out."""
    numbers: list[int] = []
    broken = notice = None
    at = 0
    try:
        while True:
            tags: dict[int, int] = getattr(image, "tag_v2")  # noqa: B009 only a TIFF has it
            if not tags.get(_NEW_SUBFILE_TYPE, 0) & 0b101 and tags.get(_SUBFILE_TYPE, 1) != 2:
                numbers.append(at)
            if len(numbers) == MOST_PAGES:
                notice = f"a file of {MOST_PAGES:,} pages or more, of which these were taken"
                break
            at += 1
            image.seek(at)
    except EOFError:  # there are no more
        pass
    except Exception as error:  # a broken directory; Pillow raises almost any error
        broken = str(error).split("\n")[0] or type(error).__name__
    image.seek(0)
    return Frames(tuple(numbers or [0]), notice, broken)


def _of_pdf(stream: BinaryIO, name: str, first: int, count: int | None) -> Iterator[Page]:
    content = stream.read() if not isinstance(stream, BytesIO) else stream.getvalue()
    with pdf.opened(content, name) as document:
        for place, number in _places(len(document), first, count):
            try:
                yield Page(number, document.page(place, page_name(name, number)), len(document))
            except ImageError as error:
                yield Page(number, error, len(document))
