"""``POST /v1/predict`` classifies pictures, ``POST /v1/read`` reads the numbers in them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.answers import accepted_error
from lenet.reading.pattern import Pattern
from lenet.reading.reader import NAME, inside_reader
from lenet.serving.api.answering import Results, predictions_of, readings_of
from lenet.serving.api.registry import Served
from lenet.serving.api.reject_error import RejectError
from lenet.serving.api.schemas import PICTURES, Predictions, Readings
from lenet.serving.api.uploads import source_of
from lenet.serving.http.limits import Limits
from lenet.serving.http.metrics import Metrics
from lenet.serving.http.responses import json_response
from lenet.serving.http.workers import Workers
from lenet.serving.work.children import Jobs
from lenet.serving.work.jobs import Job

_LONGEST_PATTERN = 200  # characters


def pictures_router(
    served: Served, limits: Limits, jobs: Jobs, workers: Workers, metrics: Metrics
) -> APIRouter:
    """Return the endpoints ``/v1/predict`` and ``/v1/read``."""
    router = APIRouter(prefix="/v1", tags=["pictures"])

    def answer(model: str, results: Results) -> Response:
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
        job = Job(
            "predict",
            source_of(request),
            request.headers.get("content-type", ""),
            pictures=artifact.pictures,
            shape=artifact.network.input_shape,
            limits=limits,
        )
        results = await predictions_of(artifact, reject_error, job, request, jobs, workers)
        return answer(model, results)

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
        inside_reader(reject_error, known, reader=artifact)  # raises before the body is read
        job = Job(
            "read",
            source_of(request),
            request.headers.get("content-type", ""),
            network=model,
            reject_error=reject_error,
            pattern=pattern,
            length=length,
            trellis=trellis,
            limits=limits,
        )
        return answer(model, await readings_of(job, request, jobs))

    return router
