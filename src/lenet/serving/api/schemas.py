"""What goes in and comes out, as the OpenAPI description has it.

Answers are written by hand and not through these models, which would check again what is known to
be right; that they match is a test's to say.
"""

from typing import Any

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """Why there is no answer."""

    error: str = Field(description="One sentence: what is wrong, where, and what to do.")


class Model(BaseModel):
    """A network that is served."""

    name: str
    kind: str = Field(description="'predict': it names pictures; 'read': it reads numbers.")
    source: str = Field(description="'shipped' with the package, or a 'run' of the user's.")
    pictures: str = Field(description="What it learnt to look at: docs/photos.md.")
    classes: list[str]
    input_shape: list[int] = Field(description="Channels, height, width.")
    parameters: int
    run: bool = Field(description="Whether /v1/runs/NAME has its figures.")


class Models(BaseModel):
    """All of them."""

    models: list[Model]


class Share(BaseModel):
    """A class and its probability."""

    label: str
    probability: float


class Named(BaseModel):
    """A network's answer to a picture."""

    path: str | None
    label: str
    probability: float
    rejected: bool = Field(description="Not sure enough, or there is nothing in the picture.")
    top: list[Share] = Field(description="The most probable classes, best first.")
    none: float | None = Field(
        None, description="How probable it is none of the classes; of networks that ask."
    )


class Broken(BaseModel):
    """One of several pictures that could not be read."""

    path: str | None
    error: str


class Predicted(BaseModel):
    """Answers, in the order of the pictures."""

    model: str
    results: list[Named | Broken]


class ReadDigit(BaseModel):
    """A digit of a number."""

    text: str
    confidence: float
    box: list[int] = Field(description="x, y, width, height in pixels of the picture.")


class Alternative(BaseModel):
    """A number that it may be."""

    text: str
    confidence: float


class Trellis(BaseModel):
    """What is behind a reading: what the network says of each column of the field."""

    field: list[int] = Field(description="Where the field is: x, y, width, height in pixels.")
    ink: str = Field(description="The field that the network read, a PNG in base64.")
    columns: list[list[float]] = Field(
        description="For every second column of the field, the probabilities of the symbols."
    )
    symbols: list[str]
    path: list[int] = Field(description="The symbol of each column, in the best alignment.")
    alternatives: list[Alternative] = Field(description="The most probable numbers, best first.")


class Number(BaseModel):
    """What is read in a picture."""

    path: str | None
    text: str
    confidence: float
    rejected: bool
    digits: list[ReadDigit]
    trellis: Trellis | None = None


class Readings(BaseModel):
    """Readings, in the order of the pictures."""

    model: str
    results: list[Number | Broken]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": why}
    for status, why in {
        400: "Not a proper request.",
        401: "The key is missing or wrong.",
        403: "A foreign page sent this.",
        404: "There is no such thing here.",
        408: "The request did not arrive in time.",
        413: "Too much: see the limits.",
        415: "Not a kind of body that is understood.",
        421: "Not a name of this service.",
        422: "The pictures or the settings make no sense.",
        500: "A defect in here.",
        503: "Busy; try again after the seconds in Retry-After.",
    }.items()
}
"""What any of them may answer instead."""

_PIXELS: dict[str, Any] = {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}

PICTURES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "image/png": {"schema": {"type": "string", "format": "binary"}},
            "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "additionalProperties": {"type": "string", "format": "binary"},
                }
            },
            "application/json": {
                "schema": {
                    "oneOf": [
                        {
                            "type": "object",
                            "properties": {"pixels": _PIXELS},
                            "required": ["pixels"],
                            "additionalProperties": False,
                        },
                        {
                            "type": "object",
                            "properties": {"images": {"type": "array", "items": _PIXELS}},
                            "required": ["images"],
                            "additionalProperties": False,
                        },
                    ]
                }
            },
        },
    }
}
"""The body of a request about pictures."""
