"""Reads the query parameter ``reject_error``: an error rate, as ``0.005`` or ``0.5%``."""

from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

from lenet.calibration.error_rate import parse_error_rate
from lenet.errors import LenetError


def _parsed(value: object) -> float | None:
    # A query has text only, so 0.5 is as unclear here as on the command line.
    try:
        return None if value is None else parse_error_rate(str(value))
    except LenetError as error:
        raise LenetError(f"reject_error: {error}") from error


_SCHEMA = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.1},
        {"type": "string", "pattern": r"^[0-9]{0,2}\.?[0-9]+%$"},
    ]
}

RejectError = Annotated[
    float | None,
    BeforeValidator(_parsed),
    WithJsonSchema(_SCHEMA),
    Query(description="The error rate to aim for among the accepted: 0.005 or 0.5%."),
]
