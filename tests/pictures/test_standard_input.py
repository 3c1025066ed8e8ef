import os
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import lenet.pictures.standard_input as module
from lenet.pictures.image import ImageError
from lenet.pictures.standard_input import image_or_paths


class Pipe(RawIOBase):
    """Gives what is written in pieces of a size, as a pipe may."""

    def __init__(self, content: bytes, piece: int = 1 << 20) -> None:
        self._rest = content
        self._piece = piece

    def read(self, size: int = -1, /) -> bytes:
        piece = self._rest[: min(size, self._piece)]
        self._rest = self._rest[len(piece) :]
        return piece


def encoded(form: str, mode: str = "L") -> bytes:
    buffer = BytesIO()
    Image.new(mode, (3, 3), 0).save(buffer, form)
    return buffer.getvalue()


FORMS = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"]


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize("form", FORMS)
def test_an_image_is_known_however_it_arrives(form: str, piece: int) -> None:
    content = encoded(form)
    assert image_or_paths(Pipe(content, piece)) == content


def test_netpbms_forms_in_text_are_images_too() -> None:
    content = b"P2\n# a comment\n2 1\n255\n0 255\n"
    assert image_or_paths(Pipe(content)) == content


@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%\xe2\xe3\n",
        b"%PDF-1.4\nplain text\n",
        b"<svg>\n</svg>",
        b"<?xml version='1.0'?>\n<svg>\n</svg>",
    ],
)
def test_documents_that_begin_with_text_are_no_paths(content: bytes, piece: int) -> None:
    assert image_or_paths(Pipe(content, piece)) == content


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (b"a.png", ["a.png"]),
        (b"a.png\n", ["a.png"]),
        (b"a.png\nb c.png\r\n\n  d.png\n", ["a.png", "b c.png", "  d.png"]),
        ("é/日本.png\n".encode(), ["é/日本.png"]),
        (b"caf\xe9.png\n", [os.fsdecode(b"caf\xe9.png")]),
        (b"P5.png\nPicture 1.png", ["P5.png", "Picture 1.png"]),
        (b"GIF89a\n", ["GIF89a"]),
        (b"-\n*.png\n", ["-", "*.png"]),
    ],
)
@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
def test_text_is_paths(content: bytes, paths: list[str], piece: int) -> None:
    found = image_or_paths(Pipe(content, piece))
    assert not isinstance(found, bytes)
    assert list(found) == paths


NAME = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).map("x".__add__)


@given(st.lists(NAME, min_size=1), st.integers(1, 40))
def test_all_lines_come_in_order(names: list[str], piece: int) -> None:
    found = image_or_paths(Pipe("\n".join(names).encode(), piece))
    assert not isinstance(found, bytes)
    assert list(found) == names


def test_lines_are_given_before_the_next_is_written() -> None:
    end, start = os.pipe()
    with open(end, "rb", buffering=0) as stream, open(start, "wb", buffering=0) as writer:  # noqa: PTH123 these are descriptors
        writer.write(b"first.png\nsec")
        found = image_or_paths(stream)
        assert not isinstance(found, bytes)
        assert next(found) == "first.png"
        writer.write(b"ond.png\n")
        assert next(found) == "second.png"


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (None, "closed"),
        (Pipe(b""), "empty"),
        (Pipe(b"\n\r\n"), "empty"),
    ],
)
def test_nothing_is_said(stream: RawIOBase | None, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        image_or_paths(stream)


def test_a_stream_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)
    with pytest.raises(ImageError, match="too large for a picture"):
        image_or_paths(Pipe(bytes(2 << 20), 1 << 16))
    found = image_or_paths(Pipe(b"x" * (1 << 18), 1 << 16))
    assert not isinstance(found, bytes)
    with pytest.raises(ImageError, match="too long for a path"):
        list(found)


def test_a_file_is_a_stream_as_well(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(encoded("PNG"))
    with (tmp_path / "x").open("rb", buffering=0) as stream:
        assert image_or_paths(stream) == encoded("PNG")
