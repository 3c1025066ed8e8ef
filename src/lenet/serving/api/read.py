"""``POST /v1/read``: the numbers in pictures, and what is behind a reading."""

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from PIL import Image
from starlette.responses import Response

from lenet.networks.reader import SYMBOLS
from lenet.pictures.image import ImageError
from lenet.pictures.types import Images
from lenet.reading.boxes import in_picture
from lenet.reading.inside import Inside
from lenet.reading.pattern import Pattern
from lenet.reading.reader import NAME, Reading, inside_reader
from lenet.serving.api.predict import answered, broken
from lenet.serving.api.registry import Served
from lenet.serving.api.schemas import PICTURES, Readings
from lenet.serving.api.uploads import Sent, pictures_in
from lenet.serving.http.errors import Refusal
from lenet.serving.http.limits import Limits
from lenet.serving.http.metrics import Metrics
from lenet.serving.http.responses import json_response
from lenet.serving.http.workers import Workers

_DIGITS = 5  # of a column's probabilities, of which there may be thousands
_LONGEST_PATTERN = 200  # characters; what takes longer to write is no format of a field


def read_router(served: Served, limits: Limits, workers: Workers, metrics: Metrics) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["pictures"])

    @router.post("/v1/read", response_model=Readings, openapi_extra=PICTURES)
    async def read(  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        request: Request,
        model: str = NAME,
        reject_error: Annotated[float | None, Query(gt=0, lt=1)] = None,
        length: Annotated[int | None, Query(ge=0, le=100)] = None,
        pattern: Annotated[str | None, Query(max_length=_LONGEST_PATTERN)] = None,
        trellis: bool = False,
    ) -> Response:
        """Read the number in each picture, as ``lenet read`` does."""
        one = served.get(model)
        if one.kind != "read":
            raise Refusal(422, f"{model} reads no numbers: POST /v1/predict?model={model}")
        if length is not None and pattern is not None:
            raise Refusal(422, "length and pattern exclude each other: d{4} is the pattern of 4")
        known = Pattern.length(length) if length is not None else pattern
        reader = inside_reader(reject_error, known, reader=one.artifact)
        sent = await pictures_in(request, limits)
        job = partial(_read_all, reader, trellis)
        results = await answered(sent, job, limits, workers)
        for result in results:
            if "error" not in result:
                metrics.image(model, result["rejected"])
        return json_response({"model": model, "results": results})

    return router


def _read_all(
    reader: Callable[[Images], tuple[Reading, Inside | None]], trellis: bool, sent: list[Sent]
) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for one in sent:
        try:
            picture = one.decode()
        except ImageError as error:
            results.append(broken(one, error, alone=len(sent) == 1))
            continue
        reading, inside = reader(picture)
        result = as_json(one.path, reading)
        if trellis:
            size = picture.shape[0], picture.shape[1]
            result["trellis"] = None if inside is None else _trellis(inside, size)
        results.append(result)
    return results


def as_json(path: str | None, reading: Reading) -> dict[str, Any]:
    """Return a reading as a line of ``lenet read --json`` has it."""
    return {
        "path": path,
        "text": reading.text,
        "confidence": round(reading.confidence, 6),
        "rejected": reading.rejected,
        "digits": [
            {"text": one.text, "confidence": round(one.confidence, 6), "box": list(one.box)}
            for one in reading.digits
        ],
    }


def _trellis(inside: Inside, size: tuple[int, int]) -> dict[str, Any]:
    field = inside.field
    height, width = field.ink.shape
    png = BytesIO()
    Image.fromarray(field.ink).save(png, "PNG")
    return {
        "field": list(in_picture(field, size, 0, 0, width, height)),
        "ink": b64encode(png.getvalue()).decode(),
        "columns": inside.shares.round(_DIGITS).tolist(),
        "symbols": list(SYMBOLS),
        "path": inside.path,
        "alternatives": [
            {"text": text, "confidence": round(confidence, 6)}
            for text, confidence in inside.alternatives()
        ],
    }
