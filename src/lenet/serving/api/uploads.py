"""Reads the pictures in a request's body: an image file, files in a form, or JSON."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast

from fastapi import Request
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from lenet.pictures.formats import HEAD, known_kind
from lenet.pictures.image import ImageError
from lenet.pictures.pages import Page, pages_of
from lenet.pictures.types import Images
from lenet.serving.api.arrays import numbers, parse_object, pixels
from lenet.serving.api.base64_images import file_in_base64, is_base64
from lenet.serving.http.limits import Limits

# The formats of cameras, scanners and browsers. Files may come from anybody, and among Pillow's
# fifty other formats one starts a program (EPS) and few readers are as strict.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")

# The content types of an image file, besides image/*. curl --data-binary sends the second.
_FILE = ("application/octet-stream", "application/x-www-form-urlencoded", "")


@dataclass(frozen=True)
class Upload:
    """One picture of a request, not decoded yet.

    Parameters
    ----------
    path
        The file's name, if it has one.
    pixels
        The number of its pixels; 0 if it cannot be read; the most allowed if it has several pages,
        which may have different sizes.
    pages
        Decodes its pages one by one; an array is one page.
    is_array
        True if it came as JSON. An array of a network's own size is not preprocessed.
    """

    path: str | None
    pixels: int
    pages: Callable[[], Iterator[Page]]
    is_array: bool = False


async def uploads_in(request: Request, limits: Limits) -> "list[Upload] | bytes":
    """Return the pictures of a request, or its body if that is JSON (for `uploads_in_json`).

    Raises
    ------
    HTTPException
        The request has no pictures or too many, or a body of another type.
    """
    not_compressed(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _in_form(request, limits)
    if kind.startswith("image/") or kind in _FILE:
        return [_opened(await request.body(), None, limits)]
    if kind == "application/json":
        return await request.body()
    raise HTTPException(
        415,
        f"the content type {kind[:100]!r} is not supported: send an image file (image/png, "
        "image/jpeg), multipart/form-data or application/json",
    )


def not_compressed(request: Request) -> None:
    """Refuse a body with a content encoding; `HTTPException` (415)."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "send the body without Content-Encoding")


@asynccontextmanager
async def _form(request: Request, limits: Limits) -> AsyncGenerator[FormData]:
    most = limits.images
    try:
        form = await request.form(max_files=most, max_fields=most, max_part_size=limits.body)
    except HTTPException as error:
        if str(error.detail).startswith("Too many"):  # Starlette answers 400
            sentence = f"the form has more than the {most} pictures allowed"
            raise HTTPException(413, sentence) from error
        raise
    try:
        yield form
    finally:
        await form.close()


async def _in_form(request: Request, limits: Limits) -> list[Upload]:
    found: list[Upload] = []
    async with _form(request, limits) as form:
        for field, value in form.multi_items():
            if not isinstance(value, UploadFile):
                name = field[:100]
                raise HTTPException(
                    422, f"the part {name!r} is not a file; curl -F {name}=@FILE sends one"
                )
            found.append(_opened(await value.read(), value.filename or None, limits))
    if not found:
        raise HTTPException(422, "the form holds no picture; curl -F picture=@FILE sends one")
    return found


def uploads_in_json(body: bytes, limits: Limits) -> list[Upload]:
    """Read ``{"pixels": picture}``, ``{"b64": file}`` or ``{"images": [picture, ...]}``.

    A picture is numbers ``[height, width]`` or ``[height, width, 3]``, as for `pixels`, or an image
    file as ``{"b64": text}``. Errors are those of `uploads_in`.
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
    return pictures_in_json(cast("list[object]", table["images"]), "images", limits)


def pictures_in_json(values: list[object], called: str, limits: Limits) -> list[Upload]:
    """Return the pictures of a list in JSON, called `called`; errors as for `uploads_in`."""
    if not values:
        raise HTTPException(422, f"{called}: the list is empty; give at least one picture")
    if len(values) > limits.images:
        raise HTTPException(
            413, f"{len(values)} pictures are more than the {limits.images} allowed"
        )
    names = [f"{called}[{place}]" for place in range(len(values))]
    return _all_in_json(values, names, called, limits)


def _all_in_json(
    values: list[object], names: list[str], called: str, limits: Limits
) -> list[Upload]:
    """Return image files and arrays; the arrays of a request have one range together."""
    found: list[Upload | NDArray[Any]] = [
        _opened(file_in_base64(value, name), None, limits, name)
        if is_base64(value)
        else _array(value, name, limits)
        for value, name in zip(values, names, strict=True)
    ]
    arrays = [one for one in found if not isinstance(one, Upload)]
    levels = iter(pixels(arrays, called, 422))
    return [one if isinstance(one, Upload) else _from_levels(next(levels)) for one in found]


def _array(value: object, name: str, limits: Limits) -> NDArray[Any]:
    array = numbers(value, name, 422)
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)) or not array.size:
        sentence = f"{name}: a picture has the shape [height, width] or [height, width, 3]"
        raise HTTPException(422, sentence)
    count = array.shape[0] * array.shape[1]
    if count > limits.pixels:
        raise HTTPException(413, f"{name}: more than {limits.pixels:,} pixels")
    return array


def _from_levels(image: Images) -> Upload:
    count = image.shape[0] * image.shape[1]
    return Upload(None, count, lambda: iter([Page(None, image)]), is_array=True)


def _opened(
    content: bytes, path: str | None, limits: Limits, called: str = "the picture"
) -> Upload:
    """Open an image file; count its pixels before they are decoded.

    `called` stands in errors for a picture without a path.
    """
    name = path or called

    def broken(reason: str) -> Upload:
        return Upload(path, 0, lambda: iter([Page(None, ImageError(f"{name}: {reason}"))]))

    if kind := known_kind(content[:HEAD], install=False):
        return broken(f"cannot be read as an image: it is {kind}")
    try:
        image = Image.open(BytesIO(content), formats=_FORMATS)
        several = getattr(image, "is_animated", False)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return broken(f"more than {limits.pixels:,} pixels")
    except UnidentifiedImageError:
        reason = f"not one of {', '.join(_FORMATS)}" if content else "it is empty"
        return broken(f"cannot be read as an image ({reason})")
    # Pillow raises almost any error for a broken file; see `lenet.pictures.image`.
    except Exception as error:
        return broken(f"cannot be read as an image ({type(error).__name__})")
    count = image.width * image.height
    if count > limits.pixels:
        return broken(f"{count:,} pixels, more than the {limits.pixels:,} allowed")
    size = limits.pixels if several else count
    return Upload(path, size, lambda: pages_of(image, name, limits.pixels))
