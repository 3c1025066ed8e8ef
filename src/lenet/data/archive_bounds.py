"""Bounds what an archive may unpack to, so that a small file cannot ask for any amount of memory.

Real images compress by less than 20 to 1, a file of zeros by 1,000 to 1.
"""

import io
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from lenet.errors import LenetError

ALWAYS = 256 << 20
"""So many bytes any file may unpack to."""

RATIO = 64
"""A large file may unpack to so many times its size."""


def most_decompressed(size: int) -> int:
    """Return how many bytes a file of `size` bytes may unpack to.

    Examples
    --------
    >>> most_decompressed(1_200_000), most_decompressed(100 << 20)
    (268435456, 6710886400)
    """
    return max(ALWAYS, RATIO * size)


def too_much(path: Path, size: int) -> str:
    """Return the sentence about a file that unpacks to more than it may."""
    return (
        f"{path} has {size:,} bytes and unpacks to more than {most_decompressed(size):,}; "
        "if it is no mistake, unpack it yourself"
    )


class BoundedStream(io.RawIOBase):
    """Reads a decompressed stream up to a number of bytes; more is a `LenetError`.

    Parameters
    ----------
    stream
        Is closed with this one.
    path, size
        The file and its size on disk, for the bound and the message.
    """

    def __init__(self, stream: BinaryIO, path: Path, size: int) -> None:
        self._stream = stream
        self._path = path
        self._size = size
        self._left = most_decompressed(size)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "memoryview") -> int:  # pyright: ignore[reportIncompatibleMethodOverride] a narrower buffer
        """Read at most as many bytes as the buffer has."""
        content = self._stream.read(len(buffer))
        buffer[: len(content)] = content
        self._left -= len(content)
        if self._left < 0:
            raise LenetError(too_much(self._path, self._size))
        return len(content)

    def close(self) -> None:
        """Close both streams."""
        self._stream.close()
        super().close()


def check_archive(file: BinaryIO, path: Path) -> None:
    """Raise a `LenetError` if the members of a zip file of arrays unpack to too much together.

    The sizes that its directory claims are added up, and each array's own header must claim no more
    than its member holds: NumPy allocates what that header asks for before it reads.

    Raises
    ------
    LenetError
        It unpacks to more than `most_decompressed`, or an array claims more than its member holds.
    zipfile.BadZipFile, ValueError, OSError
        It is damaged.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > most_decompressed(size):
            raise LenetError(too_much(path, size))
        for member in members:
            if member.filename.endswith(".npy"):
                with archive.open(member) as stream:
                    claimed = _claimed_bytes(cast("BinaryIO", stream))
                if claimed > member.file_size:
                    raise LenetError(
                        f"{path}: {member.filename} claims {claimed:,} bytes and holds "
                        f"{member.file_size:,}; the file is damaged"
                    )
    file.seek(0)


def _claimed_bytes(stream: BinaryIO) -> int:
    """Return how many bytes of values the header of an ``.npy`` file claims."""
    reads = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    version = np.lib.format.read_magic(stream)
    if version not in reads:  # version 3 is for names of fields, which arrays of images lack
        raise ValueError(f"unknown version {version} of an .npy file")
    shape, _, dtype = reads[version](stream)
    count = 1
    for side in shape:
        if side < 0:
            raise ValueError(f"an array claims the shape {shape}")
        count *= side
    return 0 if dtype.hasobject else count * dtype.itemsize
