"""Reads arrays from the JSON of a request, for ``/v1`` (error 422) and ``/v2`` (error 400)."""

import json
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from starlette.exceptions import HTTPException

from lenet.pictures.types import Images
from lenet.serving.http.responses import not_json


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


def pixels(array: NDArray[Any], name: str, status: int) -> Images:
    """Return pixels from 0 to 255, or from 0 to 1 if none is above 1, as uint8 from 0 to 255.

    Whole numbers up to 1 count as 0 to 1 too, because JSON has 1 for 1.0. Nobody sends a picture
    that has only the two darkest of 256 shades.
    """
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 255):  # NaN fails too
        sentence = f"{name}: pixels run from {low:g} to {high:g}, not from 0 to 255 or from 0 to 1"
        raise HTTPException(status, sentence)
    return np.round(array * (255.0 if high <= 1 else 1.0)).astype(np.uint8)
