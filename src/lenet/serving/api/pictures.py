"""``POST /v1/predict`` classifies pictures, ``POST /v1/read`` reads the numbers in them."""

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.answers import accepted_error
from lenet.artifact import Artifact
from lenet.networks.reader import SYMBOLS
from lenet.pictures.image import ImageError
from lenet.pictures.network_input import NetworkInput, array_shape, prepared_input
from lenet.pictures.types import Images
from lenet.reading.boxes import in_picture
from lenet.reading.inside import Inside
from lenet.reading.pattern import Pattern
from lenet.reading.reader import NAME, Reading, inside_reader
from lenet.serving.api.answering import Results, answer_uploads
from lenet.serving.api.pages import failed, notice, sent_pages
from lenet.serving.api.registry import Served
from lenet.serving.api.reject_error import RejectError
from lenet.serving.api.schemas import PICTURES, Predictions, Readings
from lenet.serving.api.uploads import Upload, uploads_in, uploads_in_json
from lenet.serving.http.limits import Limits
from lenet.serving.http.metrics import Metrics
from lenet.serving.http.responses import json_response
from lenet.serving.http.workers import SMALL, Workers

_DIGITS = 5  # of a column's probabilities; a number image may have thousands of columns
_LONGEST_PATTERN = 200  # characters


def pictures_router(
    served: Served, limits: Limits, workers: Workers, metrics: Metrics
) -> APIRouter:
    """Return the endpoints ``/v1/predict`` and ``/v1/read``."""
    router = APIRouter(prefix="/v1", tags=["pictures"])

    async def answered(
        request: Request, model: str, job: Callable[[list[Upload]], Results], small: int = -1
    ) -> Response:
        sent = await uploads_in(request, limits)
        parse = partial(uploads_in_json, limits=limits)
        results = await answer_uploads(sent, parse, job, workers, small)
        for result in results:
            if "error" not in result:
                metrics.image(model, result["rejected"])
        return json_response({"model": model, "results": results})

    @router.post("/predict", response_model=Predictions, openapi_extra=PICTURES)
    async def predict(  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        request: Request, model: str = "digits", reject_error: RejectError = None
    ) -> Response:
        """Classify pictures, as `lenet predict` does."""
        artifact = served.get(model, "predict").artifact
        accepted_error(artifact.calibration, reject_error)  # raises before the body is read
        job = partial(predictions, artifact, reject_error, limits.images)
        return await answered(request, model, job, SMALL)

    @router.post("/read", response_model=Readings, openapi_extra=PICTURES)
    async def read(  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        request: Request,
        model: str = NAME,
        reject_error: RejectError = None,
        length: Annotated[int | None, Query(ge=0, le=100)] = None,
        pattern: Annotated[str | None, Query(max_length=_LONGEST_PATTERN)] = None,
        trellis: bool = False,
    ) -> Response:
        """Read the number in each picture, as `lenet read` does."""
        artifact = served.get(model, "read").artifact
        if length is not None and pattern is not None:
            raise HTTPException(422, "give length or pattern, not both: length=4 means d{4}")
        known = pattern if length is None else Pattern.length(length)
        reader = inside_reader(reject_error, known, reader=artifact)
        job = partial(readings, reader, trellis, limits.images)
        return await answered(request, model, job)

    return router


def predictions(
    artifact: Artifact, reject_error: float | None, most: int, uploads: list[Upload]
) -> Results:
    """Return the objects that ``lenet predict --json`` prints: one for each page of each file.

    A picture that cannot be read has an object with the error in its place. If it is the only
    picture, the request is refused: `HTTPException` (422). So are more than `most` pages (413).
    """
    pages = [
        (sent, _input(artifact, picture, sent.is_array))
        for sent, picture in sent_pages(uploads, most)
    ]
    good = [made for _, made in pages if not isinstance(made, ImageError)]
    answers = iter(artifact.answer(good, reject_error))
    return [
        failed(sent, made)
        if isinstance(made, ImageError)
        else {**next(answers).to_json(sent.path), **notice(sent)}
        for sent, made in pages
    ]


def _input(
    artifact: Artifact, picture: Images | ImageError, is_array: bool
) -> NetworkInput | ImageError:
    """Return the network's input, or the error."""
    if isinstance(picture, ImageError):
        return picture
    pictures, shape = artifact.pictures, artifact.network.input_shape
    try:
        if is_array and picture.shape == array_shape(shape):  # it is not preprocessed
            return NetworkInput(picture)
        return prepared_input(picture, pictures, shape)
    except ImageError as error:
        return error


def readings(
    reader: Callable[[Images], tuple[Reading, Inside | None]],
    trellis: bool,
    most: int,
    uploads: list[Upload],
) -> Results:
    """Return the objects that ``lenet read --json`` prints; errors as for `predictions`.

    `reader` reads one picture (`lenet.reading.reader.inside_reader`). With `trellis`, each object
    has the probabilities behind the reading; None if the picture holds no number.
    """
    results: Results = []
    for sent, picture in sent_pages(uploads, most):
        if isinstance(picture, ImageError):
            results.append(failed(sent, picture))
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
