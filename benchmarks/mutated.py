"""Mutates files and requests, as a fuzzer that knows nothing of their formats does."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw

# Numbers at which programs fail: at the ends of the widths of integers.
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def mutated(content: bytes, random: Generator) -> bytes:
    """Return content with one to eight changes: bytes, numbers, pieces removed or repeated."""
    changed = bytearray(content)
    for _ in range(int(random.integers(1, 9))):
        if not changed:
            break
        at = int(random.integers(len(changed)))
        length = int(random.integers(1, 1 + min(64, len(changed) - at)))
        match int(random.integers(7)):
            case 0:
                changed[at] ^= 1 << int(random.integers(8))
            case 1:
                changed[at] = int(random.integers(256))
            case 2:
                size = int(random.choice([1, 2, 4]))
                number = int(random.choice(_EDGES)) % (1 << 8 * size)
                order = "big" if random.integers(2) else "little"
                changed[at : at + size] = number.to_bytes(size, order)
            case 3:
                del changed[at : at + length]
            case 4:
                piece = changed[at : at + length]
                changed[at:at] = piece * int(random.integers(1, 9))
            case 5:
                other = int(random.integers(len(changed)))
                changed[other:other] = changed[at : at + length]
            case _:
                if random.integers(8) == 0:
                    del changed[at:]
    return bytes(changed)


def pictures() -> dict[str, list[bytes]]:
    """Return whole files of each format that the service takes, in several of its kinds."""
    grey = Image.new("L", (40, 40), 255)
    ImageDraw.Draw(grey).line([(10, 8), (30, 8), (16, 33)], 0, 5)
    colour = Image.merge("RGB", [grey, grey.rotate(90), grey])
    clear = colour.copy()
    clear.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    two: dict[str, Any] = {"save_all": True, "append_images": [grey.rotate(180)]}
    kinds: dict[str, list[tuple[Image.Image, dict[str, Any]]]] = {
        "PNG": [(grey, {}), (clear, {}), (deep, {}), (grey.convert("P"), {"bits": 4}), (grey, two)],
        "JPEG": [(grey, {}), (colour, {"progressive": True}), (colour.convert("CMYK"), {})],
        "WEBP": [(colour, {}), (clear, {"lossless": True}), (grey, two)],
        "GIF": [(grey, {}), (colour.convert("P"), {}), (grey, two)],
        "BMP": [(grey, {}), (colour, {}), (grey.convert("1"), {})],
        "TIFF": [
            (grey, {"compression": kind})
            for kind in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        ]
        + [(deep, {}), (grey.convert("1"), {"compression": "group4"}), (grey, two)],
        "PPM": [(grey, {}), (colour, {}), (grey.convert("1"), {})],
        "AVIF": [(colour, {"speed": 10}), (clear, {"speed": 10}), (grey, {**two, "speed": 10})],
    }
    found: dict[str, list[bytes]] = {}
    for name, ones in kinds.items():
        for image, options in ones:
            buffer = BytesIO()
            try:
                image.save(buffer, name, **options)
            except (KeyError, OSError):  # this build of Pillow cannot write it
                continue
            found.setdefault(name, []).append(buffer.getvalue())
    return found


def endlessly(contents: list[bytes], random: Generator) -> Iterator[bytes]:
    """Yield mutations of contents without end."""
    while True:
        yield mutated(contents[int(random.integers(len(contents)))], random)
