"""The pictures in a request's body: an image file, several files in a form, or pixels as JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast

from fastapi import Request
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from lenet.pictures.image import ImageError, read_opened
from lenet.pictures.types import Images
from lenet.serving.api.arrays import numbers, parse_object, pixels
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
        The number of its pixels; 0 if it cannot be read.
    decode
        Returns uint8 ``[height, width]`` or ``[height, width, 3]``; raises `ImageError`.
    is_array
        True if it came as JSON. An array of a network's own size is not preprocessed.
    """

    path: str | None
    pixels: int
    decode: Callable[[], Images]
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


async def _in_form(request: Request, limits: Limits) -> list[Upload]:
    found: list[Upload] = []
    async with request.form(
        max_files=limits.images, max_fields=limits.images, max_part_size=limits.body
    ) as form:
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
    """Read ``{"pixels": picture}`` or ``{"images": [picture, ...]}``; errors as for `uploads_in`.

    A picture is numbers ``[height, width]`` or ``[height, width, 3]``, as for `pixels`.
    """
    table = parse_object(body, 422)
    if set(table) == {"pixels"}:
        return _from_arrays([_array(table["pixels"], "pixels", limits)], "pixels")
    if set(table) != {"images"} or not isinstance(table["images"], list) or not table["images"]:
        raise HTTPException(
            422, 'the body must be {"pixels": [[...]]} or {"images": [[[...]], ...]}'
        )
    images = cast("list[object]", table["images"])
    if len(images) > limits.images:
        raise HTTPException(
            413, f"{len(images)} pictures are more than the {limits.images} allowed"
        )
    arrays = [_array(one, f"images[{place}]", limits) for place, one in enumerate(images)]
    return _from_arrays(arrays, "images")


def _array(value: object, name: str, limits: Limits) -> NDArray[Any]:
    array = numbers(value, name, 422)
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)) or not array.size:
        sentence = f"{name}: a picture has the shape [height, width] or [height, width, 3]"
        raise HTTPException(422, sentence)
    count = array.shape[0] * array.shape[1]
    if count > limits.pixels:
        raise HTTPException(413, f"{name}: more than {limits.pixels:,} pixels")
    return array


def _from_arrays(arrays: list[NDArray[Any]], name: str) -> list[Upload]:
    def upload(image: Images) -> Upload:
        return Upload(None, image.shape[0] * image.shape[1], lambda: image, is_array=True)

    return [upload(image) for image in pixels(arrays, name, 422)]


def _opened(content: bytes, path: str | None, limits: Limits) -> Upload:
    """Open an image file; count its pixels before they are decoded."""
    name = path or "the picture"

    def broken(reason: str) -> Upload:
        def decode() -> Images:
            raise ImageError(f"{name}: {reason}")

        return Upload(path, 0, decode)

    try:
        image = Image.open(BytesIO(content), formats=_FORMATS)
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

    def decode() -> Images:
        try:
            return read_opened(image)
        except ImageError as error:  # it does not have the file's name
            raise ImageError(f"{name}: {str(error).partition(': ')[2] or error}") from error

    return Upload(path, count, decode)
