"""Reads arrays from the JSON of a request, for ``/v1`` (error 422) and ``/v2`` (error 400)."""

import json
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from starlette.exceptions import HTTPException

from lenet.errors import LenetError
from lenet.pictures.pixel_range import to_levels
from lenet.pictures.types import Images
from lenet.serving.http.responses import not_json

_REMEDY = "send whole numbers from 0 to 255, or divide by the value of white"


def parse_object(body: bytes, status: int) -> dict[str, Any]:
    """Return the object in a JSON text; an `HTTPException` of `status` if it is none."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        nested = isinstance(error, RecursionError)
        reason = "it is nested too deep" if nested else str(error)
        raise HTTPException(status, not_json(reason)) from error
    if not isinstance(value, dict):
        raise HTTPException(status, "the body must be a JSON object")
    return cast("dict[str, Any]", value)


def numbers(value: object, name: str, status: int) -> NDArray[Any]:
    """Return numbers, or lists of the same length, as an array; `name` is for error messages."""
    try:
        array = np.array(value)
    except (ValueError, OverflowError) as error:
        sentence = f"{name}: all lists of one level must have the same length"
        raise HTTPException(status, sentence) from error
    if not isinstance(value, list) or array.dtype.kind not in "iuf":
        raise HTTPException(status, f"{name}: give a list of numbers, or lists of numbers")
    return array


def pixels(arrays: Sequence[NDArray[Any]], name: str, status: int) -> list[Images]:
    """Return the pictures of a request as levels, decided together (`lenet.pictures.pixel_range`).

    Whole numbers count as floats here, because JSON has 1 for 1.0.
    """
    floats = [
        array if array.dtype.kind == "f" or array.dtype == np.uint8 else array.astype(np.float64)
        for array in arrays
    ]
    try:
        return to_levels(floats, name, remedy=_REMEDY)
    except LenetError as error:
        raise HTTPException(status, str(error)) from error
