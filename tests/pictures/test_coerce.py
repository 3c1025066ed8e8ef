from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lenet.errors import LenetError
from lenet.pictures.coerce import network_inputs, pictures_of
from lenet.pictures.image import ImageError, fit
from lenet.pictures.types import Images

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (5, 28, 28), np.uint8)
COLOUR = RANDOM.integers(0, 256, (4, 28, 28, 3), np.uint8)
LARGE = RANDOM.integers(0, 256, (2, 40, 50), np.uint8)
PHOTO = RANDOM.integers(0, 256, (40, 50, 3), np.uint8)
ONE = (1, 28, 28)
THREE = (3, 28, 28)


def inputs(images: Any, shape: tuple[int, ...] = ONE) -> Images:
    return np.concatenate(list(network_inputs(images, "plain", shape)))


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
        (np.zeros((2, 1, 28, 28), np.uint8), r"shape \[2, 1, 28, 28\]"),
        (np.zeros((2, 30, 30, 4), np.uint8), r"shape \[2, 30, 30, 4\]"),
        (np.zeros((1, 2, 9, 9, 3), np.uint8), r"shape \[1, 2, 9, 9, 3\]"),
        (np.zeros((0, 28), np.uint8), r"shape \[0, 28\]"),
        (np.zeros((3, 0, 28), np.uint8), r"shape \[3, 0, 28\]"),
        (b"bytes", "bytes is not a picture"),
        (None, "NoneType is not a picture"),
        (3, "int is not a picture"),
        ([GREY[0], None], "NoneType is not a picture"),
        ([[GREY[0]]], "list is not a picture"),
        ([b"x.png"], "bytes is not a picture"),
    ],
)
def test_what_is_refused(images: Any, message: str) -> None:
    for decode in (inputs, decoded):
        with pytest.raises(LenetError, match=message):
            decode(images)


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
