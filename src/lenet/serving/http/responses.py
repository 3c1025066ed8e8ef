"""Answers errors in one form: always ``{"error": sentence}``, never a traceback."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from lenet.errors import LenetError

# What FastAPI says of a body that Python's JSON parser could not take, besides a syntax error.
_NOT_PARSED = "There was an error parsing the body"

_SHOWN = 120  # characters of a client's text that an error repeats


def json_response(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return `value` as JSON, in ASCII because the name of a file may hold a lone surrogate."""
    body = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return Response(body, status, headers, media_type="application/json")


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as the response ``{"error": sentence}``."""
    return json_response({"error": sentence}, status, headers)


def invalid(location: Iterable[int | str], error: Mapping[str, Any]) -> str:
    """Return a sentence about a value that pydantic refused."""
    message: str = error["msg"]
    if error["type"] == "json_invalid":
        return not_json(error.get("ctx", {}).get("error", message))
    if error["type"] in ("model_type", "model_attributes_type"):
        message = "Input should be an object"  # pydantic's own message speaks of Python classes
    return f"{'.'.join(map(str, location))[:_SHOWN]}: {message[:1].lower()}{message[1:]}"


def not_json(reason: object) -> str:
    """Return a sentence about a body that is not JSON."""
    return f"the body is not JSON ({str(reason)[:200]})"


def add_error_handlers(app: FastAPI) -> None:
    """Make `app` answer all errors in the form of this service.

    An `HTTPException` has its own status. Any other `LenetError` gives 422, a defect 500.
    """
    for kind in (HTTPException, RequestValidationError, ClientDisconnect, LenetError, Exception):
        app.add_exception_handler(kind, _handle)


async def _handle(request: Request, error: Exception) -> Response:
    match error:
        case HTTPException(status_code=400, detail=detail) if detail == _NOT_PARSED:
            return problem(422, not_json("it is nested too deep, or not UTF-8"))
        case HTTPException():
            return problem(error.status_code, _sentence(request, error), error.headers)
        case RequestValidationError():
            first = error.errors()[0]
            return problem(422, invalid(first["loc"][1:] or first["loc"], first))
        case ClientDisconnect():
            return problem(400, "the connection was closed before the request was complete")
        case LenetError():
            return problem(422, str(error))
        case _:
            return problem(500, "the service failed because of a defect; see the server's log")


def _sentence(request: Request, error: HTTPException) -> str:
    """Return the detail of an error; where Starlette gave only the status, say more."""
    path, bare = request.url.path[:_SHOWN], error.detail == HTTPStatus(error.status_code).phrase
    if bare and error.status_code == 404:
        return f"there is nothing at {path}; GET /docs lists all paths"
    if bare and error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "other methods")
        return f"{path} does not take {request.method[:_SHOWN]}, only {allowed}"
    return str(error.detail)
