"""Reads and writes tensors of the Open Inference Protocol, in JSON or as binary data after it.

The protocol: kserve/open-inference-protocol, ``specification/protocol/inference_rest.md``. Binary
data: Triton's "binary tensor data extension", which Triton's own client uses by default.
"""

import json
import struct
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, FailFast, Field, ValidationError
from starlette.exceptions import HTTPException

from lenet.serving.http.responses import invalid
from lenet.serving.work.arrays import numbers, parse_object
from lenet.serving.work.messages import Message

_DTYPES = {"UINT8": np.dtype("u1"), "FP32": np.dtype("<f4")}

_Parameters = Annotated[dict[str, Any], BeforeValidator(lambda value: value or {})]
_Side = Annotated[int, Field(strict=True, ge=0, lt=1 << 31)]


class Output(BaseModel):
    """An output that a request asks for."""

    name: str
    parameters: _Parameters = {}


class Input(Output):
    """An input of a request: its type, its shape, and its values if they are in the JSON."""

    datatype: Literal["UINT8", "FP32"]
    shape: Annotated[list[_Side], Field(max_length=8)]
    data: Any = None


class InferRequest(BaseModel):
    """The JSON of an inference request; without `outputs` it asks for all."""

    id: Any = None
    inputs: Annotated[list[Input], FailFast()]
    outputs: Annotated[list[Output], FailFast(), BeforeValidator(lambda value: value or [])] = []
    parameters: _Parameters = {}


Read = tuple[InferRequest, dict[str, NDArray[Any]]]
"""A request, and its inputs by name."""


def read_request(body: bytes, header_length: str | None, most: int | None = None) -> Read:
    """Read an inference request.

    Parameters
    ----------
    header_length
        How many bytes of the body are JSON, if binary data follows.
    most
        The greatest number of images, the first dimension of an input; None is no limit.

    Raises
    ------
    HTTPException
        The request does not follow the protocol (400), or has more images (413), whether it has
        their data or not.

    Returns
    -------
    The JSON, and the inputs by name: uint8 or float32 arrays.

    Examples
    --------
    >>> tensor = b'{"name": "image", "datatype": "UINT8", "shape": [1, 2], "data": [3, 4]}'
    >>> request, inputs = read_request(b'{"inputs": [%s]}' % tensor, None)
    >>> inputs
    {'image': array([[3, 4]], dtype=uint8)}
    """
    length = len(body)
    if header_length is not None:
        if not header_length.isascii() or not header_length.isdecimal():
            raise _wrong("Inference-Header-Content-Length must be a number of bytes")
        length = int(header_length[:20])
        if length > len(body):
            raise _wrong(f"the body has {len(body)} bytes, fewer than the {length} of its JSON")
    try:
        request = InferRequest.model_validate(parse_object(body[:length], 400))
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(invalid(first["loc"], first)) from error
    rest = memoryview(body)[length:]
    inputs: dict[str, NDArray[Any]] = {}
    for one in request.inputs:
        if one.name in inputs:
            raise _wrong(f"there are two inputs called {one.name[:100]!r}")
        if most is not None and len(one.shape) > 2 and one.shape[0] > most:
            raise HTTPException(413, f"{one.shape[0]} images are more than the {most} allowed")
        inputs[one.name], rest = _array(one, rest)
    if len(rest):
        raise _wrong(f"{len(rest)} bytes of binary data belong to no input")
    return request, inputs


def to_message(request: InferRequest, inputs: dict[str, NDArray[Any]]) -> Message:
    """Write what `read_request` returned as a message."""
    table = request.model_dump(exclude={"inputs"})
    return Message({"request": table, "names": list(inputs)}, list(inputs.values()))


def from_message(message: Message) -> Read:
    """Read what `to_message` wrote; the request's own inputs are left out."""
    request = InferRequest.model_validate({**message.table["request"], "inputs": []})
    return request, dict(zip(message.table["names"], message.arrays, strict=True))


def write_response(
    table: dict[str, Any], outputs: list[tuple[str, NDArray[Any], bool]]
) -> tuple[bytes, int | None]:
    """Return the body of a response, and how many bytes of it are JSON if binary data follows.

    Parameters
    ----------
    outputs
        For each output its name, its array (float32, or ``str`` for BYTES), and whether it is sent
        as binary data.
    """
    entries: list[dict[str, Any]] = []
    data: list[bytes] = []
    for name, array, binary in outputs:
        kind = "FP32" if array.dtype.kind == "f" else "BYTES"
        entry: dict[str, Any] = {"name": name, "datatype": kind, "shape": list(array.shape)}
        if binary:
            data.append(_as_bytes(array))
            entry["parameters"] = {"binary_data_size": len(data[-1])}
        else:
            entry["data"] = array.ravel().tolist()
        entries.append(entry)
    text = json.dumps({**table, "outputs": entries}, separators=(",", ":")).encode()
    return b"".join([text, *data]), len(text) if data else None


def _array(one: Input, rest: memoryview) -> tuple[NDArray[Any], memoryview]:
    """Return the array of an input, and the binary data after it."""
    dtype, shape, name = _DTYPES[one.datatype], one.shape, repr(one.name[:100])
    count = prod(shape)
    if not count:
        raise _wrong(f"{name} of shape {shape} is empty")
    size = one.parameters.get("binary_data_size")
    if size is not None:
        if type(size) is not int or size != count * dtype.itemsize or size > len(rest):
            raise _wrong(
                f"{name} of shape {shape} needs {count * dtype.itemsize} bytes of binary data; "
                f"binary_data_size is {size}, and {len(rest)} bytes are left"
            )
        return np.frombuffer(rest[:size], dtype).reshape(shape), rest[size:]
    array = numbers(one.data, name, 400)
    if array.size != count or (array.ndim > 1 and list(array.shape) != shape):
        raise _wrong(f"{name}: data of shape {list(array.shape)} do not fill the shape {shape}")
    if dtype == np.uint8 and (array.dtype.kind == "f" or array.min() < 0 or array.max() > 255):
        raise _wrong(f"{name}: UINT8 data must be whole numbers from 0 to 255")
    # A number that is too large for float32 becomes infinite, and is refused as a pixel later.
    with np.errstate(over="ignore"):
        return array.astype(dtype).reshape(shape), rest


def _as_bytes(array: NDArray[Any]) -> bytes:
    if array.dtype.kind == "f":
        return array.astype("<f4").tobytes()
    texts = [str(text).encode() for text in array.ravel().tolist()]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def _wrong(sentence: str) -> HTTPException:
    return HTTPException(400, sentence)
