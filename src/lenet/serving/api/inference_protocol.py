"""The Open Inference Protocol v2, by which clients of Triton and KServe ask networks.

A network's one input is ``image``: UINT8 from 0 to 255, or FP32, as pixels are for /v1/predict. It
must have the network's own size: whoever speaks this protocol prepares tensors.
"""

from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from starlette.responses import Response

from lenet.artifact import Artifact
from lenet.pictures.types import Images
from lenet.serving.api.registry import Served, ServedNetwork
from lenet.serving.api.tensors import read_request, write_response
from lenet.serving.api.uploads import as_bytes
from lenet.serving.http.errors import Refusal
from lenet.serving.http.limits import Limits
from lenet.serving.http.workers import SMALL, Workers
from lenet.version import __version__

_INPUT = "image"
_VERSION = "1"
_PLATFORM = "lenet"
_HEADER_LENGTH = "Inference-Header-Content-Length"
_TENSORS: dict[str, Any] = {
    "application/json": {"schema": {"type": "object"}},
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
}
_VERSIONED: dict[str, Any] = {
    "parameters": [
        {"name": "version", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
}


def inference_router(served: Served, limits: Limits, workers: Workers) -> APIRouter:
    """Return the routes under ``/v2``."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])

    def known(request: Request, name: str) -> ServedNetwork:
        one = served.get(name)
        if request.path_params.get("version", _VERSION) != _VERSION:
            raise Refusal(404, f"{name} has one version, which is {_VERSION}")
        return one

    async def server() -> dict[str, Any]:
        """Say what this server is."""
        extensions = ["binary_tensor_data", "model_repository"]
        return {"name": "lenet", "version": __version__, "extensions": extensions}

    async def live() -> dict[str, bool]:
        """Say that the server lives."""
        return {"live": True}

    async def ready() -> dict[str, bool]:
        """Say that all networks are loaded: it does not answer before."""
        return {"ready": True}

    async def index() -> list[dict[str, str]]:
        """List the networks (Triton's model repository extension)."""
        return [{"name": one.name, "version": _VERSION, "state": "READY"} for one in served]

    async def metadata(request: Request, name: str) -> dict[str, Any]:
        """Say what a network takes and gives."""
        return _metadata(known(request, name))

    async def model_ready(request: Request, name: str) -> dict[str, Any]:
        """Say that a network is ready."""
        return {"name": known(request, name).name, "ready": True}

    async def infer(request: Request, name: str) -> Response:
        """Let a network answer to images."""
        one = known(request, name)
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Refusal(415, "send the body as it is, without Content-Encoding")
        body, length = await request.body(), request.headers.get(_HEADER_LENGTH)

        def job() -> Response:
            return _inferred(one, body, length, limits)

        return job() if len(body) <= SMALL else await workers.do(job, text=len(body))

    router.get("")(server)
    router.get("/health/live")(live)
    router.get("/health/ready")(ready)
    router.post("/repository/index")(index)
    for path, more in (("/models/{name}", {}), ("/models/{name}/versions/{version}", _VERSIONED)):
        router.get(path, openapi_extra=more)(metadata)
        router.get(f"{path}/ready", openapi_extra=more)(model_ready)
        router.post(
            f"{path}/infer",
            response_class=Response,
            responses={200: {"content": _TENSORS}},
            openapi_extra={**more, "requestBody": {"required": True, "content": _TENSORS}},
        )(infer)
    return router


def _metadata(one: ServedNetwork) -> dict[str, Any]:
    network = one.artifact.network
    each = [-1, network.classes]
    return {
        "name": one.name,
        "versions": [_VERSION],
        "platform": _PLATFORM,
        "inputs": [{"name": _INPUT, "datatype": "UINT8", "shape": [-1, *network.input_shape]}],
        "outputs": [
            {"name": "scores", "datatype": "FP32", "shape": each},
            {"name": "probabilities", "datatype": "FP32", "shape": each},
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
        ],
    }


def _inferred(one: ServedNetwork, body: bytes, length: str | None, limits: Limits) -> Response:
    asked = read_request(body, length)
    if len(asked.inputs) != 1:
        raise Refusal(400, f"{len(asked.inputs)} inputs, where one is needed: {_INPUT!r}")
    given = asked.inputs.get(_INPUT)
    if given is None:
        name = next(iter(asked.inputs))
        raise Refusal(400, f"there is no input {name[:100]!r}, only {_INPUT!r}")
    results = _outputs(one.artifact, _images(one, given, limits))
    wanted = asked.outputs if asked.outputs is not None else dict.fromkeys(results, asked.binary)
    for name in wanted:
        if name not in results:
            raise Refusal(400, f"there is no output {name[:100]!r}, only {', '.join(results)}")
    table: dict[str, Any] = {"model_name": one.name, "model_version": _VERSION}
    if asked.id is not None:
        table["id"] = asked.id
    text, before = write_response(
        table, [(name, results[name], binary) for name, binary in wanted.items()]
    )
    if before is None:
        return Response(text, media_type="application/json")
    headers = {_HEADER_LENGTH: str(before)}
    return Response(text, headers=headers, media_type="application/octet-stream")


def _images(one: ServedNetwork, given: NDArray[Any], limits: Limits) -> Images:
    """Bring a tensor to what `Artifact.forward` takes."""
    channels, height, width = one.artifact.network.input_shape
    if given.ndim == 3 and channels == 1:
        given = given[:, None]
    if given.shape[1:] != (channels, height, width) or not len(given):
        raise Refusal(
            400,
            f"{one.name} takes images of shape [N, {channels}, {height}, {width}], not "
            f"{list(given.shape)}",
        )
    if len(given) > limits.images:
        raise Refusal(413, f"{len(given)} images are more than the {limits.images} that may be")
    images = given if given.dtype == np.uint8 else as_bytes(given, _INPUT, 400)
    return images[:, 0] if channels == 1 else np.ascontiguousarray(images.transpose(0, 2, 3, 1))


def _outputs(artifact: Artifact, images: Images) -> dict[str, NDArray[Any]]:
    scores = artifact.forward(images)
    best: list[int] = scores.argmax(axis=1).tolist()
    return {
        "scores": scores,
        "probabilities": artifact.calibration.probabilities(artifact.network, scores),
        "label": np.array([artifact.classes[one] for one in best]),
    }
