"""Counts the frames of a GIF without decoding them.

Pillow counts all of them to the end, and a small file may hold millions.
"""

from typing import BinaryIO


def count_frames(stream: BinaryIO, most: int) -> int:
    """Count the frames of a GIF, at most `most`; a truncated file has those that begin in it.

    Source: "Graphics Interchange Format", version 89a, sections 18 to 26.
    """
    stream.seek(0)
    head = stream.read(13)
    if len(head) == 13:
        _skip_palette(stream, head[10])
    count = 0
    while count < most and (sign := stream.read(1)) not in (b"", b";"):
        if sign == b",":
            place = stream.read(9)
            if len(place) < 9:
                break
            count += 1
            _skip_palette(stream, place[8])
            stream.read(1)  # the first code's size
        elif sign == b"!":
            stream.read(1)  # the extension's kind
        else:
            continue  # Pillow skips such bytes too
        while (size := stream.read(1)) not in (b"", b"\0"):
            stream.seek(size[0], 1)
    return count


def _skip_palette(stream: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        stream.seek(3 << (flags & 7) + 1, 1)
