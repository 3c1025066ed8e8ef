"""Reads standard input as the bytes of an image, or as a list of paths."""

import os
import re
from collections.abc import Iterator
from io import RawIOBase

from lenet.pictures.image import ImageError

MOST_BYTES = 256 << 20
"""The most bytes that are read from a pipe. No picture has more, and a pipe may be endless."""

_BLOCK = 1 << 16
_LONGEST_PATH = 1 << 16
_ENOUGH = 16  # bytes that distinguish an image from text; a whole line of text is enough too
_LINE = re.compile(rb"(?!\x89PNG|P[1-6]\s|%PDF-|<\?xml|<svg)[^\n]*\n")
# Text has none of these control characters; the first bytes of a binary image have some.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# JPEG, whose first two bytes may arrive alone, and formats that begin with text: netpbm, PDF, SVG.
_SIGNATURE = re.compile(rb"\xff\xd8|P[1-6]\s+[#\d]|%PDF-|<\?xml|<svg")


def image_or_paths(stream: RawIOBase | None) -> bytes | Iterator[str]:
    """Return the bytes of the image in a stream, or its lines as paths if it begins with text.

    Lines are read as they arrive; empty lines are left out.

    Parameters
    ----------
    stream
        Unbuffered, so that a line is read as soon as it is written; None if it is closed.

    Raises
    ------
    ImageError
        The stream is closed or empty, or has more than `MOST_BYTES`. An error in the lines is
        raised while they are read.
    """
    if stream is None:
        raise ImageError("standard input is closed")
    head = b""
    while len(head) < _ENOUGH and not _LINE.match(head) and (block := stream.read(_BLOCK)):
        head += block
    if not head.strip(b"\r\n"):
        raise ImageError("standard input is empty; give it an image, or one path per line")
    if _SIGNATURE.match(head) or _NO_TEXT.search(head):
        return read_all(stream, head, "standard input")
    return _paths(stream, head)


def read_all(stream: RawIOBase, head: bytes, name: str) -> bytes:
    """Return `head` and the rest of a stream; `ImageError` if they exceed `MOST_BYTES`."""
    blocks = [head]
    size = len(head)
    while block := stream.read(_BLOCK):
        blocks.append(block)
        size += len(block)
        if size > MOST_BYTES:
            raise ImageError(f"{name}: more than {MOST_BYTES >> 20} MB, too large for a picture")
    return b"".join(blocks)


def _paths(stream: RawIOBase, block: bytes | None) -> Iterator[str]:
    rest = b""
    while block:
        *lines, rest = (rest + block).split(b"\n")
        yield from (os.fsdecode(path) for line in lines if (path := line.removesuffix(b"\r")))
        if len(rest) > _LONGEST_PATH:
            raise ImageError("standard input: a line is too long for a path")
        block = stream.read(_BLOCK)
    if path := rest.removesuffix(b"\r"):
        yield os.fsdecode(path)
