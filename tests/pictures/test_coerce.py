from collections.abc import Iterable
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lenet.errors import LenetError
from lenet.pictures.coerce import network_inputs, pictures_of
from lenet.pictures.image import ImageError, fit, read_image, to_colour
from lenet.pictures.types import Images

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (5, 28, 28), np.uint8)
COLOUR = RANDOM.integers(0, 256, (4, 28, 28, 3), np.uint8)
LARGE = RANDOM.integers(0, 256, (2, 40, 50), np.uint8)
PHOTO = RANDOM.integers(0, 256, (40, 50, 3), np.uint8)
ONE = (1, 28, 28)
THREE = (3, 28, 28)


def inputs(images: Any, shape: tuple[int, ...] = ONE) -> Images:
    found = [one.image for some in network_inputs(images, "plain", shape) for one in some]
    return np.stack(found)


def decoded(images: Any) -> list[Images]:
    return list(pictures_of(images))


def fitted(images: Iterable[Images], shape: tuple[int, ...] = ONE) -> Images:
    return np.stack([fit(image, shape) for image in images])


@pytest.mark.parametrize(
    ("images", "shape", "expected"),
    [
        (GREY, ONE, GREY),
        (GREY[0], ONE, GREY[:1]),
        (GREY[..., None], ONE, GREY),
        (list(GREY), ONE, GREY),
        ([GREY[:2], GREY[2]], ONE, GREY[:3]),
        (iter(GREY), ONE, GREY),
        (GREY / np.float32(255), ONE, GREY),
        (GREY / 255, ONE, GREY),
        ((GREY / 255).astype(np.float16), ONE, GREY),
        (GREY / 255 * 1.0000002, ONE, GREY),
        (GREY.astype(np.float32), ONE, GREY),
        (GREY.astype(np.int64), ONE, GREY),
        (GREY > 9, ONE, 255 * (GREY > 9).astype(np.uint8)),
        ((GREY > 9).astype(np.uint8), ONE, 255 * (GREY > 9).astype(np.uint8)),
        (GREY[:, ::-1, ::-1], ONE, GREY[:, ::-1, ::-1]),
        (COLOUR, THREE, COLOUR),
        (COLOUR[0], THREE, COLOUR[:1]),
        (COLOUR, ONE, fitted(COLOUR)),
        (COLOUR[0], ONE, fitted(COLOUR[:1])),
        (GREY, THREE, fitted(GREY, THREE)),
        (LARGE, ONE, fitted(LARGE)),
        (LARGE[0], ONE, fitted(LARGE[:1])),
        (PHOTO, ONE, fitted([PHOTO])),
        (PHOTO[None], THREE, fitted([PHOTO], THREE)),
        (np.zeros((3, 28, 5), np.uint8), ONE, fitted(np.zeros((3, 28, 5), np.uint8))),
        (Image.fromarray(PHOTO), ONE, fitted([PHOTO])),
        ([Image.fromarray(GREY[0]), GREY[1]], ONE, GREY[:2]),
        ("x.png", ONE, fitted([PHOTO])),
        (Path("x.png"), ONE, fitted([PHOTO])),
        (["x.png", GREY[0]], ONE, np.concatenate([fitted([PHOTO]), GREY[:1]])),
    ],
)
def test_what_is_accepted(images: Any, shape: tuple[int, ...], expected: Images) -> None:
    Image.fromarray(PHOTO).save("x.png")
    found = inputs(images, shape)
    assert found.dtype == np.uint8
    assert np.array_equal(found.reshape(expected.shape), expected)


@pytest.mark.parametrize("images", [[], GREY[:0], np.zeros((0, 9, 9), np.uint8)])
def test_nothing_gives_nothing(images: Any) -> None:
    assert not sum(len(stack) for stack in network_inputs(images, "plain", ONE))


@given(st.integers(0, 255))
def test_floats_are_the_bytes_they_were_made_of(value: int) -> None:
    for kind in (np.float16, np.float32, np.float64):
        pixels = np.full((28, 28), value / 255, kind)
        assert (inputs(pixels) == value).all()


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.array(["a"]), "an array of <U1"),
        (GREY / 170, "an array: pixels run from 0 to 1.5, which may be of 0 to 1 or"),
        (GREY.astype(np.int64) + 1, "pixels run from 1 to 256"),
        (GREY / 255 - 0.1, "pixels run from -0.1"),
        (np.full((28, 28), np.nan), "pixels run from nan"),
        (np.zeros(28, np.uint8), r"shape \[28\]"),
        (np.uint8(3), "uint8 is not a picture"),
        (np.zeros((2, 5, 28, 28), np.uint8), r"shape \[2, 5, 28, 28\]"),
        (np.zeros((2, 30, 30, 5), np.uint8), r"shape \[2, 30, 30, 5\]"),
        (np.zeros((1, 2, 9, 9, 3), np.uint8), r"shape \[1, 2, 9, 9, 3\]"),
        (np.zeros((0, 28), np.uint8), r"shape \[0, 28\]"),
        (np.zeros((3, 0, 28), np.uint8), r"shape \[3, 0, 28\]"),
        (b"bytes", "the picture: cannot be read as an image"),
        (None, "NoneType is not a picture"),
        (3, "int is not a picture"),
        ([GREY[0], None], "NoneType is not a picture"),
        ([[GREY[0]]], "list is not a picture"),
        ([b"x.png"], "the picture: cannot be read as an image"),
    ],
)
def test_what_is_refused(images: Any, message: str) -> None:
    for decode in (inputs, decoded):
        with pytest.raises(LenetError, match=message):
            decode(images)


RGBA = RANDOM.integers(0, 256, (40, 50, 4), np.uint8)
ALPHA = RANDOM.integers(0, 256, (40, 50, 2), np.uint8)
GREY_RGBA = np.repeat(GREY[:3, ..., None], 4, axis=3)
GREY_RGBA[..., 3] = 255


def converted(array: Images) -> list[Images]:
    """What `read_image` makes of the same picture in a file."""
    buffer = BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    image = to_colour(read_image(buffer, "x"))
    return [image]


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        # one picture
        (RGBA, converted(RGBA)),
        (RGBA / 255, converted(RGBA)),
        (ALPHA, converted(ALPHA)),
        (LARGE[0][..., None], [LARGE[0]]),
        (PHOTO, [PHOTO]),
        (PHOTO[:, ::-1], [PHOTO[:, ::-1]]),
        # stacks
        (RGBA[None], converted(RGBA)),
        (LARGE[:, None], list(LARGE)),  # channels first
        (np.moveaxis(PHOTO, 2, 0)[None], [PHOTO]),
        (LARGE, list(LARGE)),
        (GREY[:4], list(GREY[:4])),
        # 16 bits
        (np.array([[0, 1023]], np.uint16), [np.array([[0, 255]])]),
        (np.array([[0, 1]], np.uint16), [np.array([[0, 255]])]),
        (
            np.array([[[0] * 9 + [100]], [[0] * 9 + [1000]]], np.uint16),
            [[[0] * 9 + [25]], [[0] * 9 + [249]]],
        ),
        (np.array([[0, 0.5, 1.004, -0.004]]), [np.array([[0, 128, 255, 0]])]),
        # tensors: channels come first
        (torch.from_numpy(LARGE[0]), [LARGE[0]]),
        (torch.from_numpy(LARGE[:1]), [LARGE[0]]),
        (torch.from_numpy(PHOTO).permute(2, 0, 1), [PHOTO]),
        (torch.from_numpy(PHOTO).permute(2, 0, 1)[None], [PHOTO]),
        (torch.from_numpy(RGBA).permute(2, 0, 1), converted(RGBA)),
        (torch.from_numpy(ALPHA).permute(2, 0, 1), converted(ALPHA)),
        (torch.from_numpy(GREY), list(GREY)),  # five: no channels
        (torch.from_numpy(LARGE)[:, None], list(LARGE)),
        (torch.from_numpy(LARGE)[:, None] / 255, list(LARGE)),
        (torch.from_numpy(LARGE)[:, None].float(), list(LARGE)),
        (torch.from_numpy(LARGE)[:, None].int(), list(LARGE)),
        (torch.from_numpy(LARGE)[:, None] > 9, list(255 * (LARGE > 9).astype(np.uint8))),
        ((torch.from_numpy(LARGE)[:, None] / 255).double(), list(LARGE)),
        ((torch.from_numpy(LARGE)[:, None] / 255).requires_grad_(), list(LARGE)),
        ([torch.from_numpy(LARGE[0]), LARGE[1]], list(LARGE)),
        (iter(torch.from_numpy(GREY)), list(GREY)),
    ],
)
def test_which_dimension_is_what(images: Any, expected: list[Images]) -> None:
    found = decoded(images)
    assert len(found) == len(expected)
    for image, one in zip(found, expected, strict=True):
        assert image.dtype == np.uint8
        assert np.array_equal(image, one)


def test_a_tensor_of_half_precision_is_nearly_the_same() -> None:
    (image,) = decoded((torch.from_numpy(LARGE[0]) / 255).bfloat16())
    assert np.abs(image.astype(int) - LARGE[0]).max() <= 1


@pytest.mark.parametrize(
    ("images", "shape", "expected"),
    [
        (torch.from_numpy(GREY), ONE, GREY),
        (torch.from_numpy(GREY[:1]), ONE, GREY[:1]),
        (torch.from_numpy(GREY[:3]), ONE, GREY[:3]),  # three digits, not one in colour
        (torch.from_numpy(GREY[:4]), ONE, GREY[:4]),
        (torch.from_numpy(GREY[:1]).expand(3, 28, 28), ONE, GREY[:1]),  # grey stored as colour
        (torch.from_numpy(GREY)[:, None] / 255, ONE, GREY),
        (GREY[:, None], ONE, GREY),
        (GREY[0][..., None], ONE, GREY[:1]),
        (GREY_RGBA, THREE, np.repeat(GREY[:3, ..., None], 3, axis=3)),
        (torch.from_numpy(COLOUR).permute(0, 3, 1, 2), THREE, COLOUR),
        (torch.from_numpy(COLOUR[0]).permute(2, 0, 1), THREE, COLOUR[:1]),
    ],
)
def test_pixels_of_the_networks_size_go_to_it_unchanged(
    images: Any, shape: tuple[int, ...], expected: Images
) -> None:
    (some,) = network_inputs(images, "digits", shape)  # which else would centre them
    assert np.array_equal([one.image for one in some], expected)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(28), r"shape \[28\]"),
        (torch.zeros(2, 5, 28, 28), r"shape \[2, 5, 28, 28\]"),
        (torch.zeros(28, 28, dtype=torch.complex64), "an array of complex64"),
        (torch.full((28, 28), -0.42), "pixels run from -0.42"),
        ([[torch.zeros(28, 28)]], "list is not a picture"),
    ],
)
def test_which_tensors_are_refused(images: Any, message: str) -> None:
    for decode in (inputs, decoded):
        with pytest.raises(LenetError, match=message):
            decode(images)


class Pipe(RawIOBase):
    """A file that can only be read to its end."""

    def __init__(self, content: bytes) -> None:
        self._content = BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, 1000) if size >= 0 else -1)

    def seekable(self) -> bool:
        return False


def test_open_files_and_bytes_are_pictures() -> None:
    Image.fromarray(PHOTO).save("x.png")
    content = Path("x.png").read_bytes()
    at_the_end = BytesIO(content)
    at_the_end.seek(0, 2)
    with Path("x.png").open("rb") as file, Path("x.png").open("rb", buffering=0) as raw:
        forms = [content, bytearray(content), memoryview(content), at_the_end, file, raw]
        for one in [*forms, Pipe(content)]:
            (image,) = decoded(one)
            assert np.array_equal(image, PHOTO)
        assert len(decoded(forms)) == len(forms)
        assert not file.closed
    with pytest.raises(ImageError, match=r"x\.png: cannot be read \(.*closed"):
        decoded(file)
    for encoding in ("latin-1", "utf-8"):
        message = r"x\.png is opened as text; open it with mode 'rb'"
        file = Path("x.png").open(encoding=encoding)  # noqa: SIM115 the next line closes it
        with file as text, pytest.raises(LenetError, match=message):
            decoded(text)
    with pytest.raises(ImageError, match="the picture: cannot be read as an image"):
        decoded(BytesIO(b"no picture"))


def test_a_file_of_several_pages_gives_several_pictures() -> None:
    first, *rest = map(Image.fromarray, LARGE)
    first.save("x.tif", save_all=True, append_images=rest)
    for images in ("x.tif", Path("x.tif").read_bytes(), ["x.tif"]):
        assert np.array_equal(np.stack(decoded(images)), LARGE)
    with Image.open("x.tif") as image:  # a Pillow image is its current frame
        image.seek(1)
        assert np.array_equal(decoded(image), LARGE[1:])


def test_frames_that_are_left_out_are_warned_of() -> None:
    frames = [Image.fromarray(one) for one in RANDOM.integers(0, 256, (21, 9, 9), np.uint8)]
    frames[0].save("x.gif", save_all=True, append_images=frames[1:])
    with pytest.warns(UserWarning, match=r"x\.gif: an animation of more than 20 frames"):
        (image,) = decoded("x.gif")
    assert np.array_equal(image, np.asarray(frames[0]))


def test_a_file_that_is_no_image_is_an_image_error() -> None:
    for decode in (inputs, decoded):
        with pytest.raises(ImageError, match=r"missing\.png: cannot be read as an image"):
            decode(["missing.png"])


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (GREY, list(GREY)),
        (GREY[0], [GREY[0]]),
        (GREY[..., None], list(GREY)),
        (iter(GREY), list(GREY)),
        (GREY / 255, list(GREY)),
        (COLOUR, list(COLOUR)),
        (COLOUR[0], [COLOUR[0]]),
        ((PHOTO, LARGE), [PHOTO, *LARGE]),
        (GREY[:, :, :3], [GREY[:, :, :3]]),  # three channels, more likely than three columns
        (Image.fromarray(PHOTO), [PHOTO]),
        (["x.png", Path("x.png"), GREY], [PHOTO, PHOTO, *GREY]),
        ([], []),
        (GREY[:0], []),
    ],
)
def test_pictures_stay_as_they_are(images: Any, expected: list[Images]) -> None:
    Image.fromarray(PHOTO).save("x.png")
    found = decoded(images)
    assert all(image.dtype == np.uint8 for image in found)
    assert [image.shape for image in found] == [image.shape for image in expected]
    assert all(np.array_equal(*pair) for pair in zip(found, expected, strict=True))


def test_pictures_are_read_when_they_are_asked_for() -> None:
    Image.fromarray(PHOTO).save("x.png")
    found = pictures_of(["x.png", "missing.png"])
    assert np.array_equal(next(found), PHOTO)
