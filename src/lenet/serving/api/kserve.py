"""Serves KServe's protocol v1 (and TensorFlow Serving's): ``POST /v1/models/NAME:predict``.

The protocol: kserve/kserve, "V1 Inference Protocol". The body is ``{"instances": [...]}``, the
answer ``{"predictions": [...]}`` with one object per instance.
"""

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.answers import accepted_error
from lenet.reading.reader import inside_reader
from lenet.serving.api.answering import predictions_of, readings_of
from lenet.serving.api.registry import Served
from lenet.serving.api.reject_error import RejectError
from lenet.serving.api.schemas import INSTANCES, ModelReady, PredictionsV1
from lenet.serving.api.uploads import not_compressed
from lenet.serving.http.limits import Limits
from lenet.serving.http.metrics import Metrics
from lenet.serving.http.responses import json_response
from lenet.serving.http.workers import Workers
from lenet.serving.work.children import Jobs
from lenet.serving.work.jobs import Job

_VERB = ":predict"


def kserve_router(
    served: Served, limits: Limits, jobs: Jobs, workers: Workers, metrics: Metrics
) -> APIRouter:
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
        artifact = one.artifact
        if one.kind == "read":
            inside_reader(reject_error, reader=artifact)  # raises before the body is read
            job = Job("read", "instances", network=name, reject_error=reject_error, limits=limits)
            results = await readings_of(job, request, jobs)
        else:
            accepted_error(artifact.calibration, reject_error)
            kind, shape = artifact.pictures, artifact.network.input_shape
            job = Job("predict", "instances", pictures=kind, shape=shape, limits=limits)
            results = await predictions_of(artifact, reject_error, job, request, jobs, workers)
        for result in results:
            if "error" not in result:
                metrics.image(name, result["rejected"])
        return json_response({"predictions": results})

    return router
