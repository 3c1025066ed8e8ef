import struct
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from lenet.machine import install_command
from lenet.pictures.gif import count_frames
from lenet.pictures.image import ImageError, read_image
from lenet.pictures.pages import Page, read_pages
from lenet.pictures.types import Images

RANDOM = np.random.default_rng(0)
PICTURES = [Image.fromarray(RANDOM.integers(0, 256, (9, 7), np.uint8)) for _ in range(25)]
ARRAYS = [np.asarray(picture) for picture in PICTURES]


def saved(count: int, form: str = "TIFF", **options: Any) -> bytes:
    buffer = BytesIO()
    first, *rest = [picture.copy() for picture in PICTURES[:count]]  # `save` leaves options on them
    first.save(buffer, form, save_all=True, append_images=rest, **options)
    return buffer.getvalue()


def pages(content: bytes, **asked: int) -> list[Page]:
    return list(read_pages(BytesIO(content), "x", **asked))


def images(found: list[Page]) -> list[Images]:
    return [page.result for page in found if not isinstance(page.result, ImageError)]


@pytest.mark.parametrize("count", [1, 2, 3, 20])
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"big_tiff": True}),
        ("GIF", {}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_every_page_is_a_picture(
    tmp_path: Path, form: str, options: dict[str, Any], count: int
) -> None:
    content = saved(count, form, **options)
    (tmp_path / "x").write_bytes(content)
    for found in (pages(content), list(read_pages(tmp_path / "x"))):
        assert [page.number for page in found] == ([None] if count == 1 else [*range(1, count + 1)])
        assert {page.pages for page in found} == {count}
        for result, expected in zip(images(found), ARRAYS[:count], strict=True):
            assert np.array_equal(result, expected)
    assert np.array_equal(read_image(BytesIO(content), "x"), ARRAYS[0])


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_a_long_animation_gives_its_first_frame_and_that_is_said(form: str) -> None:
    (page,) = pages(saved(21, form, **({"lossless": True} if form == "WEBP" else {})))
    assert page.number is None
    assert page.notice == "an animation of more than 20 frames, of which the first was taken"
    assert np.array_equal(page.result, ARRAYS[0])  # pyright: ignore[reportArgumentType]


def test_a_tiff_of_any_length_is_read_to_its_end() -> None:
    found = pages(saved(25))
    assert np.array_equal(np.stack(images(found)), np.stack(ARRAYS))
    assert not any(page.notice for page in found)


def test_a_file_that_claims_pages_without_end_is_cut_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lenet.pictures.pages.MOST_PAGES", 3)
    found = pages(saved(5))
    assert [page.number for page in found] == [1, 2, 3]
    assert [bool(page.notice) for page in found] == [True, False, False]


@pytest.mark.parametrize(
    ("first", "count", "numbers"),
    [(0, 2, [1, 2]), (2, 2, [3, 4]), (4, 9, [5]), (5, 9, []), (0, 0, [])],
)
def test_some_pages_of_a_file(first: int, count: int, numbers: list[int]) -> None:
    for content in (saved(5), saved(5, "GIF")):
        found = pages(content, first=first, count=count)
        assert [page.number for page in found] == numbers
        for page in found:
            assert np.array_equal(page.result, ARRAYS[(page.number or 1) - 1])  # pyright: ignore[reportArgumentType]


def tagged(*pages: tuple[int, int] | None) -> bytes:
    """A TIFF whose pages have one more tag each, or none."""
    buffer = BytesIO()
    pictures: list[Image.Image] = []
    for picture, tag in zip(PICTURES, pages, strict=False):
        directory = ImageFileDirectory_v2()
        if tag is not None:
            directory[tag[0]] = tag[1]
        made = picture.copy()
        made.encoderinfo = {"tiffinfo": directory}
        pictures.append(made)
    pictures[0].save(
        buffer,
        "TIFF",
        save_all=True,
        append_images=pictures[1:],
        tiffinfo=pictures[0].encoderinfo["tiffinfo"],
    )
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ((None, (254, 1)), [0]),  # a thumbnail
        ((None, (254, 4)), [0]),  # a mask
        ((None, (255, 2)), [0]),  # a thumbnail, as older files say it
        (((254, 2), (254, 2)), [0, 1]),  # pages
        ((None, (254, 1), None, (254, 5)), [0, 2]),
        (((254, 1), None), [1]),
        (((254, 1), (254, 1)), [0]),  # nothing else
    ],
)
def test_thumbnails_and_masks_in_a_tiff_are_no_pages(
    tags: tuple[tuple[int, int] | None, ...], kept: list[int]
) -> None:
    found = pages(tagged(*tags))
    assert len(found) == len(kept)
    for result, number in zip(images(found), kept, strict=True):
        assert np.array_equal(result, ARRAYS[number])


def test_the_second_picture_in_a_phones_jpeg_is_no_page() -> None:
    (page,) = pages(saved(2, "MPO"))
    assert page.number is None
    assert page.notice is None


def test_pages_have_sizes_and_orientations_of_their_own() -> None:
    directory = ImageFileDirectory_v2()
    directory[274] = 6
    turned = Image.fromarray(np.rot90(ARRAYS[1]).copy())
    buffer = BytesIO()
    turned.encoderinfo = {"tiffinfo": directory}
    large = PICTURES[2].resize((40, 30))
    PICTURES[0].save(buffer, "TIFF", save_all=True, append_images=[turned, large])
    one, two, three = images(pages(buffer.getvalue()))
    assert np.array_equal(one, ARRAYS[0])
    assert np.array_equal(two, ARRAYS[1])
    assert three.shape == (30, 40)


def test_the_limit_of_pixels_holds_for_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = BytesIO()
    large = PICTURES[1].resize((10, 10))
    PICTURES[0].save(buffer, "TIFF", save_all=True, append_images=[large, PICTURES[2]])
    monkeypatch.setattr("lenet.pictures.decode.MOST_PIXELS", 63)
    one, two, three = pages(buffer.getvalue())
    assert str(two.result) == "x#2: more than 63 pixels"
    assert np.array_equal(one.result, ARRAYS[0])  # pyright: ignore[reportArgumentType]
    assert np.array_equal(three.result, ARRAYS[2])  # pyright: ignore[reportArgumentType]


def test_a_broken_page_is_named_and_the_others_are_read() -> None:
    content = bytearray(saved(3, compression="tiff_lzw"))
    with Image.open(BytesIO(content)) as image:
        image.seek(1)
        at = int(image.tag_v2[273][0])  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType] a TIFF
    content[at : at + 20] = bytes(20)
    one, two, three = pages(bytes(content))
    assert isinstance(two.result, ImageError)
    assert str(two.result).startswith("x#2: cannot be read as an image (")
    assert np.array_equal(one.result, ARRAYS[0])  # pyright: ignore[reportArgumentType]
    assert np.array_equal(three.result, ARRAYS[2])  # pyright: ignore[reportArgumentType]


def directories(content: bytearray) -> list[int]:
    """Return where each directory of a little-endian TIFF keeps the place of the next."""
    found = [4]
    while place := struct.unpack_from("<I", content, found[-1])[0]:
        (entries,) = struct.unpack_from("<H", content, place)
        found.append(place + 2 + 12 * entries)
    return found


@pytest.mark.parametrize("place", [0x7FFFFFF0, 1, 3])
def test_pages_that_cannot_be_found_are_said(place: int) -> None:
    content = bytearray(saved(3))
    struct.pack_into("<I", content, directories(content)[2], place)
    for found in (pages(bytes(content)), pages(bytes(content), count=2)):
        assert [page.number for page in found][:2] == [1, 2]
        assert np.array_equal(np.stack(images(found)[:2]), np.stack(ARRAYS[:2]))
    *_, last = pages(bytes(content))
    assert last.number == 3
    assert isinstance(last.result, ImageError)
    assert str(last.result).startswith("x#3: ")


def test_directories_in_a_circle_end() -> None:
    content = bytearray(saved(3))
    places = directories(content)
    content[places[3] : places[3] + 4] = content[4:8]
    assert len(pages(bytes(content))) == 3


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_truncated_file_has_an_error_or_fewer_pages(form: str, cut: float) -> None:
    content = saved(6, form)
    found = pages(content[: int(len(content) * cut)])
    assert 1 <= len(found) <= 6
    for page in found:
        if isinstance(page.result, ImageError):
            assert str(page.result).startswith("x#" if page.number else "x: ")
    assert len(images(found)) < 6


@pytest.mark.parametrize("count", [1, 2, 5, 20, 21, 25])
@pytest.mark.parametrize("options", [{}, {"comment": b"of a page" * 60}, {"transparency": 3}])
def test_frames_of_a_gif_are_counted_as_pillow_counts_them(
    count: int, options: dict[str, Any]
) -> None:
    content = saved(count, "GIF", **options)
    with Image.open(BytesIO(content)) as image:
        assert image.n_frames == count  # pyright: ignore[reportAttributeAccessIssue] a GIF
    assert count_frames(BytesIO(content), 99) == count
    assert count_frames(BytesIO(content), 4) == min(count, 4)


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(max_examples=100)
def test_bytes_that_are_no_gif_end_the_count(noise: bytes, keep: int) -> None:
    assert 0 <= count_frames(BytesIO(saved(2, "GIF")[:keep] + noise), 30) <= 30


@given(data=st.data())
@pytest.mark.parametrize("form", ["TIFF", "GIF", "PNG", "WEBP"])
@settings(max_examples=60, deadline=None)
def test_a_damaged_file_gives_pictures_or_errors(form: str, data: st.DataObject) -> None:
    content = bytearray(saved(3, form))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    for page in pages(bytes(content)):
        assert isinstance(page.result, ImageError) or page.result.dtype == np.uint8


def document(*texts: str) -> bytes:
    """A PDF with a page for each picture, made by Pillow."""
    buffer = BytesIO()
    first, *rest = [Image.new("L", (200, 100), 10 * len(text)) for text in texts]
    first.save(buffer, "PDF", save_all=True, append_images=rest, resolution=200)
    return buffer.getvalue()


def test_pages_of_a_pdf_are_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pypdfium2")
    found = pages(document("a", "bbb"))
    assert [page.number for page in found] == [1, 2]
    for image, level in zip(images(found), (10, 30), strict=True):
        assert image.shape == (100, 200)
        assert abs(int(np.median(image)) - level) <= 2
    (one,) = pages(document("a"))
    assert one.number is None
    assert [page.number for page in pages(document("a", "b", "c"), first=1, count=1)] == [2]
    monkeypatch.setattr("lenet.pictures.decode.MOST_PIXELS", 19_999)
    (large,) = pages(document("a"))
    assert str(large.result) == "x: more than 19,999 pixels"


@pytest.mark.parametrize("size", [300, 20])
def test_a_broken_pdf_is_an_error(size: int) -> None:
    (page,) = pages(document("a")[:size])
    assert isinstance(page.result, ImageError)
    assert str(page.result).startswith("x: cannot be read as an image")


def test_without_its_library_a_pdf_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lenet.pictures.pdf.is_readable", lambda: False)
    (page,) = pages(document("a", "b"))
    assert str(page.result) == (
        "x: cannot be read as an image: it is a PDF document: "
        f"{install_command('lenet[pdf]')} to read it, "
        "or make pictures of its pages: pdftoppm -r 200 -png FILE page"
    )


def test_a_heic_is_read_with_its_plug_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(_: object) -> Image.Image:
        return PICTURES[0]

    class PlugIn:
        """Stands for pillow-heif."""

        @staticmethod
        def register_heif_opener() -> None:
            monkeypatch.setattr(Image, "open", opened)

    content = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
    (page,) = pages(content)
    told = f"it is a HEIC picture, as phones take them: {install_command('pillow-heif')}"
    assert told in str(page.result)
    monkeypatch.setitem(sys.modules, "pillow_heif", PlugIn)
    (page,) = pages(content)
    assert np.array_equal(page.result, ARRAYS[0])  # pyright: ignore[reportArgumentType]
