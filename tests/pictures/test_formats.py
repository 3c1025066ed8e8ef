import pytest
from PIL import features

from lenet.machine import install_command
from lenet.pictures.formats import is_heif, is_pdf, known_kind


def media(*brands: bytes) -> bytes:
    """The first box of an ISO media file."""
    first, *others = brands
    return b"".join(
        [(16 + 4 * len(others)).to_bytes(4), b"ftyp", first, bytes(4), *others, b"\0\0\0\x08mdat"]
    )


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", f"a PDF document: {install_command('lenet[pdf]')} to read it"),
        (b"\n\nheader of a mail\n%PDF-1.4\n", "a PDF document"),
        (media(b"heic", b"mif1", b"heic"), "a HEIC picture"),
        (media(b"mif1", b"mif1", b"heic"), "a HEIC picture"),
        (media(b"hevc", b"msf1"), "a HEIC picture"),
        (media(b"isom", b"mp41"), "a video"),
        (media(b"qt  "), "a video"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture: convert it: opj_decompress"),
        (b"\xff\x4f\xff\x51\0", "a JPEG 2000 picture"),
        (b"\xff\x0a\0", "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n", "a JPEG XL picture"),
        (bytes(128) + b"DICM", "a DICOM picture"),
        (b"AT&TFORM\0\0", "a DjVu document"),
        (b"<svg xmlns='x'>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<!-- a -->\n<svg>", "an SVG drawing"),
        (b"PK\x03\x04", "a ZIP archive or an Office document"),
        (b"", None),
        (b"text", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff\xe0", None),
        (b"II*\0", None),
        (b"\0\0\0\x08ftyp", "a video"),
        (b"P5 9 9 255\n", None),
    ],
)
def test_files_are_known_by_how_they_begin(head: bytes, kind: str | None) -> None:
    found = known_kind(head)
    assert found is None if kind is None else (found or "").startswith(kind)
    assert "pip install" not in (known_kind(head, install=False) or "")


def test_avif_is_named_only_where_it_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    head = media(b"avif", b"avif", b"mif1")
    assert not is_heif(head)
    monkeypatch.setattr(features, "check", lambda _feature: True)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    assert known_kind(head) is None
    monkeypatch.setattr(features, "check", lambda _feature: False)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    assert (known_kind(head) or "").startswith("an AVIF picture: install a newer Pillow")


def test_only_pdf_is_pdf() -> None:
    assert is_pdf(b"%PDF-1.7")
    assert not is_pdf(b"pdf")
