"""Tells how much work decoding a file is, from its bytes alone."""

import re
import struct


class NeedsTurn(Exception):
    """The job needs much memory, so it must be done while no other such job is."""


SMALL = 4096
"""Pixels, or bytes of JSON, up to which an answer takes less time than handing it to a process."""

MOST_SCANS = 100
"""A progressive JPEG passes over all its pixels once per scan; encoders write about ten."""

_SMALL_FILE = 32 * 1024  # bytes of a picture that is decoded on the event loop
_MOST_CHUNKS = 32
_PNG = b"\x89PNG\r\n\x1a\n"

# The chunks of a PNG that take no work: the picture itself, and a few numbers or plain text. A
# compressed text or profile may expand to a megabyte each, and an animation has frames.
_PLAIN_CHUNKS = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"pHYs", b"sRGB", b"tEXt", b"cHRM")
)

MOST_COMPRESSED = 200
"""A PNG may hold compressed texts and profiles, each of which takes as long as a million pixels."""

_COMPRESSED_CHUNKS = (b"iCCP", b"zTXt", b"iTXt")

_SCAN = b"\xff\xda"
# Within the data of a scan, FF 00 is a byte, FF D0 to FF D7 restart it, FF FF is padding.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def small_png_pixels(content: bytes) -> int | None:
    """Return the number of pixels of a PNG that is surely decoded in a fraction of a millisecond.

    Returns
    -------
    At most `SMALL`; None for all other files, also those that are small but may take work.

    Examples
    --------
    >>> small_png_pixels(b"GIF89a")
    """
    if len(content) > _SMALL_FILE or content[:8] != _PNG or content[12:16] != b"IHDR":
        return None
    at = 8
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(content):  # a file without an end is refused, which costs as little
            break
        kind = content[at + 4 : at + 8]
        if kind not in _PLAIN_CHUNKS:
            return None
        if kind == b"IEND":
            break
        at += 12 + int.from_bytes(content[at : at + 4])
    else:
        return None
    width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))
    return width * height if width * height <= SMALL else None


def too_much_work(content: bytes) -> str | None:
    r"""Return why a file would take too much work for the pixels that it has; None if it does not.

    Examples
    --------
    >>> too_much_work(b"\xff\xd8" + 101 * b"\xff\xda\0\2")
    'more than 100 scans: save it again as a usual JPEG'
    """
    if has_too_many_scans(content):
        return f"more than {MOST_SCANS} scans: save it again as a usual JPEG"
    if content[:8] == _PNG and sum(map(content.count, _COMPRESSED_CHUNKS)) > MOST_COMPRESSED:
        return f"more than {MOST_COMPRESSED} texts and profiles: save it again as a usual PNG"
    return None


def may_lack_memory(content: bytes) -> bool:
    """Return whether the format's decoder reports an error of its own when memory runs out."""
    return content[:4] == b"RIFF" or content[4:8] == b"ftyp"


def has_too_many_scans(content: bytes) -> bool:
    """Return whether a JPEG has more than `MOST_SCANS` scans; False for other files.

    Source: ITU-T T.81, annex B. All pictures of a file count, such as the views of an MPO.
    """
    if content[:2] != b"\xff\xd8" or content.count(_SCAN) <= MOST_SCANS:
        return False
    # Other segments may hold the two bytes by chance, so those are skipped by their lengths.
    scans, at = 0, 2
    while (found := _MARKER.search(content, at)) is not None:
        at = found.end()
        kind = content[at - 1]
        if kind == _SCAN[1]:
            scans += 1
            if scans > MOST_SCANS:
                return True
        if kind not in (0x01, 0xD8, 0xD9):  # these have no length
            at += int.from_bytes(content[at : at + 2])
    return False
