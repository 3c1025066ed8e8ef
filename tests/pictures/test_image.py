import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from lenet.pictures.image import ImageError, read_image, read_opened, resize, to_colour, to_grey

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (5, 7), np.uint8)
COLOUR = RANDOM.integers(0, 256, (5, 7, 3), np.uint8)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def pixel_rows(*rows: list[tuple[int, ...]]) -> NDArray[np.uint8]:
    return np.array(rows, np.uint8)


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "webp"])
@pytest.mark.parametrize("pixels", [GREY, COLOUR], ids=["grey", "colour"])
def test_lossless_forms_keep_every_pixel(
    tmp_path: Path, suffix: str, pixels: NDArray[np.uint8]
) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(pixels).save(path, lossless=True)  # which only WebP heeds
    image = read_image(path)
    assert image.dtype == np.uint8
    assert np.array_equal(image, pixels)


def test_the_content_counts_not_the_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(Image.fromarray(GREY)))
    assert np.array_equal(read_image(tmp_path / "a.jpg"), GREY)


def test_jpeg_is_read_nearly_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(Image.new("RGB", (16, 8), (200, 30, 60)), "JPEG"))
    image = read_image(tmp_path / "a.jpg")
    assert image.shape == (8, 16, 3)
    assert np.abs(image.astype(int) - (200, 30, 60)).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_was_held_so_and_the_picture_is_upright(
    tmp_path: Path, orientation: int
) -> None:
    upright = np.arange(6, dtype=np.uint8).reshape(2, 3)
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = Image.fromarray(np.ascontiguousarray(stored))
    (tmp_path / "a.png").write_bytes(encoded(picture, exif=exif))
    assert np.array_equal(read_image(tmp_path / "a.png"), upright)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "packbits", "tiff_adobe_deflate"])
@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "CMYK", "I;16", "1"])
def test_a_tiff_on_its_side_is_upright_however_it_is_opened(
    tmp_path: Path, mode: str, compression: str | None, orientation: int
) -> None:
    upright = Image.fromarray(RANDOM.integers(0, 256, (30, 50), np.uint8) // 128 * 255)
    exif = Image.Exif()
    exif[0x0112] = orientation
    method = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    stored = upright if method is None else upright.transpose(method)
    if mode == "I;16":
        stored = Image.fromarray(np.asarray(stored).astype(np.uint16) * 257)
    elif mode == "CMYK":
        stored = stored.convert("RGB").convert("CMYK")
    else:
        stored = stored.convert(mode)
    path = tmp_path / "a.tif"
    stored.save(path, compression=compression, exif=exif)
    expected = np.asarray(upright)
    assert np.array_equal(read_image(path), expected)
    assert np.array_equal(read_image(BytesIO(path.read_bytes()), "a"), expected)
    with Image.open(path) as opened:
        assert np.array_equal(read_opened(opened), expected)
    assert opened.filename == str(path)  # pyright: ignore[reportAttributeAccessIssue] a file


def palette_image(*colours: tuple[int, int, int], **options: Any) -> bytes:
    image = Image.new("P", (len(colours), 1))
    image.putpalette([value for colour in colours for value in colour])
    image.putdata(list(range(len(colours))))
    return encoded(image, **options)


def rgba(*pixels: tuple[int, int, int, int]) -> Image.Image:
    return Image.fromarray(pixel_rows(list(pixels)))


SIXTEEN = np.array([[0, 257 * 100, 257 * 100 + 129, 65535]], np.uint16)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(encoded(Image.fromarray(SIXTEEN)), [[0, 100, 101, 255]], id="16-bit PNG"),
        pytest.param(
            encoded(Image.fromarray(SIXTEEN), "TIFF"), [[0, 100, 101, 255]], id="16-bit TIFF"
        ),
        pytest.param(
            encoded(Image.fromarray(np.array([[0, 257 * 7, 65535, 257 * 100]], np.int32)), "TIFF"),
            [[0, 7, 255, 100]],
            id="32-bit TIFF",
        ),
        pytest.param(
            encoded(Image.fromarray(np.array([[0, 7.4, 300, -5]], np.float32)), "TIFF"),
            [[4, 10, 255, 0]],
            id="float TIFF",
        ),
        pytest.param(encoded(Image.fromarray(np.array([[False, True]]))), [[0, 255]], id="one bit"),
        pytest.param(palette_image(RED, BLUE), [[RED, BLUE]], id="palette"),
        pytest.param(palette_image((9, 9, 9), (70, 70, 70)), [[9, 70]], id="grey palette"),
        pytest.param(
            palette_image(RED, BLUE, transparency=1), [[RED, WHITE]], id="transparent colour"
        ),
        pytest.param(
            palette_image(RED, BLUE, transparency=b"\xff\x00"), [[RED, WHITE]], id="palette alphas"
        ),
        pytest.param(
            encoded(rgba((*RED, 255), (*GREEN, 0))), [[RED, WHITE]], id="transparent is white"
        ),
        pytest.param(encoded(rgba((*RED, 127))), [[(255, 128, 128)]], id="half transparent"),
        pytest.param(encoded(rgba((0, 0, 0, 0), (0, 0, 0, 255))), [[255, 0]], id="grey RGBA"),
        pytest.param(
            encoded(Image.merge("LA", (Image.new("L", (1, 1), 7), Image.new("L", (1, 1), 0)))),
            [[255]],
            id="LA",
        ),
        pytest.param(
            encoded(Image.new("L", (1, 1), 7), transparency=7), [[255]], id="transparent grey"
        ),
        pytest.param(
            encoded(Image.fromarray(np.repeat(GREY[..., None], 3, 2))),
            GREY.tolist(),
            id="grey stored as RGB",
        ),
    ],
)
def test_every_mode_becomes_eight_bit_grey_or_colour(
    tmp_path: Path, content: bytes, expected: list[Any]
) -> None:
    (tmp_path / "a").write_bytes(content)
    image = read_image(tmp_path / "a")
    assert image.dtype == np.uint8
    assert image.tolist() == np.array(expected).tolist()


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    picture = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    (tmp_path / "a.jpg").write_bytes(encoded(picture, "JPEG", quality=95))
    image = read_image(tmp_path / "a.jpg")
    assert image.shape == (8, 8, 3)
    assert np.abs(image.astype(int) - RED).max() <= 5


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


HUGE_PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(bytes(100)))
    + chunk(b"IEND", b"")
)
IDS = ["empty", "text", "html", "png", "jpeg", "header", "tiff", "webp", "bmp", "data", "huge"]
NOISE = Image.fromarray(RANDOM.integers(0, 256, (64, 64, 3), np.uint8))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not an image"),
        (b"text", "not an image"),
        (b"<html></html>" * 100, "not an image"),
        (encoded(NOISE)[:-2000], "truncated"),
        (encoded(NOISE, "JPEG")[:-500], "truncated"),
        (encoded(NOISE)[:40], ""),
        (encoded(NOISE, "TIFF")[:200], ""),
        (encoded(NOISE, "WEBP")[:200], ""),
        (encoded(NOISE, "BMP")[:200], "truncated"),
        (encoded(NOISE)[:200] + bytes(20) + encoded(NOISE)[220:], ""),
        (HUGE_PNG, "pixels"),
    ],
    ids=IDS,
)
def test_a_broken_file_is_named_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(ImageError) as raised:
        read_image(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert reason in message


@pytest.mark.parametrize(("name", "reason"), [("missing.png", "no such file"), (".", "directory")])
def test_what_cannot_be_opened_is_an_image_error(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        read_image(tmp_path / name)


def test_one_pixel_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.png")
    monkeypatch.setattr("lenet.pictures.decode.MOST_PIXELS", 35)
    assert read_image(tmp_path / "a.png").shape == (5, 7)
    monkeypatch.setattr("lenet.pictures.decode.MOST_PIXELS", 34)
    with pytest.raises(ImageError, match="more than 34 pixels"):
        read_image(tmp_path / "a.png")


SMALL = {
    form: encoded(Image.fromarray(COLOUR), form) for form in ("PNG", "JPEG", "BMP", "TIFF", "WEBP")
}


@given(data=st.data())
@pytest.mark.parametrize("form", SMALL)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_an_image_or_an_image_error(
    tmp_path: Path, form: str, data: st.DataObject
) -> None:
    content = bytearray(SMALL[form])
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "a").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        image = read_image(tmp_path / "a")
    except ImageError:
        return
    assert image.dtype == np.uint8
    assert image.ndim == 2 or image.shape[2] == 3


def test_grey_and_colour_turn_into_each_other() -> None:
    assert to_grey(GREY) is GREY
    assert to_colour(COLOUR) is COLOUR
    assert to_colour(GREY).shape == (5, 7, 3)
    assert np.array_equal(to_grey(to_colour(GREY)), GREY)
    lumas = to_grey(pixel_rows([RED, GREEN, BLUE, WHITE]))
    assert lumas.tolist() == [[76, 150, 29, 255]]


def test_an_image_of_the_right_size_is_the_same_one() -> None:
    assert resize(GREY, (5, 7)) is GREY
    assert resize(COLOUR, (5, 7)) is COLOUR


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    colour=st.booleans(),
    value=st.integers(0, 255),
)
@settings(max_examples=60)
def test_any_image_fits_any_size_and_a_flat_one_stays_flat(
    height: int, width: int, size: tuple[int, int], colour: bool, value: int
) -> None:
    shape = (height, width, 3) if colour else (height, width)
    fitted = resize(np.full(shape, value, np.uint8), size)
    assert fitted.shape == (*size, *shape[2:])
    assert fitted.dtype == np.uint8
    assert (fitted == value).all()


def test_resizing_does_not_stretch_and_fills_with_the_background() -> None:
    wide = np.full((10, 40), 200, np.uint8)
    wide[2:8, 10:30] = 0
    fitted = resize(wide, (20, 20))
    assert (fitted[:7] == 200).all()
    assert (fitted[13:] == 200).all()
    assert (fitted[9:11, 7:13] < 40).all()
    rows, columns = np.nonzero(fitted < 100)
    assert np.ptp(columns) + 1 == pytest.approx(10, abs=2)
    assert np.ptp(rows) + 1 == pytest.approx(3, abs=2)


def test_shrinking_is_antialiased() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (28, 14))
    shrunk = resize(stripes, (7, 7))
    assert np.abs(shrunk.astype(int) - 127).max() < 20


def test_the_longest_strip_still_fits() -> None:
    assert resize(np.zeros((1, 5000), np.uint8), (28, 28)).shape == (28, 28)


SPECKLED = Image.fromarray(RANDOM.integers(0, 256, (6, 9, 3), np.uint8))
DEEP = Image.fromarray(RANDOM.integers(0, 65536, (6, 9), np.uint16))
EXIF = Image.Exif()
EXIF[0x0112] = 6  # to be turned by 90 degrees


@pytest.mark.parametrize(
    ("image", "suffix", "options"),
    [
        (SPECKLED, "png", {}),
        (SPECKLED.convert("L"), "png", {}),
        (SPECKLED.convert("1"), "png", {}),
        (SPECKLED.convert("P"), "png", {"transparency": 3}),
        (SPECKLED.convert("P"), "gif", {}),
        (SPECKLED.convert("RGBA"), "png", {}),
        (SPECKLED.convert("LA"), "png", {}),
        (DEEP, "png", {}),
        (DEEP, "tif", {}),
        (SPECKLED.convert("F"), "tif", {}),
        (SPECKLED.convert("CMYK"), "tif", {}),
        (SPECKLED, "jpg", {"exif": EXIF}),
    ],
)
def test_in_memory_and_in_a_file_a_picture_is_the_same(
    tmp_path: Path, image: Image.Image, suffix: str, options: dict[str, Any]
) -> None:
    path = tmp_path / f"x.{suffix}"
    image.save(path, **options)
    expected = read_image(path)
    assert np.array_equal(read_image(BytesIO(path.read_bytes()), "x"), expected)
    with Image.open(path) as opened:
        assert np.array_equal(read_opened(opened), expected)


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
def test_bytes_that_are_no_image_are_named(content: bytes) -> None:
    with pytest.raises(ImageError, match=r"^scan: cannot be read as an image"):
        read_image(BytesIO(content), "scan")


def test_an_opened_image_that_turns_out_truncated_is_named() -> None:
    buffer = BytesIO()
    Image.effect_noise((50, 50), 90).save(buffer, "PNG")
    opened = Image.open(BytesIO(buffer.getvalue()[:300]))
    with pytest.raises(ImageError, match="cannot be read as an image"):
        read_opened(opened)


def test_reading_in_threads_leaves_the_warning_filters_as_they_were(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(40)]
    for path in paths:
        Image.new("L", (60, 60), 7).save(path)
    before = list(warnings.filters)
    for _ in range(5):
        with ThreadPoolExecutor(8) as pool:
            assert len(list(pool.map(read_image, paths))) == len(paths)
        assert list(warnings.filters) == before
