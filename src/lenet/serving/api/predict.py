"""``POST /v1/predict``: what a network calls pictures."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from lenet.answers import Answer, accepted_error
from lenet.artifact import Artifact
from lenet.pictures.image import ImageError
from lenet.pictures.network_input import network_input
from lenet.pictures.types import Images
from lenet.serving.api.registry import Served
from lenet.serving.api.schemas import PICTURES, Predicted
from lenet.serving.api.uploads import Sent, in_json, pictures_in
from lenet.serving.http.errors import Refusal
from lenet.serving.http.limits import Limits
from lenet.serving.http.metrics import Metrics
from lenet.serving.http.responses import json_response
from lenet.serving.http.workers import SMALL, Workers

T = TypeVar("T")


def predict_router(served: Served, limits: Limits, workers: Workers, metrics: Metrics) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["pictures"])

    @router.post("/v1/predict", response_model=Predicted, openapi_extra=PICTURES)
    async def predict(  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        request: Request,
        model: str = "digits",
        reject_error: Annotated[float | None, Query(gt=0, lt=1)] = None,
    ) -> Response:
        """Say what a network sees in pictures."""
        one = served.get(model)
        if one.kind != "predict":
            raise Refusal(422, f"{model} reads whole numbers: POST /v1/read?model={model}")
        accepted_error(one.artifact.calibration, reject_error)  # said before anything is read
        sent = await pictures_in(request, limits)
        job = partial(named, one.artifact, reject_error=reject_error)
        if isinstance(sent, list) and len(sent) == 1 and sent[0].pixels <= SMALL:
            results = job(sent)  # a thread would cost more
        elif isinstance(sent, bytes) and len(sent) <= SMALL:
            results = job(in_json(sent, limits))
        else:
            results = await answered(sent, job, limits, workers)
        for result in results:
            if "error" not in result:
                metrics.image(model, result["rejected"])
        return json_response({"model": model, "results": results})

    return router


async def answered(
    sent: list[Sent] | bytes, job: Callable[[list[Sent]], T], limits: Limits, workers: Workers
) -> T:
    """Do a job with the pictures of a request, in a thread, where JSON is read too."""
    if isinstance(sent, bytes):
        return await workers.do(lambda: job(in_json(sent, limits)), text=len(sent))
    return await workers.do(lambda: job(sent), pixels=max(one.pixels for one in sent))


def named(artifact: Artifact, sent: list[Sent], reject_error: float | None) -> list[dict[str, Any]]:
    """Answer to pictures, as ``lenet predict --json`` does.

    Raises
    ------
    Refusal
        422: the only picture cannot be read. One of several is said so in its place.
    """
    inputs = [_input_or_error(artifact, one) for one in sent]
    good = [one for one in inputs if not isinstance(one, ImageError)]
    answers = iter(artifact.predict(np.stack(good), reject_error) if good else ())
    return [
        broken(one, made, alone=len(sent) == 1)
        if isinstance(made, ImageError)
        else as_json(one.path, next(answers))
        for one, made in zip(sent, inputs, strict=True)
    ]


def as_json(path: str | None, answer: Answer) -> dict[str, Any]:
    """Return an answer as a line of ``lenet predict --json`` has it."""
    top = [{"label": label, "probability": round(share, 6)} for label, share in answer.top]
    table = {"path": path, **top[0], "rejected": answer.rejected, "top": top}
    return table if answer.none is None else {**table, "none": round(answer.none, 6)}


def broken(one: Sent, error: ImageError, alone: bool) -> dict[str, Any]:
    """Return the entry of a picture that cannot be read; refuse the request if it is the only."""
    if alone:
        raise Refusal(422, str(error))
    return {"path": one.path, "error": str(error)}


def _input_or_error(artifact: Artifact, one: Sent) -> Images | ImageError:
    shape = artifact.network.input_shape
    channels, height, width = shape
    own = (height, width) if channels == 1 else (height, width, channels)
    try:
        picture = one.decode()
        if one.exact and picture.shape == own:
            return picture
        return network_input(picture, artifact.pictures, shape)
    except ImageError as error:
        return error
