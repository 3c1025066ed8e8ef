"""Reads arrays from the JSON of a request, for ``/v1`` (error 422) and ``/v2`` (error 400)."""

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from starlette.exceptions import HTTPException

from lenet.errors import LenetError
from lenet.pictures.pixel_range import to_levels
from lenet.pictures.types import Images
from lenet.serving.http.responses import not_json

_MOST_DIMENSIONS = 8  # of a tensor; a picture has three
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
    """Return numbers, or lists of the same length, as an array.

    All lengths and types are checked before NumPy sees the value: it would make texts as wide as
    the longest of them, and of lists of unequal lengths something that nobody can use.

    Parameters
    ----------
    name
        What is read, for errors.

    Raises
    ------
    HTTPException
        It is something else, with `status`.

    Examples
    --------
    >>> numbers([[1, 2], [3, 4.5]], "pixels", 422).tolist()
    [[1.0, 2.0], [3.0, 4.5]]
    """
    shape: list[int] = []
    level: list[Any] = [value]
    while level and type(level[0]) is list:
        length = len(cast("list[Any]", level[0]))
        if not all(type(one) is list and len(one) == length for one in level):
            sentence = f"{name}: all lists of one level must have the same length"
            raise HTTPException(status, sentence)
        if len(shape) == _MOST_DIMENSIONS:
            raise HTTPException(status, f"{name}: lists are nested too deep")
        shape.append(length)
        level = list(chain.from_iterable(level))
    if not shape or not set(map(type, level)) <= {int, float}:
        raise HTTPException(status, f"{name}: give a list of numbers, or lists of numbers")
    try:
        array = np.array(level)
    except OverflowError as error:
        raise HTTPException(status, f"{name}: a number is too large") from error
    if array.dtype.kind not in "iuf":  # whole numbers beyond 64 bits
        raise HTTPException(status, f"{name}: a number is too large")
    return array.reshape(shape)


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
