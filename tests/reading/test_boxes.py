"""Boxes in the picture, of blocks that were drawn where we know."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet.pictures.field import HEIGHT, Field, field_of
from lenet.pictures.types import Images
from lenet.reading.boxes import Box, boxes_of

PAPER, INK = 230, 40
THREE: list[Box] = [(20, 20, 14, 40), (50, 22, 22, 38), (90, 20, 16, 40)]


def drawn(boxes: list[Box], size: tuple[int, int], rise: float = 0.0) -> Images:
    """Draw rings, whose middles are empty as a zero's, on a line that falls by `rise` a pixel."""
    page = np.full(size, PAPER, np.uint8)
    for x, y, width, height in at(boxes, rise):
        page[y : y + height, x : x + width] = INK
        page[y + 5 : y + height - 5, x + 5 : x + width - 5] = PAPER
    return page


def at(boxes: list[Box], rise: float) -> list[Box]:
    return [(x, y + round(rise * (x + width / 2)), width, height) for x, y, width, height in boxes]


def found(page: Images, boxes: list[Box]) -> list[Box]:
    """Return the boxes of a page for columns in the middle of each true box."""
    field = field_of(page)
    assert field is not None
    middles = [round((x + width / 2 - field.corner[0]) * field.scale) for x, _, width, _ in boxes]
    columns = [(middle // 2, middle // 2 + 1) for middle in middles]
    return boxes_of(field, columns, (page.shape[0], page.shape[1]))


def farthest(boxes: list[Box], others: list[Box]) -> int:
    """Return by how much any edge is off."""
    assert len(boxes) == len(others)
    edges = np.array([[(x, y, x + w, y + h) for x, y, w, h in one] for one in (boxes, others)])
    return int(np.abs(edges[0] - edges[1]).max())


@pytest.mark.parametrize(
    "boxes",
    [
        [(40, 20, 24, 40)],
        THREE,
        [(10, 20, 30, 40), (44, 20, 30, 40), (78, 20, 30, 40)],
        [(10, 10, 20, 50), (36, 30, 20, 30)],
    ],
)
def test_boxes_are_where_the_ink_is(boxes: list[Box]) -> None:
    assert farthest(found(drawn(boxes, (80, 130)), boxes), boxes) <= 2


def test_light_on_dark() -> None:
    boxes: list[Box] = [(20, 20, 8, 40), (50, 22, 10, 38), (90, 20, 8, 40)]
    page = np.full((80, 130), 255 - PAPER, np.uint8)
    for x, y, width, height in boxes:
        page[y : y + height, x : x + width] = 255 - INK
    assert farthest(found(page, boxes), boxes) <= 2


@pytest.mark.parametrize("times", [2, 4, 10])
def test_in_larger_pictures_they_are_larger(times: int) -> None:
    page = np.repeat(np.repeat(drawn(THREE, (80, 130)), times, axis=0), times, axis=1)
    larger = [(times * x, times * y, times * w, times * h) for x, y, w, h in THREE]
    assert farthest(found(page, larger), larger) <= 2 * times


def test_in_a_small_picture() -> None:
    boxes = [(4, 4, 9, 16), (18, 4, 9, 16), (32, 4, 9, 16)]
    page = np.full((24, 48), PAPER, np.uint8)
    for x, y, width, height in boxes:
        page[y : y + height, x : x + width] = INK
        page[y + 2 : y + height - 2, x + 2 : x + width - 2] = PAPER
    assert farthest(found(page, boxes), boxes) <= 1


@pytest.mark.parametrize("rise", [0.12, -0.12])
def test_on_a_line_that_is_not_level(rise: float) -> None:
    boxes: list[Box] = [(20 + 40 * k, 60, 24, 40) for k in range(7)]
    page = drawn(boxes, (160, 320), rise)
    assert farthest(found(page, boxes), at(boxes, rise)) <= 4


def test_a_ruled_line_belongs_to_no_digit() -> None:
    page = drawn(THREE, (80, 130))
    page[66:68] = INK
    assert farthest(found(page, THREE), THREE) <= 2


@settings(max_examples=40)
@given(
    left=st.integers(0, 60),
    top=st.integers(0, 30),
    gaps=st.lists(st.integers(6, 20), max_size=4),
)
def test_wherever_the_number_is(left: int, top: int, gaps: list[int]) -> None:
    boxes: list[Box] = [(left, top, 24, 40)]
    for gap in gaps:
        boxes.append((boxes[-1][0] + 24 + gap, top, 24, 40))
    assert farthest(found(drawn(boxes, (80, 310)), boxes), boxes) <= 2


def plain(ink: Images) -> Field:
    """Return a field that is its picture."""
    return Field(ink, (0.0, 0.0), 1.0, 0.0)


def block(*spans: tuple[int, int], ink: int = 255, width: int = 60) -> Images:
    field = np.zeros((HEIGHT, width), np.uint8)
    for left, right in spans:
        field[6:26, left:right] = ink
    return field


@pytest.mark.parametrize(
    ("ink", "columns", "expected"),
    [
        (block(), [], []),
        (block((4, 12)), [(4, 5)], [(4, 6, 8, 20)]),
        (block((4, 12), ink=60), [(4, 5)], [(4, 6, 8, 20)]),  # faint, but ink
        (block((4, 12)), [(3, 6)], [(4, 6, 8, 20)]),
        (block((4, 12), (14, 20)), [(4, 5)], [(4, 6, 8, 20)]),  # what follows is something else
        (block((4, 12), (14, 20)), [(4, 5), (8, 9)], [(4, 6, 8, 20), (14, 6, 6, 20)]),
        # One block for two digits: cut halfway between columns 9 and 21.
        (block((4, 26)), [(4, 5), (10, 11)], [(4, 6, 11, 20), (15, 6, 11, 20)]),
        # Nothing there to see: the place of the middle, from top to bottom.
        (block(), [(12, 13)], [(5, 0, 40, 32)]),
        (block((50, 60)), [(29, 30)], [(50, 6, 10, 20)]),
        # Neighbouring columns at the very end of a field of an odd width.
        (block(width=7), [(2, 3), (3, 4)], [(0, 0, 6, 32), (6, 0, 1, 32)]),
    ],
)
def test_by_hand(ink: Images, columns: list[tuple[int, int]], expected: list[Box]) -> None:
    assert boxes_of(plain(ink), columns, (HEIGHT, ink.shape[1])) == expected


def test_no_box_leaves_the_picture() -> None:
    field = Field(block((0, 60)), (-9.0, -9.0), 1.0, 0.0)
    assert boxes_of(field, [(4, 5), (25, 26)], (10, 20)) == [(0, 0, 20, 10), (19, 0, 1, 10)]


@settings(max_examples=100)
@given(data=st.data())
def test_anything_gives_boxes_within_the_picture(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 80))
    height, across = data.draw(st.integers(1, 50)), data.draw(st.integers(1, 200))
    seed = data.draw(st.integers(0, 1000))
    sharp = data.draw(st.sampled_from([40, 128, 250]))
    noise = np.random.default_rng(seed).integers(0, 256, (HEIGHT, width))
    edges = sorted(data.draw(st.sets(st.integers(0, (width + 1) // 2), max_size=8)))
    columns = list(pairwise(edges))
    field = Field(
        np.where(noise > sharp, noise, 0).astype(np.uint8),
        (data.draw(st.floats(-50, 50)), data.draw(st.floats(-50, 50))),
        data.draw(st.floats(0.01, 20)),
        data.draw(st.floats(-0.25, 0.25)),
    )
    boxes = boxes_of(field, columns, (height, across))
    assert len(boxes) == len(columns)
    for x, y, w, h in boxes:
        assert min(w, h) >= 1
        assert 0 <= x <= x + w <= across
        assert 0 <= y <= y + h <= height
