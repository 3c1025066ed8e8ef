"""``GET /v1/models``: lists the networks, and returns each network's files."""

import json
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lenet.artifact import CONFIG, WEIGHTS, member_folder
from lenet.serving.api.paths import without_paths
from lenet.serving.api.registry import Served
from lenet.serving.api.schemas import Models
from lenet.serving.http.responses import json_response


def models_router(served: Served) -> APIRouter:
    """Return the endpoints under ``/v1/models``."""
    router = APIRouter(prefix="/v1/models", tags=["networks"])

    @router.get("", response_model=Models)
    async def models() -> Response:  # pyright: ignore[reportUnusedFunction] FastAPI calls it
        """List the networks."""
        return json_response({"models": [one.to_json() for one in served]})

    _add_file(router, served, CONFIG, "config", "application/json")
    _add_file(router, served, WEIGHTS, "weights", "application/octet-stream")
    return router


@dataclass(frozen=True)
class _Kept:
    """The content of a file, kept so that many requests cost neither work nor memory.

    `written` is when it was written, in nanoseconds, and its size.
    """

    written: tuple[int, int]
    content: bytes

    @cached_property
    def tag(self) -> str:
        return f'"{sha256(self.content).hexdigest()[:32]}"'


def _without_paths(content: bytes, file: str) -> bytes:
    """Return a file's content; in a configuration, paths of this machine are cut to names.

    The data that a network was trained on may be such a path.
    """
    if file != CONFIG:
        return content
    table: dict[str, Any] = json.loads(content)
    origin: object = table.get("origin")
    shown = without_paths(origin)
    if shown == origin:
        return content
    return json.dumps({**table, "origin": shown}, indent=2).encode()


def _add_file(router: APIRouter, served: Served, file: str, called: str, media_type: str) -> None:
    """Add the endpoints for a file of a network, and for the same file of its other members."""
    kept: dict[Path, _Kept] = {}

    def answer(request: Request, name: str, folder: Path) -> Response:
        path = folder / file
        try:
            state = path.stat()
            written = (state.st_mtime_ns, state.st_size)
            found = kept.get(path)
            if found is None or found.written != written:
                found = kept[path] = _Kept(written, _without_paths(path.read_bytes(), file))
        except OSError as error:
            raise HTTPException(404, f"the {file} of {name} is no longer there") from error
        headers = {"ETag": found.tag, "Cache-Control": "no-cache"}
        if found.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(found.content, headers=headers, media_type=media_type)

    # A name is looked up among the served networks, and never becomes part of a path.
    async def of_network(request: Request, name: str) -> Response:
        return answer(request, name, served.get(name).folder)

    async def of_member(request: Request, name: str, number: int) -> Response:
        one = served.get(name)
        if not 1 <= number <= len(one.artifact.other_members):
            raise HTTPException(404, f"{name} has no other member number {number}")
        return answer(request, name, member_folder(one.folder, number))

    options: dict[str, Any] = {
        "response_class": Response,
        "responses": {200: {"content": {media_type: {}}}},
    }
    text = f"Return the {called} ({file}) of "
    router.get(f"/{{name}}/{file}", name=called, description=f"{text}a network.", **options)(
        of_network
    )
    text += "another member of an ensemble; members are counted from 1."
    router.get(
        f"/{{name}}/beside-{{number}}/{file}",
        name=f"member_{called}",
        description=text,
        **options,
    )(of_member)
