"""Serves KServe's protocol v1 (and TensorFlow Serving's): ``POST /v1/models/NAME:predict``.

The protocol: kserve/kserve, "V1 Inference Protocol". The body is ``{"instances": [...]}``, the
answer ``{"predictions": [...]}`` with one object per instance.
"""

from functools import partial
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.answers import accepted_error
from lenet.reading.reader import inside_reader
from lenet.serving.api.answering import Results, answer_uploads
from lenet.serving.api.arrays import parse_object
from lenet.serving.api.pictures import predictions, readings
from lenet.serving.api.registry import Served
from lenet.serving.api.reject_error import RejectError
from lenet.serving.api.schemas import INSTANCES, ModelReady, PredictionsV1
from lenet.serving.api.uploads import Upload, not_compressed, pictures_in_json
from lenet.serving.http.limits import Limits
from lenet.serving.http.metrics import Metrics
from lenet.serving.http.responses import json_response
from lenet.serving.http.workers import SMALL, Workers

_VERB = ":predict"


def kserve_router(served: Served, limits: Limits, workers: Workers, metrics: Metrics) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix="/v1/models", tags=["KServe v1"])

    @router.get("/{name}", response_model=ModelReady)
    async def ready(name: str) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """Report that a network is ready."""
        if name.endswith(_VERB):
            sentence = f"/v1/models/{name[:80]} does not take GET, only POST"
            raise HTTPException(405, sentence, {"Allow": "POST"})
        return {"name": served.get(name).name, "ready": True}

    @router.post("/{name}" + _VERB, response_model=PredictionsV1, openapi_extra=INSTANCES)
    async def predict(  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        request: Request, name: str, reject_error: RejectError = None
    ) -> Response:
        """Classify pictures, or read the numbers in them, whichever the network does."""
        one = served.get(name)
        not_compressed(request)
        if one.kind == "read":
            reader = inside_reader(reject_error, None, reader=one.artifact)
            job, small = partial(readings, reader, False, limits.images), -1
        else:
            accepted_error(one.artifact.calibration, reject_error)
            job, small = partial(predictions, one.artifact, reject_error, limits.images), SMALL
        body = await request.body()
        results: Results = await answer_uploads(
            body, partial(_instances, limits), job, workers, small
        )
        for result in results:
            if "error" not in result:
                metrics.image(name, result["rejected"])
        return json_response({"predictions": results})

    return router


def _instances(limits: Limits, body: bytes) -> list[Upload]:
    table = parse_object(body, 422)
    # TensorFlow's clients name a signature; a network here has one only.
    instances = table.get("instances")
    if set(table) - {"signature_name"} != {"instances"} or not isinstance(instances, list):
        raise HTTPException(
            422, 'the body must be {"instances": [picture, ...]}, a picture [[...]] or {"b64": ...}'
        )
    return pictures_in_json(cast("list[object]", instances), "instances", limits)
