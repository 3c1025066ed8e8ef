"""Cuts against drawn fields whose boundaries are known, and what holds for cuts of any ink."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lenet.pictures.components import Mask, Numbers, components
from over_segmentation.cuts import crossed, cuts, hit_and_deflect


def drawn(*rows: str) -> Mask:
    return np.array([[one == "#" for one in row] for row in rows])


def ring(mask: Mask, middle: int, radius: int = 8) -> Mask:
    """Draw a zero, its stroke 3 wide, into a field of 32 rows."""
    rows, columns = np.indices(mask.shape)
    distance = np.hypot(rows - 16, columns - middle)
    return mask | (np.abs(distance - radius) <= 1.5)


def test_no_ink_has_no_cuts() -> None:
    assert cuts(np.zeros((32, 40), np.bool_)).shape == (0, 32)


def test_one_stroke_lies_between_the_edges() -> None:
    mask = np.zeros((32, 40), np.bool_)
    mask[6:26, 18:21] = True
    np.testing.assert_array_equal(cuts(mask), [[0] * 32, [40] * 32])


def test_a_gap_is_cut_in_its_middle() -> None:
    mask = np.zeros((32, 40), np.bool_)
    mask[6:26, 10:13] = mask[6:26, 19:22] = True
    np.testing.assert_array_equal(cuts(mask), [[0] * 32, [16] * 32, [40] * 32])


@pytest.mark.parametrize("apart", [15, 16, 17])
def test_touching_zeros_are_cut_between(apart: int) -> None:
    mask = ring(ring(np.zeros((32, 60), np.bool_), 20), 20 + apart)
    assert len(components(mask)) == 1
    inked = mask.any(axis=1)
    assert any(np.abs(cut[inked] - (20 + apart / 2)).max() <= 3 for cut in cuts(mask))


def test_a_line_slides_along_a_slanted_gap() -> None:
    mask = drawn(
        "......#...#",
        ".....#...#.",
        "....#...#..",
        "...#...#...",
        "..#...#....",
    )
    path = hit_and_deflect(mask, 8)
    assert crossed(mask, path) == 0
    left: Mask = np.greater(path[:, None], np.arange(mask.shape[1], dtype=np.int64))
    assert [row.nonzero()[0].tolist() for row in (mask & left)] == [[6], [5], [4], [3], [2]]


@pytest.mark.parametrize(
    ("rows", "column", "expected"),
    [
        (("....", "....", "...."), 2, [2, 2, 2]),
        ((".....", "..#..", "....."), 2, [2, 1, 1]),  # the left one of two as near
        ((".....", ".##..", "....."), 2, [2, 3, 3]),
        (("#####", "#####", "#####"), 2, [2, 2, 2]),  # no way but through
        (("#.#", "###", "..."), 1, [1, 1, 1]),
        ((".#...", "###..", "....."), 0, [0, 0, 0]),  # no further than ink in its own row
        (("..........", "########..", ".........."), 0, [0, 0, 0]),  # too far
    ],
)
def test_a_line_deflects_to_the_nearest_way_down(
    rows: tuple[str, ...], column: int, expected: list[int]
) -> None:
    assert hit_and_deflect(drawn(*rows), column).tolist() == expected


@pytest.mark.parametrize(
    ("cut", "expected"), [([2, 2, 2], 2), ([1, 2, 3], 1), ([0, 0, 0], 0), ([5, 5, 5], 0)]
)
def test_what_a_cut_goes_through_is_counted(cut: list[int], expected: int) -> None:
    mask = drawn("#####", ".##..", "...##")
    mask[0] = [1, 0, 0, 1, 1]
    mask[2] = [0, 1, 1, 0, 0]
    assert crossed(mask, np.array(cut)) == expected


@given(arrays(np.bool_, st.tuples(st.just(12), st.integers(1, 30))))
def test_cuts_never_cross_and_always_part_ink(mask: Mask) -> None:
    found = cuts(mask)
    if not mask.any():
        assert not len(found)
        return
    height, width = mask.shape
    assert (found[0] == 0).all()
    assert (found[-1] == width).all()
    assert (np.diff(found, axis=0) >= 0).all()
    left: Mask = np.greater(found[:, :, None], np.arange(width, dtype=np.int64))
    counts: Numbers = (mask & left).sum(axis=(1, 2))
    assert (np.diff(counts) > 0).all()
    assert counts[-1] == mask.sum()
    assert found.shape[1] == height
