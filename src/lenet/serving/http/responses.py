"""Errors as the client sees them: always ``{"error": sentence}``, never a traceback."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lenet.errors import LenetError
from lenet.serving.http.errors import Refusal

_SHOWN = 120  # characters of what a client sent that an error repeats


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return `value` as JSON; in ASCII, so that a lone surrogate in a file's name does no harm."""
    body = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return Response(body, status, headers, media_type="application/json")


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error."""
    return json_response({"error": sentence}, status, headers)


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: int, sentence: str, **headers: str
) -> None:
    """Answer with an error where no route is reached; ``retry_after`` is ``Retry-After``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    await problem(status, sentence, named)(scope, receive, send)


def add_error_handlers(app: FastAPI) -> None:
    """Give every error of an app the form of this service."""

    async def refusal(request: Request, error: Exception) -> Response:
        refused = cast("Refusal", error)
        return problem(refused.status, str(refused), refused.headers)

    async def mistake(request: Request, error: Exception) -> Response:
        return problem(422, str(error))

    async def of_http(request: Request, error: Exception) -> Response:
        raised = cast("HTTPException", error)
        return problem(raised.status_code, _sentence(request, raised), raised.headers)

    async def invalid(request: Request, error: Exception) -> Response:
        return problem(422, _what_is_invalid(cast("RequestValidationError", error)))

    async def gone(request: Request, error: Exception) -> Response:
        return problem(400, "the connection was closed before the request was complete")

    async def defect(request: Request, error: Exception) -> Response:
        return problem(500, "something went wrong in here; the log of the server says what")

    app.add_exception_handler(Refusal, refusal)
    app.add_exception_handler(LenetError, mistake)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, defect)


def _sentence(request: Request, error: HTTPException) -> str:
    path = request.url.path[:_SHOWN]
    if error.detail != HTTPStatus(error.status_code).phrase:
        return str(error.detail)
    if error.status_code == 404:
        return f"there is nothing at {path}; GET /docs lists what there is"
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return f"{path} does not take {request.method[:_SHOWN]}, only {allowed or 'other methods'}"
    return str(error.detail)


def _what_is_invalid(error: RequestValidationError) -> str:
    first = cast("dict[str, Any]", error.errors()[0])
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    reason = str(first["msg"])
    return f"{place[:_SHOWN]}: {reason[:1].lower()}{reason[1:]}"
