"""Describes the JSON of the answers, for the OpenAPI description.

Endpoints build their answers without these models, because pydantic would check each answer again.
A test checks that the answers match.
"""

from typing import Any

from pydantic import BaseModel, Field

NOTICE: Any = Field(None, description="What was left out of the file; absent if nothing was.")


class Problem(BaseModel):
    """An error."""

    error: str = Field(description="One sentence: what is wrong, where, and what to do.")


class Model(BaseModel):
    """A network."""

    name: str
    kind: str = Field(description="'predict': it classifies pictures; 'read': it reads numbers.")
    source: str = Field(description="'shipped' with the package, or a 'run' of the user's.")
    pictures: str = Field(description="The kind of pictures it was trained on: docs/predict.md.")
    classes: list[str]
    input_shape: list[int] = Field(description="Channels, height, width.")
    parameters: int
    run: bool = Field(description="Whether /v1/runs/NAME has its results.")


class Models(BaseModel):
    """The networks that are served."""

    models: list[Model]


class ClassProbability(BaseModel):
    """A class and its probability."""

    label: str
    probability: float


class Prediction(BaseModel):
    """The prediction for a picture."""

    path: str | None
    label: str
    probability: float
    rejected: bool = Field(description="Not sure enough, empty, or several digits.")
    several: bool = Field(description="The picture shows several digits: use /v1/read.")
    top: list[ClassProbability] = Field(description="The most probable classes, best first.")
    none: float | None = Field(
        None, description='Probability of none of the classes; absent without a class "none".'
    )
    notice: str | None = NOTICE


class Unreadable(BaseModel):
    """The result of a picture that cannot be read, in a request with other pictures."""

    path: str | None
    error: str


class Predictions(BaseModel):
    """The answer to a request for predictions.

    It holds the network's name, and one result per picture, in the order of the request. A picture
    that cannot be read gets an error instead of a prediction.
    """

    model: str
    results: list[Prediction | Unreadable]


class ModelReady(BaseModel):
    """Whether a network answers."""

    name: str
    ready: bool


class ReadDigit(BaseModel):
    """A digit of a number."""

    text: str
    confidence: float
    box: list[int] = Field(description="x, y, width, height in pixels of the picture.")


class Alternative(BaseModel):
    """A number that the picture may show."""

    text: str
    confidence: float


class Trellis(BaseModel):
    """The probabilities behind a reading, for each column of the number image."""

    field: list[int] = Field(
        description="x, y, width, height of the number image, in pixels of the picture."
    )
    ink: str = Field(description="The number image that the network read, a PNG in base64.")
    columns: list[list[float]] = Field(
        description="The probabilities of the symbols, for every second column."
    )
    symbols: list[str]
    path: list[int] = Field(description="The symbol of each column, in the best alignment.")
    alternatives: list[Alternative] = Field(description="The most probable numbers, best first.")


class NumberReading(BaseModel):
    """The number read in a picture."""

    path: str | None
    text: str
    confidence: float
    rejected: bool
    digits: list[ReadDigit]
    trellis: Trellis | None = None
    notice: str | None = NOTICE


class Readings(BaseModel):
    """The answer to a request for readings.

    It holds the reader's name, and one result per picture, in the order of the request. A picture
    that cannot be read gets an error instead of a reading.
    """

    model: str
    results: list[NumberReading | Unreadable]


class PredictionsV1(BaseModel):
    """Predictions or readings, in the order of the instances."""

    predictions: list[Prediction | NumberReading | Unreadable]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in {
        400: "Not a valid request.",
        401: "The key is missing or wrong.",
        403: "Sent by another site's page.",
        404: "There is nothing of this name.",
        408: "The request did not arrive in time.",
        413: "The request is larger than the limits.",
        415: "The body has an unsupported type.",
        421: "Not a name of this service.",
        422: "The pictures or parameters are not valid.",
        500: "A defect of the service.",
        503: "Busy; try again after the seconds in Retry-After.",
    }.items()
}
"""The errors that every endpoint may answer with."""

BINARY = {"type": "string", "format": "binary"}
_TEXT = {"type": "string", "contentEncoding": "base64"}
_PICTURE = {
    "anyOf": [
        {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        {"type": "object", "properties": {"b64": _TEXT}, "required": ["b64"]},
    ]
}


def _object(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    properties = {name: schema}
    only = {"required": [name], "additionalProperties": False}
    return {"type": "object", "properties": properties, **only}


_SCHEMAS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("image/png", "image/jpeg", "application/octet-stream"), BINARY),
    "multipart/form-data": {"type": "object", "additionalProperties": BINARY},
    "application/json": {
        "oneOf": [
            _object("pixels", _PICTURE["anyOf"][0]),
            _object("b64", _TEXT),
            _object("images", {"type": "array", "items": _PICTURE}),
        ]
    },
}
PICTURES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": schema} for kind, schema in _SCHEMAS.items()},
    }
}
"""The body of a request with pictures."""

INSTANCES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _object("instances", {"type": "array", "items": _PICTURE})
            }
        },
    }
}
"""The body of a request of KServe's protocol v1."""
