from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lenet.report.png import png_in_colours
from lenet.report.sprite import sprite


@pytest.mark.parametrize(
    "shape", [(28, 28), (20, 36), (36, 20), (28, 28, 3), (1, 1), (32, 2000)], ids=str
)
@pytest.mark.parametrize("count", [0, 1, 7, 90])
def test_every_image_is_where_it_is_said_to_be(shape: tuple[int, ...], count: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (90, *shape), dtype=np.uint8)
    wanted = list(range(89, 89 - count, -1))
    sheet = sprite(images, [*wanted, *wanted])  # once is enough
    with Image.open(BytesIO(sheet.png)) as picture:
        pixels = np.asarray(picture)
    height, width = shape[:2]
    assert pixels.shape[:2] == (sheet.rows * height, sheet.columns * width)
    assert list(sheet.places) == wanted[: len(sheet.places)]
    assert len(sheet.places) == min(count, max(1_000_000 // images[0].size, 1))
    for number, place in sheet.places.items():
        y, x = place // sheet.columns * height, place % sheet.columns * width
        np.testing.assert_array_equal(pixels[y : y + height, x : x + width], images[number])


def test_noise_of_any_size_stays_within_bounds() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3000, 28, 28, 3), dtype=np.uint8)
    sheet = sprite(images, range(3000))
    assert len(sheet.places) == 1_000_000 // (28 * 28 * 3)
    assert len(sheet.png) < 1_020_000


def test_a_colour_map_has_its_ends_and_its_gaps() -> None:
    values = np.array([[0, 0.5, 1, np.nan]])
    with Image.open(BytesIO(png_in_colours(values, "gray"))) as picture:
        pixels = np.asarray(picture.convert("RGBA"))[0]
    np.testing.assert_array_equal(
        pixels[:3], [[0, 0, 0, 255], [128, 128, 128, 255], [255, 255, 255, 255]]
    )
    assert pixels[3, 3] == 0
