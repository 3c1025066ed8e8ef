"""Reads the numbers in the pictures of a request."""

from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

from lenet.networks.reader import SYMBOLS
from lenet.pictures.image import ImageError
from lenet.pictures.types import Images
from lenet.reading.boxes import in_picture
from lenet.reading.inside import Inside
from lenet.reading.reader import Reading
from lenet.serving.http.limits import Limits
from lenet.serving.work.files import Opened
from lenet.serving.work.pages import failed, notice, sent_pages

_DIGITS = 5  # of a column's probabilities; a number image may have thousands of columns


def readings(
    reader: Callable[[Images], tuple[Reading, Inside | None]],
    trellis: bool,
    pictures: list[Opened],
    limits: Limits,
) -> list[dict[str, Any]]:
    """Return the objects that ``lenet read --json`` prints: one for each page of each file.

    A picture that cannot be read has an object with the error in its place.

    Parameters
    ----------
    reader
        Reads one picture (`lenet.reading.reader.inside_reader`).
    trellis
        Adds the probabilities behind the reading; None if the picture holds no number.

    Raises
    ------
    HTTPException
        The only picture cannot be read (422); or as for `sent_pages`.
    MemoryError
        As for `sent_pages`.
    """
    results: list[dict[str, Any]] = []
    for sent, picture in sent_pages(pictures, limits):
        if isinstance(picture, ImageError):
            results.append(failed(sent, str(picture)))
            continue
        reading, inside = reader(picture)
        results.append({**reading.to_json(sent.path), **notice(sent)})
        if trellis:
            size = picture.shape[0], picture.shape[1]
            results[-1]["trellis"] = None if inside is None else _trellis(inside, size)
    return results


def _trellis(inside: Inside, size: tuple[int, int]) -> dict[str, Any]:
    field = inside.field
    height, width = field.ink.shape
    return {
        "field": list(in_picture(field, size, 0, 0, width, height)),
        "ink": base64_png(field.ink),
        "columns": inside.probabilities.round(_DIGITS).tolist(),
        "symbols": list(SYMBOLS),
        "path": inside.path,
        "alternatives": [
            {"text": text, "confidence": round(confidence, 6)}
            for text, confidence in inside.alternatives()
        ],
    }


def base64_png(image: Images) -> str:
    """Return an image as a PNG in base64."""
    png = BytesIO()
    Image.fromarray(image).save(png, "PNG")
    return b64encode(png.getvalue()).decode()
