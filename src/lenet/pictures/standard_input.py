"""Standard input as an image's bytes, or as a list of paths."""

import os
import re
from collections.abc import Iterator
from io import RawIOBase

from lenet.pictures.image import ImageError

MOST_BYTES = 256 << 20
"""What is read of a pipe: more than any picture has, and an endless one ends."""

_BLOCK = 1 << 16
_LONGEST_PATH = 1 << 16
_ENOUGH = 16  # bytes to tell an image from text; a whole line of text is enough too
_LINE = re.compile(rb"(?!\x89PNG|P[1-6]\s)[^\n]*\n")
# Text has none of these control characters; the first bytes of a binary image have some.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# JPEG, should no more than its first bytes have come, and netpbm's forms, which may be text.
_SIGNATURE = re.compile(rb"\xff\xd8|P[1-6]\s+[#\d]")


def image_or_paths(stream: RawIOBase | None) -> bytes | Iterator[str]:
    """Return the bytes of the image in a stream or, if it begins with text, its lines as paths.

    Lines are read as they come; empty ones do not count.

    Parameters
    ----------
    stream
        Unbuffered, so that what has been written to it is seen at once; None if it is closed.

    Raises
    ------
    ImageError
        The stream is closed or empty, or does not end. Of lines, when they are read.
    """
    if stream is None:
        raise ImageError("standard input is closed")
    head = b""
    while len(head) < _ENOUGH and not _LINE.match(head) and (block := stream.read(_BLOCK)):
        head += block
    if not head.strip(b"\r\n"):
        raise ImageError("standard input is empty: give it an image, or paths one a line")
    if _SIGNATURE.match(head) or _NO_TEXT.search(head):
        return read_all(stream, head, "standard input")
    return _paths(stream, head)


def read_all(stream: RawIOBase, head: bytes, name: str) -> bytes:
    """Read what follows `head` in a stream, up to `MOST_BYTES`, beyond which is an `ImageError`."""
    blocks = [head]
    size = len(head)
    while block := stream.read(_BLOCK):
        blocks.append(block)
        size += len(block)
        if size > MOST_BYTES:
            raise ImageError(f"{name}: more than {MOST_BYTES >> 20} MB, which is no picture")
    return b"".join(blocks)


def _paths(stream: RawIOBase, rest: bytes) -> Iterator[str]:
    block: bytes | None = rest
    rest = b""
    while block:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if path := line.removesuffix(b"\r"):
                yield os.fsdecode(path)
        if len(rest) > _LONGEST_PATH:
            raise ImageError("standard input: a line is too long for a path")
        block = stream.read(_BLOCK)
    if path := rest.removesuffix(b"\r"):
        yield os.fsdecode(path)
