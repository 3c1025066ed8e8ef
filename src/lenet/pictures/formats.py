"""Names files that Pillow does not read for what they are, with what to do."""

import re

from PIL import features

from lenet.machine import install_command

HEAD = 1024
"""The bytes of a file from which its kind is known."""

# What a file begins with; what it is; the package to install to read it; what to do otherwise.
_KINDS = (
    (
        rb".{0,1019}%PDF-",
        "a PDF document",
        "lenet[pdf]",
        "make pictures of its pages: pdftoppm -r 200 -png FILE page",
    ),
    (
        rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
        "a JPEG 2000 picture",
        "",
        "convert it: opj_decompress -i FILE -o FILE.png",
    ),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture", "", "convert it: djxl FILE FILE.png"),
    (rb".{128}DICM", "a DICOM picture", "", "export it as PNG or TIFF"),
    (
        rb"AT&TFORM",
        "a DjVu document",
        "",
        "make pictures of its pages: ddjvu -format=tiff FILE FILE.tif",
    ),
    (rb"[^\0]{0,1000}<svg[\s>]", "an SVG drawing", "", "export it as PNG"),
    (rb"PK\x03\x04", "a ZIP archive or an Office document", "", "take the pictures out of it"),
)
_HEIC = (
    "a HEIC picture, as phones take them",
    "pillow-heif",
    "convert it: heif-convert FILE FILE.png",
)
_AVIF = (
    "an AVIF picture",
    "a newer Pillow",
    "convert it: avifdec FILE FILE.png",
)
_VIDEO = ("a video", "", "export the picture that you need as PNG")


def is_pdf(head: bytes) -> bool:
    """Return True if a file that begins with `head` is a PDF document."""
    return b"%PDF-" in head[:HEAD]


def is_heif(head: bytes) -> bool:
    """Return True for HEIC and HEIF pictures, which Pillow reads with the plug-in pillow-heif."""
    brands = _brands(head)
    return not brands.isdisjoint(_HEIF_BRANDS) and brands.isdisjoint(_AVIF_BRANDS)


def known_kind(head: bytes, install: bool = True) -> str | None:
    """Return what a file is and what to do, for kinds that Pillow does not read; None for others.

    Parameters
    ----------
    head
        The first `HEAD` bytes of the file.
    install
        False leaves out what could be installed, for somebody who asks a service.

    Examples
    --------
    >>> known_kind(b"AT&TFORM")
    'a DjVu document: make pictures of its pages: ddjvu -format=tiff FILE FILE.tif'
    >>> known_kind(b"text")
    """
    if not (kind := _kind(head)):
        return None
    what, package, otherwise = kind
    if not package or not install:
        return f"{what}: {otherwise}"
    command = f"install {package}" if " " in package else install_command(package)
    return f"{what}: {command} to read it, or {otherwise}"


def _kind(head: bytes) -> tuple[str, str, str] | None:
    if brands := _brands(head):
        if is_heif(head):
            return _HEIC
        if brands.isdisjoint(_AVIF_BRANDS):
            return _VIDEO
        return None if features.check("avif") else _AVIF
    for begins, *kind in _KINDS:
        if re.match(begins, head[:HEAD], re.DOTALL):
            return kind[0], kind[1], kind[2]
    return None


_HEIF_BRANDS = frozenset(b"heic heix hevc heim heis hevm hevs mif1 msf1 heif".split())
_AVIF_BRANDS = frozenset((b"avif", b"avis"))


def _brands(head: bytes) -> frozenset[bytes]:
    """Return the brands of an ISO media file: its own, and those that it is compatible with."""
    if head[4:8] != b"ftyp":
        return frozenset()
    box = head[: min(int.from_bytes(head[:4]), len(head))]
    return frozenset(box[at : at + 4] for at in (8, *range(16, len(box) - 3, 4)))
