"""Distorted images against a loop over single pixels, by NumPy and on every instruction set."""

import math
from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet.engine import library
from lenet.engine.warp import LARGEST_SIDE, Warp
from lenet.errors import LenetError

Pixels = NDArray[np.uint8]

VARIANTS = library.variants()
WAYS = ("numpy", *VARIANTS)


def warped(warp: Warp, images: Pixels, way: str, threads: int | None = 2) -> Pixels:
    if way == "numpy":
        with patch.object(library, "available", return_value=False):
            return warp(images)
    with patch.object(library, "variants", return_value=(way,)):
        return warp(images, threads)


def still(count: int) -> Warp:
    """Nothing that moves a pixel."""
    return Warp(np.stack([np.eye(2, dtype=np.float32)] * count), np.zeros((count, 2), np.float32))


def pictures(count: int, side: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side), dtype=np.uint8)


def drawn(count: int, side: int, seed: int, displaced: bool = True, toned: bool = True) -> Warp:
    """Distortions stronger than any recipe's: places far outside."""
    random = np.random.default_rng([seed, 1])

    def floats(low: float, high: float, *shape: int) -> NDArray[np.float32]:
        return random.uniform(low, high, shape).astype(np.float32)

    warp = Warp(floats(-1.5, 1.5, count, 2, 2), floats(-side, side, count, 2))
    if displaced:
        warp = replace(
            warp,
            fields=floats(-1, 1, 3, 2, side, side),
            field=random.integers(0, 3, count, dtype=np.int32),
            amplitudes=floats(-3, 3, count),
        )
    if toned:
        tones = [floats(0, 1, count), floats(0, 4, count), floats(-60, 60, count)]
        warp = replace(warp, tones=np.stack(tones, axis=1))
    return warp


def slowly(warp: Warp, image: Pixels, n: int) -> NDArray[np.float64]:
    """Look up each pixel of image `n` where it comes from, weighing its four neighbours."""
    side = len(image)
    middle = (side - 1) / 2
    (a, b), (c, d) = warp.matrices[n].tolist()
    down, right = warp.shifts[n].tolist()
    result = np.zeros((side, side))
    for row in range(side):
        for column in range(side):
            y, x = row - middle, column - middle
            source_y, source_x = a * y + b * x + down + middle, c * y + d * x + right + middle
            if warp.fields is not None and warp.field is not None and warp.amplitudes is not None:
                here = warp.fields[int(warp.field[n]), :, row, column].tolist()
                source_y += float(warp.amplitudes[n]) * here[0]
                source_x += float(warp.amplitudes[n]) * here[1]
            for r in (math.floor(source_y), math.floor(source_y) + 1):
                for q in (math.floor(source_x), math.floor(source_x) + 1):
                    if 0 <= r < side and 0 <= q < side:
                        weight = (1 - abs(source_y - r)) * (1 - abs(source_x - q))
                        result[row, column] += weight * float(image[r, q])
    if warp.tones is not None:
        blur, gain, bias = warp.tones[n].tolist()
        before = result.copy()
        for row in range(side):
            for column in range(side):
                near = before[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
                mix = before[row, column] * (1 - blur) + blur * near.sum() / 9
                result[row, column] = gain * (mix - bias)
    return result.clip(0, 255)


@given(
    st.integers(1, 9),
    st.integers(1, 3),
    st.integers(0, 99),
    st.booleans(),
    st.booleans(),
    st.sampled_from(WAYS),
)
@settings(max_examples=120)
def test_each_pixel_is_read_where_all_that_is_asked_for_takes_it(
    side: int, count: int, seed: int, displaced: bool, toned: bool, way: str
) -> None:
    images = pictures(count, side, seed)
    warp = drawn(count, side, seed, displaced, toned)
    before = images.copy()
    found = warped(warp, images, way)
    assert found.dtype == np.uint8
    assert found.shape == images.shape
    assert np.array_equal(images, before)
    for n, one in enumerate(found):
        # float32 coordinates, times a gain of up to 4; and a half may be rounded either way.
        assert np.abs(one - slowly(warp, images[n], n)).max() <= 0.5 + 0.02


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("count", "side"), [(600, 28), (257, 16), (30, 33), (20, LARGEST_SIDE)])
def test_native_and_numpy_differ_by_a_grey_level_in_rare_roundings(
    count: int, side: int, variant: str
) -> None:
    images, warp = pictures(count, side), drawn(count, side, seed=3)
    # As a recipe has them: most places lie within the image.
    warp = replace(warp, shifts=warp.shifts / 10)
    ours, theirs = (warped(warp, images, way).astype(int) for way in (variant, "numpy"))
    assert np.abs(ours - theirs).max() <= 1
    assert np.count_nonzero(ours != theirs) < 0.001 * ours.size
    assert np.count_nonzero(theirs) > 0.2 * theirs.size


@pytest.mark.parametrize("way", WAYS)
def test_the_largest_side_is_read_to_its_last_pixel(way: str) -> None:
    images = pictures(2, LARGEST_SIDE)
    assert np.array_equal(warped(still(2), images, way), images)
    # A turn by half a circle: each corner is read from the opposite one.
    turned = replace(still(2), matrices=-still(2).matrices)
    assert np.array_equal(warped(turned, images, way), images[:, ::-1, ::-1])


@pytest.mark.parametrize("way", WAYS)
def test_tones_by_hand(way: str) -> None:
    image = np.zeros((1, 3, 3), np.uint8)
    image[0, 1, 1] = 90

    def toned(blur: float, gain: float, bias: float) -> list[list[int]]:
        warp = replace(still(1), tones=np.array([[blur, gain, bias]], np.float32))
        return warped(warp, image, way)[0].tolist()

    # The mean of nine pixels, at the edge with nothing outside, is 10 at all nine places.
    assert toned(0, 1, 0) == image[0].tolist()
    assert toned(1, 1, 0) == [[10] * 3] * 3
    assert toned(0.5, 1, 0) == [[5, 5, 5], [5, 50, 5], [5, 5, 5]]
    assert toned(0.5, 2, 3) == [[4, 4, 4], [4, 94, 4], [4, 4, 4]]
    assert toned(0.5, 100, 10) == [[0, 0, 0], [0, 255, 0], [0, 0, 0]]
    assert toned(0, 1, -300) == [[255] * 3] * 3


@pytest.mark.parametrize("way", WAYS)
def test_of_two_grey_levels_as_near_the_even_one_is_taken(way: str) -> None:
    image = np.array([[[0, 1], [2, 3]]], np.uint8)
    warp = replace(still(1), shifts=np.array([[0, 0.5]], np.float32))
    assert warped(warp, image, way)[0].tolist() == [[0, 0], [2, 2]]  # 0.5, 0.5, 2.5, 1.5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 3e38, -3e38])
@pytest.mark.parametrize("part", ["matrices", "shifts", "amplitudes", "fields"])
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_places_that_are_no_numbers_are_background(part: str, number: float, way: str) -> None:
    images = np.full((3, 8, 8), 200, np.uint8)
    warp = drawn(3, 8, seed=1, toned=False)
    warp = replace(warp, matrices=still(3).matrices, shifts=still(3).shifts)
    array: NDArray[np.float32] = getattr(warp, part)
    changed = np.full_like(array, number)
    if part == "matrices":  # two such numbers could cancel each other
        changed[:, [0, 1], [1, 0]] = 0
    found = warped(replace(warp, **{part: changed}), images, way)
    assert not found.any()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", range(3))
def test_tones_that_are_no_numbers_are_background(place: int, way: str) -> None:
    tones = np.array([[0.5, 1, 0]], np.float32)
    tones[0, place] = math.nan
    assert not warped(replace(still(1), tones=tones), pictures(1, 5), way).any()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("count", [1, 256, 257, 600])
def test_the_bits_do_not_depend_on_the_threads(count: int, variant: str) -> None:
    images, warp = pictures(count, 12), drawn(count, 12, seed=2)
    one, *others = (warped(warp, images, variant, threads) for threads in (1, 2, 3, 7, None))
    for other in others:
        assert np.array_equal(one, other)


@pytest.mark.parametrize("way", WAYS)
def test_an_image_is_distorted_alike_wherever_it_stands(way: str) -> None:
    # More than are worked on at once, in NumPy and by a thread.
    images, warp = pictures(600, 9), drawn(600, 9, seed=4)
    found = warped(warp, images, way)
    for n in (0, 1, 255, 256, 257, 511, 512, 599):
        assert np.abs(found[n] - slowly(warp, images[n], n)).max() <= 0.5 + 0.02


@pytest.mark.parametrize("way", WAYS)
def test_no_images_give_none(way: str) -> None:
    for side in (0, 1, 28):
        assert warped(drawn(0, side, seed=0), pictures(0, side), way).shape == (0, side, side)


VIEWS: list[Callable[[Any], Any]] = [
    lambda array: array.repeat(2, axis=0)[::2],
    lambda array: array[::-1].copy()[::-1],
    np.asfortranarray,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("view", VIEWS)
def test_arrays_need_not_be_contiguous(view: Callable[[Any], Any], way: str) -> None:
    images, warp = pictures(5, 7), drawn(5, 7, seed=5)
    expected = warped(warp, images, way)
    odd = Warp(*(view(array) for array in astuple(warp)))
    assert not odd.matrices.flags.c_contiguous
    assert np.array_equal(warped(odd, view(images), way), expected)


BAD_IMAGES: list[Any] = [
    np.zeros((2, 4, 5), np.uint8),
    np.zeros((2, 4, 4, 1), np.uint8),
    np.zeros((2, 4, 4, 3), np.uint8),
    np.zeros((4, 4), np.uint8),
    np.zeros((2, 4, 4), np.float32),
    np.zeros((2, 4, 4), np.int8),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("images", BAD_IMAGES, ids=lambda one: f"{one.dtype}{one.shape}")
def test_only_square_grey_images_are_distorted(images: Any, way: str) -> None:
    with pytest.raises(LenetError, match="only square grey images"):
        warped(still(2), images, way)


@pytest.mark.parametrize("way", WAYS)
def test_larger_images_are_refused(way: str) -> None:
    with pytest.raises(LenetError, match="up to 64×64"):
        warped(still(1), pictures(1, LARGEST_SIDE + 1), way)


F, I32 = np.float32, np.int32
BAD_PARTS: list[tuple[dict[str, Any], str]] = [
    ({"matrices": np.zeros((3, 2, 2), F)}, "float32 (3, 2, 2) do not fit (2, 4, 4) images"),
    ({"matrices": np.zeros((2, 4), F)}, "do not fit"),
    ({"matrices": np.zeros((2, 2, 2))}, "float64 (2, 2, 2) do not fit"),
    ({"matrices": np.zeros((2, 2, 2), I32)}, "int32 (2, 2, 2) do not fit"),
    ({"matrices": np.zeros((2, 2, 2), ">f4")}, "do not fit"),
    ({"shifts": np.zeros((2, 3), F)}, "do not fit"),
    ({"shifts": np.zeros((2, 2), I32)}, "do not fit"),
    ({"tones": np.zeros((2, 2), F)}, "do not fit"),
    ({"tones": np.zeros((1, 3), F)}, "do not fit"),
    ({"fields": np.zeros((3, 2, 4, 5), F)}, "do not fit"),
    ({"fields": np.zeros((3, 4, 4), F)}, "do not fit"),
    ({"fields": np.zeros((3, 2, 4, 4))}, "do not fit"),
    ({"fields": np.zeros((0, 2, 4, 4), F)}, "numbers of the . displacement fields"),
    ({"field": np.array([0, 3], I32)}, "numbers of the . displacement fields"),
    ({"field": np.array([-1, 0], I32)}, "numbers of the . displacement fields"),
    ({"field": np.zeros(1, I32)}, "do not fit"),
    ({"field": np.zeros(2, F)}, "do not fit"),
    ({"amplitudes": np.zeros(3, F)}, "do not fit"),
    ({"amplitudes": np.zeros(2, I32)}, "do not fit"),
    ({"fields": None}, "belong together"),
    ({"field": None}, "belong together"),
    ({"amplitudes": None}, "belong together"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("change", "match"), BAD_PARTS)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, Any], match: str, way: str) -> None:
    good, images = drawn(2, 4, seed=6), pictures(2, 4)
    assert warped(good, images, way).shape == (2, 4, 4)
    with pytest.raises(LenetError, match=match.replace("(", r"\(").replace(")", r"\)")):
        warped(replace(good, **change), images, way)
