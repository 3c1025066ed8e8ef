"""Serves the Open Inference Protocol v2, which clients of Triton and KServe speak.

A network has one input, ``image``: UINT8 from 0 to 255, or FP32 from 0 to 255 or 0 to 1, of the
network's own size. It is not preprocessed. Networks that read whole numbers are not served here.
Triton's extensions for classification, model configuration and statistics are served too.
"""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.serving.api.infer import HEADER_LENGTH, INPUT, VERSION, infer_response
from lenet.serving.api.model_config import model_config
from lenet.serving.api.registry import Served, ServedNetwork
from lenet.serving.api.schemas import BINARY
from lenet.serving.api.statistics import Statistics, Stopwatch
from lenet.serving.api.uploads import not_compressed
from lenet.serving.http.limits import Limits
from lenet.serving.http.workers import Workers
from lenet.serving.work.children import Jobs
from lenet.serving.work.cost import SMALL
from lenet.serving.work.jobs import Job
from lenet.serving.work.tensors import Read, from_message, read_request
from lenet.version import __version__

_EXTENSIONS = [
    "binary_tensor_data",
    "classification",
    "model_configuration",
    "model_repository",
    "statistics",
]
_LONG = 16 * 1024  # bytes of JSON that are read in a thread
_TENSORS = {
    "application/json": {"schema": {"type": "object"}},
    "application/octet-stream": {"schema": BINARY},
}
_VERSIONED = {
    "parameters": [
        {"name": "version", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
}


def inference_router(served: Served, limits: Limits, jobs: Jobs, workers: Workers) -> APIRouter:
    """Return the endpoints under ``/v2``."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])
    statistics = {one.name: Statistics() for one in served if one.kind == "predict"}

    def network(request: Request, name: str) -> ServedNetwork:
        one = served.get(name, "predict")
        if request.path_params.get("version", VERSION) != VERSION:
            raise HTTPException(404, f"{name} has only version {VERSION}")
        return one

    async def server() -> dict[str, Any]:
        """Return the server's name, version and protocol extensions."""
        return {"name": "lenet", "version": __version__, "extensions": _EXTENSIONS}

    async def live() -> dict[str, bool]:
        """Report that the server runs."""
        return {"live": True}

    async def ready() -> dict[str, bool]:
        """Report that all networks are loaded; the server does not answer before."""
        return {"ready": True}

    async def index() -> list[dict[str, str]]:
        """List the networks that classify pictures (Triton's model repository extension)."""
        names = [one.name for one in served if one.kind == "predict"]
        return [{"name": name, "version": VERSION, "state": "READY"} for name in names]

    async def metadata(request: Request, name: str) -> dict[str, Any]:
        """Return the inputs and outputs of a network."""
        return _metadata(network(request, name))

    async def config(request: Request, name: str) -> dict[str, Any]:
        """Return a network's configuration (Triton's model configuration extension)."""
        return model_config(network(request, name), limits.images)

    async def stats(request: Request, name: str) -> dict[str, Any]:
        """Return how many images a network was sent, and the time it took (Triton's statistics)."""
        known = network(request, name).name
        return {"model_stats": [statistics[known].to_json(known, VERSION)]}

    async def all_stats() -> dict[str, Any]:
        """Return the statistics of all networks."""
        found = [one.to_json(name, VERSION) for name, one in statistics.items()]
        return {"model_stats": found}

    async def model_ready(request: Request, name: str) -> dict[str, Any]:
        """Report that a network is ready."""
        return {"name": network(request, name).name, "ready": True}

    async def infer(request: Request, name: str) -> Response:
        """Return a network's outputs for images."""
        one = network(request, name)
        not_compressed(request)
        body = await request.body()
        length, counted, watch = (
            request.headers.get(HEADER_LENGTH),
            statistics[one.name],
            Stopwatch(),
        )
        if _text(body, length) <= _LONG:
            read = partial(read_request, body, length, limits.images)
        else:  # reading much JSON holds up everything else in this process
            job = Job("tensors", header_length=length, limits=limits)
            try:
                found = from_message(await jobs.do(job, body, request.is_disconnected))
            except HTTPException:
                watch.lap("queue")
                counted.failed(watch)
                raise
            read = partial(_known, found)
        answer = partial(infer_response, one, read, counted, watch)
        return answer() if len(body) <= SMALL else await workers.do(answer)

    router.get("")(server)
    router.get("/health/live")(live)
    router.get("/health/ready")(ready)
    router.post("/repository/index")(index)
    router.get("/models/stats")(all_stats)  # before a network of this name
    for path, more in (("/models/{name}", {}), ("/models/{name}/versions/{version}", _VERSIONED)):
        router.get(path, openapi_extra=more)(metadata)
        router.get(f"{path}/ready", openapi_extra=more)(model_ready)
        router.get(f"{path}/config", openapi_extra=more)(config)
        router.get(f"{path}/stats", openapi_extra=more)(stats)
        router.post(
            f"{path}/infer",
            response_class=Response,
            responses={200: {"content": _TENSORS}},
            openapi_extra={**more, "requestBody": {"required": True, "content": _TENSORS}},
        )(infer)
    return router


def _known(found: Read) -> Read:
    return found


def _text(body: bytes, length: str | None) -> int:
    """Return how many bytes of a body are JSON; a header that is no number is refused later."""
    return int(length[:20]) if length and length.isascii() and length.isdecimal() else len(body)


def _metadata(one: ServedNetwork) -> dict[str, Any]:
    network = one.artifact.network
    scores = {"datatype": "FP32", "shape": [-1, network.classes]}
    return {
        "name": one.name,
        "versions": [VERSION],
        "platform": "lenet",
        "inputs": [{"name": INPUT, "datatype": "UINT8", "shape": [-1, *network.input_shape]}],
        "outputs": [
            {"name": "scores", **scores},
            {"name": "probabilities", **scores},
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
        ],
    }
