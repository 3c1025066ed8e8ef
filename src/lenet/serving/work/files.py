"""Finds the pictures in a request's body: an image file, files in a form, or JSON."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast

from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from starlette.exceptions import HTTPException

from lenet.pictures.formats import HEAD, known_kind
from lenet.pictures.image import ImageError
from lenet.pictures.pages import Page, pages_of
from lenet.pictures.types import Images
from lenet.serving.http.limits import Limits
from lenet.serving.work.arrays import numbers, parse_object, pixels
from lenet.serving.work.base64_images import file_in_base64, is_base64
from lenet.serving.work.cost import (
    SMALL,
    NeedsTurn,
    may_lack_memory,
    small_png_pixels,
    too_much_work,
)

# The formats of cameras, scanners and browsers. Files may come from anybody, and among Pillow's
# fifty other formats one starts a program (EPS) and few readers are as strict.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")


@dataclass(frozen=True)
class Sent:
    """One picture of a request, not decoded yet: a file's content, or pixels from JSON.

    Parameters
    ----------
    path
        The file's name, if it has one.
    called
        What it is called in errors if it has no path.
    picture
        The content of a file; or uint8 ``[height, width]`` or ``[height, width, 3]``. An array of a
        network's own size is not preprocessed.
    """

    path: str | None
    called: str
    picture: bytes | Images

    @property
    def small_pixels(self) -> int | None:
        """The number of pixels if it is surely decoded at once, else None."""
        if isinstance(self.picture, bytes):
            return small_png_pixels(self.picture)
        count = self.picture.shape[0] * self.picture.shape[1]
        return count if count <= SMALL else None


def in_file(body: bytes) -> list[Sent]:
    """Return a body that is an image file."""
    return [Sent(None, "the picture", body)]


def in_form(body: bytes, content_type: str, limits: Limits) -> list[Sent]:
    """Return the files in a form.

    Raises
    ------
    HTTPException
        The form is malformed (400), holds something else (422), or too many pictures (413).
    """
    return asyncio.run(_in_form(body, content_type, limits))


async def _in_form(body: bytes, content_type: str, limits: Limits) -> list[Sent]:
    from starlette.datastructures import Headers, UploadFile
    from starlette.formparsers import MultiPartException, MultiPartParser

    async def stream() -> AsyncGenerator[bytes]:
        yield body
        yield b""

    most = limits.images
    parser = MultiPartParser(
        Headers({"content-type": content_type}),
        stream(),
        max_files=most,
        max_fields=most,
        max_part_size=limits.body,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if error.message.startswith("Too many"):
            sentence = f"the form has more than the {most} pictures allowed"
            raise HTTPException(413, sentence) from error
        raise HTTPException(400, error.message) from error
    except KeyError as error:  # of the boundary
        raise HTTPException(400, "Missing boundary in multipart.") from error
    found: list[Sent] = []
    try:
        for field, value in form.multi_items():
            if not isinstance(value, UploadFile):
                name = field[:100]
                raise HTTPException(
                    422, f"the part {name!r} is not a file; curl -F {name}=@FILE sends one"
                )
            found.append(Sent(value.filename or None, "the picture", await value.read()))
    finally:
        await form.close()
    if not found:
        raise HTTPException(422, "the form holds no picture; curl -F picture=@FILE sends one")
    return found


def in_json(body: bytes, limits: Limits) -> list[Sent]:
    """Read ``{"pixels": picture}``, ``{"b64": file}`` or ``{"images": [picture, ...]}``.

    A picture is numbers ``[height, width]`` or ``[height, width, 3]``, as for `pixels`, or an image
    file as ``{"b64": text}``.

    Raises
    ------
    HTTPException
        The body is something else (422), or has too many pictures or pixels (413).
    """
    table = parse_object(body, 422)
    if set(table) == {"pixels"}:
        return _all_in_json([table["pixels"]], ["pixels"], "pixels", limits)
    if set(table) == {"b64"}:
        return _all_in_json([table], ["b64"], "b64", limits)
    if set(table) != {"images"} or not isinstance(table["images"], list) or not table["images"]:
        raise HTTPException(
            422,
            'the body must be {"pixels": [[...]]}, {"b64": "..."} or {"images": [picture, ...]}, '
            'a picture [[...]] or {"b64": "..."}',
        )
    return _in_list(cast("list[object]", table["images"]), "images", limits)


def in_instances(body: bytes, limits: Limits) -> list[Sent]:
    """Read ``{"instances": [picture, ...]}`` (KServe's protocol v1); otherwise as `in_json`."""
    table = parse_object(body, 422)
    # TensorFlow's clients name a signature; a network here has one only.
    instances = table.get("instances")
    if set(table) - {"signature_name"} != {"instances"} or not isinstance(instances, list):
        raise HTTPException(
            422, 'the body must be {"instances": [picture, ...]}, a picture [[...]] or {"b64": ...}'
        )
    return _in_list(cast("list[object]", instances), "instances", limits)


def _in_list(values: list[object], called: str, limits: Limits) -> list[Sent]:
    if not values:
        raise HTTPException(422, f"{called}: the list is empty; give at least one picture")
    if len(values) > limits.images:
        raise HTTPException(
            413, f"{len(values)} pictures are more than the {limits.images} allowed"
        )
    names = [f"{called}[{place}]" for place in range(len(values))]
    return _all_in_json(values, names, called, limits)


def _all_in_json(values: list[object], names: list[str], called: str, limits: Limits) -> list[Sent]:
    """Return image files and arrays; the arrays of a request have one range together."""
    found: list[Sent | NDArray[Any]] = [
        Sent(None, name, file_in_base64(value, name))
        if is_base64(value)
        else _array(value, name, limits)
        for value, name in zip(values, names, strict=True)
    ]
    arrays = [one for one in found if not isinstance(one, Sent)]
    levels = iter(pixels(arrays, called, 422))
    return [
        one if isinstance(one, Sent) else Sent(None, name, next(levels))
        for one, name in zip(found, names, strict=True)
    ]


def _array(value: object, name: str, limits: Limits) -> NDArray[Any]:
    array = numbers(value, name, 422)
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)) or not array.size:
        sentence = f"{name}: a picture has the shape [height, width] or [height, width, 3]"
        raise HTTPException(422, sentence)
    count = array.shape[0] * array.shape[1]
    if count > limits.pixels:
        raise HTTPException(413, f"{name}: more than {limits.pixels:,} pixels")
    return array


@dataclass(frozen=True)
class Opened:
    """A picture whose header was read.

    Parameters
    ----------
    pixels
        The number of its pixels; 0 if it cannot be read; the most allowed if it has several pages,
        which may have different sizes.
    pages
        Decodes its pages one by one; an array is one page.
    """

    sent: Sent
    pixels: int
    pages: Callable[[], Iterator[Page]]

    @property
    def is_array(self) -> bool:
        """Whether it came as pixels in JSON."""
        return not isinstance(self.sent.picture, bytes)


def opened(sent: Sent, limits: Limits, has_turn: bool = True) -> Opened:
    """Open a picture; count the pixels of a file before they are decoded.

    Parameters
    ----------
    has_turn
        False if little memory is allowed, so that an error may have no other cause.

    Raises
    ------
    NeedsTurn
        The error may come from too little memory.
    """
    picture = sent.picture
    if not isinstance(picture, bytes):
        count = picture.shape[0] * picture.shape[1]
        return Opened(sent, count, lambda: iter([Page(None, picture)]))
    name = sent.path or sent.called

    def broken(reason: str) -> Opened:
        return Opened(sent, 0, lambda: iter([Page(None, ImageError(f"{name}: {reason}"))]))

    if kind := known_kind(picture[:HEAD], install=False):
        return broken(f"cannot be read as an image: it is {kind}")
    if reason := too_much_work(picture):
        return broken(reason)
    try:
        image = Image.open(BytesIO(picture), formats=_FORMATS)
        several = getattr(image, "is_animated", False)
    except MemoryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return broken(f"more than {limits.pixels:,} pixels")
    except UnidentifiedImageError:
        reason = f"not one of {', '.join(_FORMATS)}" if picture else "it is empty"
        return broken(f"cannot be read as an image ({reason})")
    # Pillow raises almost any error for a broken file; see `lenet.pictures.image`.
    except Exception as error:
        if may_lack_memory(picture) and not has_turn:
            raise NeedsTurn from error
        return broken(f"cannot be read as an image ({type(error).__name__})")
    count = image.width * image.height
    if count > limits.pixels:
        return broken(f"{count:,} pixels, more than the {limits.pixels:,} allowed")

    def pages() -> Iterator[Page]:
        for page in pages_of(image, name, limits.pixels):
            if isinstance(page.result, ImageError) and not has_turn and may_lack_memory(picture):
                raise NeedsTurn
            if page.pages == 1:
                image.close()  # its pixels take more memory than the page made of them
            yield page

    return Opened(sent, limits.pixels if several else count, pages)
