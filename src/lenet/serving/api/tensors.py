"""Tensors as the Open Inference Protocol sends them: numbers in JSON, or bytes behind it.

The protocol: kserve/open-inference-protocol, ``specification/protocol/inference_rest.md``. The
bytes: Triton's "binary tensor data extension", which its own client uses unless told otherwise.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lenet.serving.http.errors import Refusal

_TYPES = {"UINT8": np.dtype("u1"), "FP32": np.dtype("<f4")}


@dataclass(frozen=True)
class InferRequest:
    """A request for inference, read but not yet understood.

    Parameters
    ----------
    id
        What the client calls it, if anything.
    inputs
        Name and array of each tensor.
    outputs
        Those that are asked for, and which of them as bytes; None: all there are.
    binary
        Whether outputs that are not listed come as bytes.
    """

    id: str | None
    inputs: dict[str, NDArray[Any]]
    outputs: dict[str, bool] | None
    binary: bool


def read_request(body: bytes, header_length: str | None) -> InferRequest:
    """Read a request; `Refusal` (400) where it does not follow the protocol.

    Parameters
    ----------
    header_length
        How many bytes of the body are JSON, if it was said: bytes of tensors follow.
    """
    length = len(body)
    if header_length is not None:
        if not header_length.isascii() or not header_length.isdecimal():
            raise _wrong("Inference-Header-Content-Length is no number of bytes")
        length = int(header_length[:20])
        if length > len(body):
            raise _wrong(f"the body has {len(body)} bytes, of which {length} cannot be JSON")
    try:
        value: object = json.loads(body[:length])
    except (ValueError, RecursionError) as error:
        raise _wrong(f"the request is not JSON ({str(error)[:200]})") from error
    table = _object(value, "the request")
    rest = memoryview(body)[length:]
    inputs: dict[str, NDArray[Any]] = {}
    for one in _objects(table, "inputs"):
        name = _text(one, "name")
        if name in inputs:
            raise _wrong(f"there are two inputs called {name[:100]!r}")
        inputs[name], rest = _tensor(one, name, rest)
    if len(rest):
        raise _wrong(f"{len(rest)} bytes belong to none of the inputs")
    binary = _parameters(table).get("binary_data_output") is True
    outputs = None
    if table.get("outputs"):
        outputs = {
            _text(one, "name"): _parameters(one).get("binary_data", binary) is True
            for one in _objects(table, "outputs")
        }
    name = table.get("id")
    return InferRequest(name if isinstance(name, str) else None, inputs, outputs, binary)


def write_response(
    table: dict[str, Any], outputs: list[tuple[str, NDArray[Any], bool]]
) -> tuple[bytes, int | None]:
    """Write a response: its body, and how many bytes of it are JSON if others follow.

    Parameters
    ----------
    outputs
        Name, array (float32, or ``str`` for BYTES), and whether it is sent as bytes.
    """
    entries: list[dict[str, Any]] = []
    behind: list[bytes] = []
    for name, array, binary in outputs:
        kind = "FP32" if array.dtype.kind == "f" else "BYTES"
        entry: dict[str, Any] = {"name": name, "datatype": kind, "shape": list(array.shape)}
        if binary:
            data = _as_bytes(array)
            entry["parameters"] = {"binary_data_size": len(data)}
            behind.append(data)
        else:
            entry["data"] = array.ravel().tolist()
        entries.append(entry)
    text = json.dumps({**table, "outputs": entries}, separators=(",", ":")).encode()
    return b"".join([text, *behind]), len(text) if behind else None


def _tensor(one: dict[str, Any], name: str, rest: memoryview) -> tuple[NDArray[Any], memoryview]:
    kind = one.get("datatype")
    dtype = _TYPES.get(kind) if isinstance(kind, str) else None
    if dtype is None:
        raise _wrong(f"{name[:100]!r} has the datatype {str(kind)[:50]}, not {' or '.join(_TYPES)}")
    shape = one.get("shape")
    if not isinstance(shape, list) or not all(
        type(side) is int and 0 <= side < 1 << 31 for side in cast("list[object]", shape)
    ):
        raise _wrong(f"{name[:100]!r} must have a shape, a list of whole numbers")
    sides = cast("list[int]", shape)
    if len(sides) > 8:
        raise _wrong(f"{name[:100]!r} has {len(sides)} dimensions")
    count = 1
    for side in sides:
        count *= side  # of Python's numbers, which do not overflow
    if not count:
        raise _wrong(f"{name[:100]!r} of shape {sides} holds nothing")
    size = _parameters(one).get("binary_data_size")
    if size is None:
        return _from_json(one.get("data"), dtype, sides, count, name), rest
    if type(size) is not int or size != count * dtype.itemsize or size > len(rest):
        raise _wrong(
            f"{name[:100]!r} of shape {sides} has {count * dtype.itemsize} bytes; {size} are "
            f"announced and {len(rest)} are there"
        )
    return np.frombuffer(rest[:size], dtype).reshape(sides), rest[size:]


def _from_json(
    data: object, dtype: np.dtype[Any], shape: list[int], count: int, name: str
) -> NDArray[Any]:
    try:
        given = np.array(data)
    except (ValueError, OverflowError) as error:
        raise _wrong(f"{name[:100]!r}: its data are lists of different lengths") from error
    if given.dtype.kind not in "iuf" or not isinstance(data, list):
        raise _wrong(f"{name[:100]!r}: its data must be a list of numbers")
    if given.size != count or (given.ndim > 1 and list(given.shape) != shape):
        raise _wrong(f"{name[:100]!r}: data {list(given.shape)} do not fill the shape {shape}")
    if dtype.kind == "u" and (given.dtype.kind == "f" or given.min() < 0 or given.max() > 255):
        raise _wrong(f"{name[:100]!r}: UINT8 are whole numbers from 0 to 255")
    # What is too great for float32 becomes infinite, and is refused as a pixel.
    with np.errstate(over="ignore"):
        return given.astype(dtype).reshape(shape)


def _as_bytes(array: NDArray[Any]) -> bytes:
    if array.dtype.kind == "f":
        return array.astype("<f4").tobytes()
    texts = [str(text).encode() for text in array.ravel().tolist()]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(f"{what} must be an object")
    return cast("dict[str, Any]", value)


def _objects(table: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = table.get(key)
    if not isinstance(found, list):
        raise _wrong(f"'{key}' must be a list of tensors")
    return [_object(one, f"each of '{key}'") for one in cast("list[object]", found)]


def _parameters(table: dict[str, Any]) -> dict[str, Any]:
    return _object(table.get("parameters") or {}, "'parameters'")


def _text(table: dict[str, Any], key: str) -> str:
    found = table.get(key)
    if not isinstance(found, str):
        raise _wrong(f"each tensor must have a {key}")
    return found


def _wrong(sentence: str) -> Refusal:
    return Refusal(400, sentence)
