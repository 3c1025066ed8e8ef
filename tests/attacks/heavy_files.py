"""Small files that take much work or memory to decode, in every format that the service takes."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image
from tests.serving.service import as_file, drawn


def many_scans(scans: int = 60_000, side: int = 1000) -> bytes:
    """Return a progressive JPEG with empty scans; each passes over all pixels."""
    plain = as_file(Image.new("L", (side, side), 255), "JPEG", progressive=True)
    start = plain.index(b"\xff\xda")
    # An AC scan that refines nothing: all of its blocks are one run of the end of a band.
    end = plain.rindex(b"\xff\xd9")
    scan = plain[start:end]
    last = scan[scan.rindex(b"\xff\xda") :]
    return plain[:end] + last * scans + b"\xff\xd9"


def large_progressive(scans: int = 90, side: int = 4990) -> bytes:
    """Return a JPEG whose scans are just few enough, of the most pixels."""
    return many_scans(scans, side)


def many_frames(form: str, frames: int = 20, side: int = 2500, **options: Any) -> bytes:
    """Return an animation of large frames of few bytes."""
    images = [Image.new("L", (side, side), level * 9) for level in range(frames)]
    buffer = BytesIO()
    images[0].save(buffer, form, save_all=True, append_images=images[1:], **options)
    return buffer.getvalue()


def tiff_directories(count: int = 60_000) -> bytes:
    """Return a TIFF of many directories of one small picture each."""
    tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, 1), (279, 4, 1, 1)]
    size = 2 + 12 * len(tags) + 4
    content = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number in range(count):
        follows = 8 + size * (number + 1) if number + 1 < count else 0
        content += struct.pack("<H", len(tags))
        content += b"".join(struct.pack("<HHII", *tag) for tag in tags)
        content += struct.pack("<I", follows)
    return bytes(content)


def tiff_strips(side: int = 4990) -> bytes:
    """Return a TIFF of one row in each strip, deflated."""
    return as_file(
        Image.new("RGB", (side, side), "white"),
        "TIFF",
        compression="tiff_adobe_deflate",
        strip_size=1,
    )


def png_chunks(count: int = 7000) -> bytes:
    """Return a PNG with profiles that unpack to a megabyte each."""
    packed = zlib.compress(bytes(1_000_000))

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    plain = as_file(drawn())
    return plain[:33] + chunk(b"iCCP", b"a\0\0" + packed) * count + plain[33:]


def noise(form: str, side: int, **options: Any) -> bytes:
    """Return a picture of noise, which takes the most work a pixel."""
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    return as_file(pixels, form, **options)


def plain(form: str, side: int = 4990, **options: Any) -> bytes:
    """Return a picture of nearly the most pixels."""
    return as_file(Image.new("RGBA", (side, side), (255, 255, 255, 0)), form, **options)


def all_of_them() -> dict[str, bytes]:
    """Return a file of each kind, all below 8 MiB."""
    files = {
        "a JPEG of 60,000 scans": many_scans(),
        "a large JPEG of 90 scans": large_progressive(),
        "a GIF of 20 large frames": many_frames("GIF"),
        "an APNG of 20 large frames": many_frames("PNG"),
        "a WebP of 20 large frames": many_frames("WEBP", method=0),
        "a TIFF of 60,000 directories": tiff_directories(),
        "a TIFF of a strip for each row": tiff_strips(),
        "a TIFF of 64 large pages": many_frames("TIFF", 64, 3000, compression="tiff_adobe_deflate"),
        "a PNG of 7,000 packed profiles": png_chunks(),
        "a large transparent PNG": plain("PNG"),
        "a large WebP": plain("WEBP", method=0),
        "a large interlaced-like noise PNG": noise("PNG", 1500),
    }
    try:
        files["a large AVIF"] = plain("AVIF", 3000, speed=10)
        files["an AVIF of noise"] = noise("AVIF", 1500, speed=10)
    except (KeyError, OSError):  # this build of Pillow cannot write it
        pass
    return {name: file for name, file in files.items() if len(file) < 8 * 1024 * 1024}
