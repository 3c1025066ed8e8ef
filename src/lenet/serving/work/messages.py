"""Writes and reads messages between the service and its processes: JSON, and bytes after it.

A process that decodes unknown files may come under the control of whoever made them. So the service
never unpickles what it receives.
"""

import json
from dataclasses import dataclass
from math import prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_LENGTH = 8  # bytes of a length
_MOST = 1 << 30  # bytes of one part of a message
_TYPES = {"|u1": np.uint8, "<f4": np.float32}
"""The types of arrays in messages, by NumPy's names for them."""


@dataclass(frozen=True)
class Message:
    """JSON, and arrays (uint8 or float32) or bytes (a uint8 array)."""

    table: dict[str, Any]
    arrays: list[NDArray[Any]]


def write(stream: IO[bytes], table: dict[str, Any], arrays: list[NDArray[Any]]) -> None:
    """Write a message; `OSError` if the other side has ended."""
    described = [{"type": one.dtype.str, "shape": one.shape} for one in arrays]
    text = json.dumps([table, described]).encode()
    stream.write(len(text).to_bytes(_LENGTH) + text)
    for one in arrays:
        stream.write(np.ascontiguousarray(one).data)
    stream.flush()


def read(stream: IO[bytes]) -> Message:
    """Read a message.

    Raises
    ------
    EOFError
        The other side has ended.
    ValueError
        The message is malformed.
    """
    text = _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH)))
    table, described = json.loads(text)
    arrays: list[NDArray[Any]] = []
    for one in described:
        dtype = np.dtype(_TYPES[one["type"]])
        content = _exactly(stream, prod(one["shape"]) * dtype.itemsize)
        arrays.append(np.frombuffer(content, dtype).reshape(one["shape"]))
    return Message(table, arrays)


def as_array(content: bytes) -> NDArray[np.uint8]:
    """Return bytes as an array, without a copy."""
    return np.frombuffer(content, np.uint8)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    if length > _MOST:
        raise ValueError(f"a part of {length:,} bytes is too long for a message")
    content = stream.read(length)
    if len(content) < length:
        raise EOFError("the other side has ended")
    return content
