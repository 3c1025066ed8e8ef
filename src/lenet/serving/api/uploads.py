"""From a request's body to pictures: an image file, several in a form, or pixels as JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast

import numpy as np
from fastapi import Request
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile

from lenet.pictures.image import ImageError, read_opened
from lenet.pictures.types import Images
from lenet.serving.http.errors import Refusal
from lenet.serving.http.limits import Limits

# What cameras, scanners and browsers write. Pillow knows fifty more, of which one starts a program
# (EPS) and few are read as strictly: a stranger's bytes do not get there.
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")

_FILE = ("application/octet-stream", "application/x-www-form-urlencoded", "")  # what curl says


@dataclass(frozen=True)
class Sent:
    """One picture of a request.

    Parameters
    ----------
    path
        The file's name, if it has one.
    pixels
        How many it has; 0 if it cannot be read.
    decode
        Returns uint8 ``[height, width]`` or ``[height, width, 3]``; raises `ImageError`.
    exact
        It is an array: one of a network's own size is taken as it is.
    """

    path: str | None
    pixels: int
    decode: Callable[[], Images]
    exact: bool = False


async def pictures_in(request: Request, limits: Limits) -> "list[Sent] | bytes":
    """Return the pictures of a request, or its body where that is JSON, for `in_json` to read.

    Raises
    ------
    Refusal
        There is no picture, there are too many, or the body is of another kind.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "send the body as it is, without Content-Encoding")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _in_form(request, limits)
    if kind.startswith("image/") or kind in _FILE:
        return [_opened(await request.body(), None, limits)]
    if kind == "application/json":
        return await request.body()
    raise Refusal(
        415,
        f"{kind[:100]!r} is no kind of body that is understood here: send an image file "
        "(image/png, image/jpeg), multipart/form-data or application/json",
    )


async def _in_form(request: Request, limits: Limits) -> list[Sent]:
    found: list[Sent] = []
    async with request.form(
        max_files=limits.images, max_fields=limits.images, max_part_size=limits.body
    ) as form:
        for field, value in form.multi_items():
            if not isinstance(value, UploadFile):
                raise Refusal(
                    422,
                    f"the part {field[:100]!r} is no file: curl -F {field[:100]}=@FILE sends one",
                )
            found.append(_opened(await value.read(), value.filename or None, limits))
    if not found:
        raise Refusal(422, "the form holds no picture: curl -F picture=@FILE sends one")
    return found


def in_json(body: bytes, limits: Limits) -> list[Sent]:
    """Read ``{"pixels": ...}`` or ``{"images": [...]}``.

    Each picture is ``[height, width]`` or ``[height, width, 3]`` numbers: from 0 to 255 or, if none
    is above 1, shares of white.

    Raises
    ------
    Refusal
        It is no JSON, or something else.
    """
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise Refusal(422, f"the body is not JSON ({reason})") from error
    table = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if set(table) == {"pixels"}:
        return [_array(table["pixels"], "pixels", limits)]
    if set(table) != {"images"} or not isinstance(table["images"], list) or not table["images"]:
        raise Refusal(422, 'the body must be {"pixels": [[...]]} or {"images": [[[...]], ...]}')
    images = cast("list[object]", table["images"])
    if len(images) > limits.images:
        raise Refusal(413, f"{len(images)} pictures are more than the {limits.images} that may be")
    return [_array(one, f"images[{place}]", limits) for place, one in enumerate(images)]


def _array(value: object, name: str, limits: Limits) -> Sent:
    try:
        array = np.array(value)
    except (ValueError, OverflowError) as error:
        raise Refusal(422, f"{name}: its rows must have the same length") from error
    is_picture = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)
    if array.dtype.kind not in "iuf" or not is_picture or not array.size:
        raise Refusal(422, f"{name}: a picture is numbers [height, width] or [height, width, 3]")
    if array.shape[0] * array.shape[1] > limits.pixels:
        raise Refusal(413, f"{name}: more than {limits.pixels:,} pixels")
    image = as_bytes(array, name, 422)
    return Sent(None, array.shape[0] * array.shape[1], lambda: image, exact=True)


def as_bytes(array: NDArray[Any], name: str, status: int) -> Images:
    """Bring numbers from 0 to 255 or, if none is above 1, from 0 to 1 to uint8.

    Whoever writes shares of white as JSON may write whole ones as whole numbers, and a picture of
    nothing but the two blackest of 256 shades is none that anybody sends.
    """
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 255):  # NaN fails too
        raise Refusal(
            status,
            f"{name}: pixels run from {low:g} to {high:g}, where 0 to 255 or 0 to 1 is needed",
        )
    return np.round(array * (255.0 if high <= 1 else 1.0)).astype(np.uint8)


def _opened(content: bytes, path: str | None, limits: Limits) -> Sent:
    """Open an image file; its pixels are not decoded yet, so that they can be counted."""
    name = path or "the picture"
    try:
        image = Image.open(BytesIO(content), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _broken(path, f"{name}: more than {limits.pixels:,} pixels")
    except UnidentifiedImageError:
        reason = "it is empty" if not content else f"not one of {', '.join(_FORMATS)}"
        return _broken(path, f"{name}: cannot be read as an image ({reason})")
    # As in `lenet.pictures.image`: Pillow raises nearly anything on a broken file.
    except Exception as error:
        return _broken(path, f"{name}: cannot be read as an image ({type(error).__name__})")
    pixels = image.width * image.height
    if pixels > limits.pixels:
        return _broken(path, f"{name}: {pixels:,} pixels, of which {limits.pixels:,} may be")

    def decode() -> Images:
        try:
            return read_opened(image)
        except ImageError as error:  # which knows no name
            raise ImageError(f"{name}: {str(error).partition(': ')[2] or error}") from error

    return Sent(path, pixels, decode)


def _broken(path: str | None, sentence: str) -> Sent:
    def decode() -> Images:
        raise ImageError(sentence)

    return Sent(path, 0, decode)
