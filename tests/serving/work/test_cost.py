"""How much work a file is, against files that Pillow writes and counts by hand."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from tests.serving.service import as_file, drawn

from lenet.serving.work.cost import MOST_SCANS, has_too_many_scans, small_png_pixels, too_much_work

GREY = np.zeros((28, 20), np.uint8)
TINY = as_file(GREY)


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(*more: bytes) -> bytes:
    return TINY[:33] + b"".join(more) + TINY[33:]


@pytest.mark.parametrize(
    ("content", "pixels"),
    [
        (TINY, 560),
        (as_file(np.zeros((28, 20, 3), np.uint8)), 560),
        (as_file(Image.new("P", (64, 64))), 4096),
        (as_file(Image.new("L", (65, 64))), None),  # too many pixels
        (with_chunks(chunk(b"tEXt", b"Software\0x")), 560),
        (with_chunks(chunk(b"zTXt", b"a\0\0x")), None),
        (with_chunks(chunk(b"iCCP", b"a\0\0x")), None),
        (with_chunks(chunk(b"acTL", bytes(8))), None),  # an animation
        (with_chunks(*[chunk(b"tEXt", b"a\0")] * 40), None),
        (TINY[:40], 560),  # refused by the decoder at once
        (TINY[:20], 0),
        (TINY + bytes(40_000), None),
        (b"", None),
        (as_file(drawn(), "JPEG"), None),
        (as_file(GREY, "GIF"), None),
    ],
)
def test_which_pictures_are_surely_decoded_at_once(content: bytes, pixels: int | None) -> None:
    assert small_png_pixels(content) == pixels


def with_scans(count: int) -> bytes:
    """Return a progressive JPEG with more scans, which repeat its last."""
    plain = as_file(drawn(), "JPEG", progressive=True)
    end = plain.rindex(b"\xff\xd9")
    return plain[:end] + plain[plain.rindex(b"\xff\xda") : end] * count + b"\xff\xd9"


OWN = as_file(drawn(), "JPEG", progressive=True).count(b"\xff\xda")
BY_CHANCE = b"\xff\xe1\xff\xfe" + b"\xff\xda" * 32_766  # the bytes of a scan within a comment


@pytest.mark.parametrize(
    ("content", "too_many"),
    [
        (as_file(drawn(), "JPEG"), False),
        (with_scans(0), False),
        (with_scans(MOST_SCANS - OWN), False),
        (with_scans(MOST_SCANS - OWN + 1), True),
        (with_scans(60_000), True),
        (b"\xff\xd8" + BY_CHANCE + as_file(drawn(), "JPEG")[2:], False),
        (b"\xff\xd8" + BY_CHANCE + with_scans(200)[2:], True),
        (with_scans(200)[:-50], True),
        (b"x" + with_scans(200), False),  # no JPEG
    ],
)
def test_scans_are_counted(content: bytes, too_many: bool) -> None:
    assert has_too_many_scans(content) is too_many


def test_packed_texts_are_counted() -> None:
    packed = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1000)))
    assert too_much_work(with_chunks(*[packed] * 200)) is None
    assert too_much_work(with_chunks(*[packed] * 201)) is not None
