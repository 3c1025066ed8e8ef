"""The Open Inference Protocol v2, which clients of Triton and KServe speak.

A network has one input, ``image``: UINT8 from 0 to 255, or FP32 from 0 to 255 or 0 to 1, of the
network's own size. It is not preprocessed. Networks that read whole numbers are not served here.
"""

from functools import partial
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.pictures.types import Images
from lenet.serving.api.arrays import pixels
from lenet.serving.api.registry import Served, ServedNetwork
from lenet.serving.api.schemas import BINARY
from lenet.serving.api.tensors import read_request, write_response
from lenet.serving.api.uploads import not_compressed
from lenet.serving.http.limits import Limits
from lenet.serving.http.workers import SMALL, Workers
from lenet.version import __version__

_INPUT = "image"
_VERSION = "1"
_HEADER_LENGTH = "Inference-Header-Content-Length"
_TENSORS = {
    "application/json": {"schema": {"type": "object"}},
    "application/octet-stream": {"schema": BINARY},
}
_VERSIONED = {
    "parameters": [
        {"name": "version", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
}


def inference_router(served: Served, limits: Limits, workers: Workers) -> APIRouter:
    """Return the endpoints under ``/v2``."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"])

    def network(request: Request, name: str) -> ServedNetwork:
        one = served.get(name, "predict")
        if request.path_params.get("version", _VERSION) != _VERSION:
            raise HTTPException(404, f"{name} has only version {_VERSION}")
        return one

    async def server() -> dict[str, Any]:
        """Return the server's name, version and protocol extensions."""
        extensions = ["binary_tensor_data", "model_repository"]
        return {"name": "lenet", "version": __version__, "extensions": extensions}

    async def live() -> dict[str, bool]:
        """Report that the server runs."""
        return {"live": True}

    async def ready() -> dict[str, bool]:
        """Report that all networks are loaded; the server does not answer before."""
        return {"ready": True}

    async def index() -> list[dict[str, str]]:
        """List the networks that classify pictures (Triton's model repository extension)."""
        names = [one.name for one in served if one.kind == "predict"]
        return [{"name": name, "version": _VERSION, "state": "READY"} for name in names]

    async def metadata(request: Request, name: str) -> dict[str, Any]:
        """Return the inputs and outputs of a network."""
        return _metadata(network(request, name))

    async def model_ready(request: Request, name: str) -> dict[str, Any]:
        """Report that a network is ready."""
        return {"name": network(request, name).name, "ready": True}

    async def infer(request: Request, name: str) -> Response:
        """Return a network's outputs for images."""
        one = network(request, name)
        not_compressed(request)
        body = await request.body()
        job = partial(_infer, one, body, request.headers.get(_HEADER_LENGTH), limits)
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
    scores = {"datatype": "FP32", "shape": [-1, network.classes]}
    return {
        "name": one.name,
        "versions": [_VERSION],
        "platform": "lenet",
        "inputs": [{"name": _INPUT, "datatype": "UINT8", "shape": [-1, *network.input_shape]}],
        "outputs": [
            {"name": "scores", **scores},
            {"name": "probabilities", **scores},
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
        ],
    }


def _infer(one: ServedNetwork, body: bytes, length: str | None, limits: Limits) -> Response:
    request, inputs = read_request(body, length)
    if list(inputs) != [_INPUT]:
        raise HTTPException(400, f"there must be one input, called {_INPUT!r}")
    artifact = one.artifact
    scores = artifact.forward(_images(one, inputs[_INPUT], limits))
    best: list[int] = scores.argmax(axis=1).tolist()
    results: dict[str, NDArray[Any]] = {
        "scores": scores,
        "probabilities": artifact.calibration.probabilities(artifact.network, scores),
        "label": np.array([artifact.classes[index] for index in best]),
    }
    binary = request.parameters.get("binary_data_output") is True
    wanted = {
        output.name: output.parameters.get("binary_data", binary) is True
        for output in request.outputs
    } or dict.fromkeys(results, binary)
    if unknown := wanted.keys() - results:
        raise HTTPException(
            400, f"there is no output {min(unknown)[:100]!r}, only {', '.join(results)}"
        )
    table = {"model_name": one.name, "model_version": _VERSION}
    if isinstance(request.id, str):
        table["id"] = request.id
    text, json_length = write_response(
        table, [(name, results[name], as_binary) for name, as_binary in wanted.items()]
    )
    if json_length is None:
        return Response(text, media_type="application/json")
    headers = {_HEADER_LENGTH: str(json_length)}
    return Response(text, headers=headers, media_type="application/octet-stream")


def _images(one: ServedNetwork, tensor: NDArray[Any], limits: Limits) -> Images:
    """Return a tensor ``[N, C, H, W]``, or ``[N, H, W]`` for grey, in the form of `Artifact`."""
    channels, height, width = one.artifact.network.input_shape
    if tensor.ndim == 3 and channels == 1:
        tensor = tensor[:, None]
    if tensor.shape[1:] != (channels, height, width):
        raise HTTPException(
            400,
            f"{one.name} takes images of shape [N, {channels}, {height}, {width}], not "
            f"{list(tensor.shape)}",
        )
    if len(tensor) > limits.images:
        raise HTTPException(413, f"{len(tensor)} images are more than the {limits.images} allowed")
    images = pixels([tensor], _INPUT, 400)[0]
    return images[:, 0] if channels == 1 else np.ascontiguousarray(images.transpose(0, 2, 3, 1))
