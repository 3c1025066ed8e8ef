"""``GET /v1/models``: what is served, and the files of each network."""

from hashlib import sha256
from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from lenet.artifact import CONFIG, WEIGHTS, beside
from lenet.serving.api.registry import Served
from lenet.serving.api.schemas import Models
from lenet.serving.http.errors import Refusal
from lenet.serving.http.responses import json_response

_BYTES: dict[str, Any] = {"content": {"application/octet-stream": {}}}


def models_router(served: Served) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/models", tags=["networks"])

    @router.get("", response_model=Models)
    async def models() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """List the networks."""
        return json_response({"models": [one.to_json() for one in served]})

    @router.get(f"/{{name}}/{CONFIG}")
    def config(request: Request, name: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Return what a network is, as it lies in its folder."""
        return _file(request, served, name, CONFIG)

    @router.get(f"/{{name}}/{WEIGHTS}", response_class=Response, responses={200: _BYTES})
    def weights(request: Request, name: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Return a network's parameters, as they lie in its folder."""
        return _file(request, served, name, WEIGHTS)

    @router.get(f"/{{name}}/beside-{{number}}/{CONFIG}")
    def config_beside(  # pyright: ignore[reportUnusedFunction]
        request: Request, name: str, number: int
    ) -> Response:
        """Return what a network is that is asked together with another; they are counted from 1."""
        return _file(request, served, name, CONFIG, number)

    @router.get(
        f"/{{name}}/beside-{{number}}/{WEIGHTS}", response_class=Response, responses={200: _BYTES}
    )
    def weights_beside(  # pyright: ignore[reportUnusedFunction]
        request: Request, name: str, number: int
    ) -> Response:
        """Return the parameters of a network that is asked together with another."""
        return _file(request, served, name, WEIGHTS, number)

    return router


def _file(
    request: Request,
    served: Served,
    name: str,
    file: Literal["config.json", "model.safetensors"],
    number: int | None = None,
) -> Response:
    # The name is looked up among those that are served, and never becomes part of a path.
    network = served.get(name)
    folder = network.folder
    if number is not None:
        if not 1 <= number <= len(network.artifact.beside):
            raise Refusal(404, f"beside {name} there is no network number {number}")
        folder = beside(folder, number)
    path = folder / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(404, f"the {file} of {name} is no longer there") from error
    headers = {"ETag": f'"{sha256(content).hexdigest()[:32]}"', "Cache-Control": "no-cache"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    kind = "application/json" if file == CONFIG else "application/octet-stream"
    return Response(content, headers=headers, media_type=kind)
