from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from lenet.pictures.image import read_image
from lenet.pictures.levels import eight_bit

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("pixels", "kind", "expected"),
    [
        # 8, 9, 10, 12, 14, 15 and 16 bits in 16
        ([0, 51, 255], np.uint16, [0, 51, 255]),
        ([0, 100, 230], np.uint16, [0, 100, 230]),
        ([0, 100, 256], np.uint16, [0, 50, 128]),
        ([0, 511, 1023], np.uint16, [0, 127, 255]),
        ([0, 490, 980], np.uint16, [0, 122, 244]),
        ([0, 1023, 4095], np.uint16, [0, 64, 255]),
        ([0, 2000, 3000], np.uint16, [0, 125, 187]),
        ([0, 16383], np.uint16, [0, 255]),
        ([0, 30000], np.uint16, [0, 233]),
        ([0, 257 * 7, 65535], np.uint16, [0, 7, 255]),
        # more than 16 bits run to the greatest
        ([0, 70000, 140000], np.int32, [0, 128, 255]),
        # below 0, as in CT
        ([-1000, 0, 1000], np.int32, [0, 128, 255]),
        ([-5, -4, -3], np.int32, [0, 128, 255]),
        # within a sixteenth of the range
        ([30000, 30500, 31000], np.uint16, [0, 128, 255]),
        ([900, 950, 930], np.uint16, [0, 255, 153]),
        ([900, 1000, 950], np.uint16, [224, 249, 237]),  # more than a sixteenth of 1023
        # one shade
        ([7, 7], np.uint16, [7, 7]),
        ([0, 0], np.uint16, [0, 0]),
        ([65535, 65535], np.uint16, [255, 255]),
        ([-7, -7], np.int32, [0, 0]),
        # floats
        ([0, 0.5, 1], np.float32, [0, 128, 255]),
        ([0, 0.25], np.float32, [0, 64]),
        ([0, 0.5, 1.004], np.float32, [0, 128, 255]),
        ([0, 0.75, 1.5], np.float32, [0, 128, 255]),
        ([0, 7.4, 255], np.float32, [0, 7, 255]),
        ([0, 7.4, 255.3], np.float32, [0, 7, 255]),
        ([0, 511.5, 1023], np.float32, [0, 128, 255]),
        ([0, 31481, 62962], np.float32, [0, 122, 245]),
        ([0, 1e6], np.float32, [0, 255]),
        ([-1, 0, 1], np.float32, [0, 128, 255]),
        ([NAN, 0.5, 1], np.float32, [0, 128, 255]),
        ([0, 0.5, 1, INF, -INF], np.float32, [0, 128, 255, 255, 0]),
        ([NAN, NAN], np.float32, [0, 0]),
        ([0, 1e-320], np.float64, [0, 255]),
        ([-3e38, 3e38], np.float32, [0, 255]),
        ([0.5, 0.5], np.float32, [128, 128]),
    ],
)
def test_the_greatest_value_decides_the_range(
    pixels: list[float], kind: type[np.generic], expected: list[int]
) -> None:
    array = np.array([pixels], kind)
    assert eight_bit(array)[0].tolist() == expected
    assert eight_bit(array.T)[:, 0].tolist() == expected


def digit(greatest: float, least: float = 0) -> NDArray[np.float64]:
    picture = np.full((40, 30), 1.0)
    picture[8:32, 13:17] = 0.1
    return least + picture * (greatest - least)


@pytest.mark.parametrize("greatest", [200, 255, 980, 1023, 4095, 16383, 40000, 65535])
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_ink_is_as_dark_in_a_file_of_any_depth(form: str, greatest: int) -> None:
    buffer = BytesIO()
    Image.fromarray(digit(greatest).astype(np.uint16)).save(buffer, form)
    image = read_image(buffer, "x").astype(int)
    assert image.max() >= 127
    assert image.min() <= 0.11 * image.max()


@pytest.mark.parametrize(
    "pixels",
    [digit(1), digit(1.003), digit(255), digit(62965), digit(3000, -1000), digit(31000, 30000)],
)
def test_ink_is_as_dark_in_floats_of_any_range(pixels: NDArray[np.float64]) -> None:
    buffer = BytesIO()
    Image.fromarray(pixels.astype(np.float32)).save(buffer, "TIFF")
    image = read_image(buffer, "x").astype(int)
    assert image.max() >= 240
    assert image.min() <= 0.11 * image.max()


def test_a_large_picture_is_the_same_as_its_rows() -> None:
    pixels: NDArray[Any] = np.random.default_rng(0).integers(0, 4096, (300, 200), np.uint16)
    pixels[0, 0] = 4095
    expected = np.round(pixels * (255 / 4095)).astype(np.uint8)
    assert np.array_equal(eight_bit(pixels), expected)
