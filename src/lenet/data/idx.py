"""The IDX format that MNIST came in, read and written.

A file is: two zero bytes, a type byte, the number of dimensions, each dimension as a big-endian
32-bit number, then the values, big-endian, last dimension fastest. Source: the format's
description on the MNIST page (LeCun, Cortes, Burges, "The MNIST database").
"""

import bz2
import gzip
import lzma
import zlib
from io import BufferedIOBase
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError
from lenet.files import whole_file

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_CODES = {np.dtype(word).newbyteorder("="): code for code, word in TYPES.items()}

# NumPy 1.x holds 32 dimensions. The largest file of the family (EMNIST by class) has 0.55 GB.
_MOST_DIMENSIONS = 32
_MOST_BYTES = 4 << 30
# Deflate cannot shrink more than 1,032 to 1; xz and bzip2 can, so a header's promise is believed
# only up to this many bytes beyond what the file could plainly hold.
_PLAUSIBLE_RATIO = 1100

Array = NDArray[np.generic]


class IdxError(LenetError):
    """A file that is not IDX, or not whole."""


def open_compressed(path: Path) -> BufferedIOBase:
    """Open a file that may be gzip, bzip2 or xz, judged by its first bytes, for reading."""
    with path.open("rb") as file:
        magic = file.read(6)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.open(path)
    if magic.startswith(b"BZh"):
        return bz2.open(path)
    if magic == b"\xfd7zXZ\x00":
        return lzma.open(path)
    return path.open("rb")


def read_idx(path: Path) -> Array:
    """Read an IDX file, compressed or not.

    Memory stays within a small multiple of what the file can hold: sizes are checked before
    anything is allocated.

    Returns
    -------
    An array in the machine's own byte order, writable.

    Raises
    ------
    IdxError
        A wrong magic number, fewer or more bytes than the header says, a broken archive.
    OSError
        The file cannot be opened.
    """
    try:
        with open_compressed(path) as file:
            return _read(file, path, path.stat().st_size)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise IdxError(f"{path} is truncated or not a whole archive ({error})") from error
    except OSError as error:
        if error.errno is None:  # bz2 reports bad data as an OSError without a number
            raise IdxError(f"{path} is truncated or not a whole archive ({error})") from error
        raise


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
    if expected > min(_MOST_BYTES, _PLAUSIBLE_RATIO * size_on_disk):
        raise IdxError(
            f"{path} is truncated: its header claims {expected:,} bytes, "
            f"more than a file of {size_on_disk:,} bytes can hold"
        )
    # bytearray, so that the array is writable; one byte more, to notice a surplus.
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
    except ValueError as error:  # no values, but sides that no array can have
        raise IdxError(f"{path} is not an IDX file: it claims the shape {shape}") from error
    return array.astype(dtype.newbyteorder("="), copy=False)


def write_idx(path: Path, array: Array) -> None:
    """Write an array as IDX; gzip if the name ends in ``.gz``. Whole or not at all.

    Raises
    ------
    IdxError
        A type IDX does not have, no dimensions or too many, or a side beyond 32 bits.
    OSError
        The folder cannot be written or the disk is full.
    """
    code = _CODES.get(array.dtype.newbyteorder("="))
    if code is None:
        raise IdxError(f"IDX has no type for {array.dtype}")
    if not 1 <= array.ndim <= _MOST_DIMENSIONS or max(array.shape) >= 1 << 32:
        raise IdxError(f"IDX cannot hold an array of shape {array.shape}")
    head = bytes([0, 0, code, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    content = array.astype(np.dtype(TYPES[code])).tobytes()
    with whole_file(path) as part:
        if path.suffix == ".gz":
            part.write_bytes(gzip.compress(head + content))
        else:
            with part.open("wb") as file:
                file.write(head)
                file.write(content)
