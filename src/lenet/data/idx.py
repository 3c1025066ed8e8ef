"""Reads IDX files, the format of MNIST.

A file has two zero bytes, a byte for the type, a byte for the number of dimensions, each dimension
as a big-endian 32-bit number, and then the values, big-endian, last dimension fastest. Source: the
description on the MNIST page (LeCun, Cortes, Burges, "The MNIST database").
"""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from io import BufferedIOBase, BufferedReader
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.data.archive_bounds import BoundedStream, most_decompressed
from lenet.errors import LenetError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The NumPy dtype of each type byte."""

_MOST_DIMENSIONS = 32  # the limit of NumPy 1.x
# A header that claims more is refused before memory is allocated.
_DEFLATE_RATIO = 1100  # deflate compresses by at most 1,032 to 1
_MOST_BYTES = 4 << 30  # the largest known file (EMNIST byclass) has 0.55 GB

Array = NDArray[np.generic]


class IdxError(LenetError):
    """A file is not IDX, or is incomplete."""


_OPENERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
_BUFFER = 1 << 16


def open_compressed(path: Path) -> BufferedIOBase:
    """Open a file for reading, decompressed if its first bytes are those of gzip, bzip2 or xz.

    While it is read, a `LenetError` says if it unpacks to too much (`lenet.data.archive_bounds`).
    """
    with path.open("rb") as file:
        magic = file.read(6)
    opens = next((one for begin, one in _OPENERS.items() if magic.startswith(begin)), None)
    if opens is None:
        return path.open("rb")
    stream = BoundedStream(opens(path), path, path.stat().st_size)
    return BufferedReader(stream, _BUFFER)


def read_idx(path: Path) -> Array:
    """Read an IDX file, compressed or not, into a writable array in native byte order.

    Raises
    ------
    IdxError
        The file is not IDX, has fewer or more values than its header claims, or is a damaged
        archive. A wrong header cannot make it use much memory.
    OSError
        The file cannot be opened.
    """
    try:
        with open_compressed(path) as file:
            return _read(file, path, path.stat().st_size)
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        # gzip and bz2 report bad data as an OSError without a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise IdxError(f"{path} is truncated or not a whole archive ({error})") from error


def _read(file: BufferedIOBase, path: Path, size_on_disk: int) -> Array:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES:
        raise IdxError(f"{path} is not an IDX file: it begins with 0x{head.hex()}")
    count = head[3]
    if not 1 <= count <= _MOST_DIMENSIONS:
        raise IdxError(f"{path} is not an IDX file: it claims {count} dimensions")
    sides = file.read(4 * count)
    if len(sides) < 4 * count:
        raise IdxError(f"{path} is truncated: the header itself is cut short")
    shape = tuple(int.from_bytes(sides[i : i + 4], "big") for i in range(0, 4 * count, 4))
    dtype = np.dtype(TYPES[head[2]])
    expected = prod(shape) * dtype.itemsize
    if expected > min(_MOST_BYTES, _DEFLATE_RATIO * size_on_disk, most_decompressed(size_on_disk)):
        raise IdxError(
            f"{path} is truncated: its header claims {expected:,} bytes, "
            f"more than a file of {size_on_disk:,} bytes can hold"
        )
    # A bytearray makes the array writable. One byte more is read to notice a surplus.
    content = bytearray(file.read(expected + 1))
    if len(content) < expected:
        raise IdxError(
            f"{path} is truncated: {len(content):,} bytes of values, "
            f"its header claims {expected:,} for {'×'.join(map(str, shape))}"
        )
    if len(content) > expected:
        raise IdxError(f"{path} holds more bytes than its header claims ({expected:,})")
    try:
        array = np.frombuffer(content, dtype).reshape(shape)
    except ValueError as error:  # an empty array with a side too large for NumPy
        raise IdxError(f"{path} is not an IDX file: it claims the shape {shape}") from error
    return array.astype(dtype.newbyteorder("="), copy=False)
