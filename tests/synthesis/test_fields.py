"""Fields for learning: what is in them is what is said to be in them."""

from collections.abc import Callable
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lenet.data import Split
from lenet.data.cheques import Box, Cheque
from lenet.pictures.types import Images
from lenet.synthesis import fields
from lenet.synthesis.fields import (
    AT_ONCE,
    Batch,
    Example,
    Sources,
    _examples,  # pyright: ignore[reportPrivateUsage] in a batch the kinds cannot be told apart
    _glyphs,  # pyright: ignore[reportPrivateUsage] the same
    _in_new_order,  # pyright: ignore[reportPrivateUsage] the same
    _no_number,  # pyright: ignore[reportPrivateUsage] the same
    batch,
    batches,
    read_sources,
)
from lenet.synthesis.numbers import Part, join
from lenet.synthesis.separators import ROWS

PAPER, INK = 235, 30


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def digits(count: int = 40) -> Split:
    """Boxes in place of digits."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 4:24, 8:20] = 220
    names = tuple(map(str, range(10)))
    return Split(images, np.arange(count, dtype=np.int64) % 10, names)


def real_field(width: int, text: str) -> Example:
    ink = np.zeros((ROWS, width), np.uint8)
    ink[6:26, 4:-4] = 77
    return ink, text


def cut_outs(shape: int = 9) -> list[list[Images]]:
    """Return columns of a grey that says which digit they are: 110, 120, ..."""
    return [[np.full((ROWS, shape), 110 + 10 * digit, np.uint8)] for digit in range(10)]


class Here:
    """Makes in this process, when it is asked, what other processes would make."""

    def __init__(self, *settings: Any) -> None:
        *_, remember, (sources,) = settings
        remember(sources)

    def submit(self, make: Callable[..., list[Batch]], *arguments: int) -> Any:
        return SimpleNamespace(result=partial(make, *arguments))

    def shutdown(self, **_: bool) -> None: ...


def chunk(sources: Sources, size: int = 4, seed: int = 0, first: int = 0) -> list[Batch]:
    """Return as many batches as are made together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "ProcessPoolExecutor", Here)
        return list(islice(batches(sources, size, seed, first), AT_ONCE))


def texts(one: Batch) -> list[str]:
    ends = np.cumsum(one.lengths)
    assert ends[-1] == len(one.digits)
    parts = np.split(one.digits, ends[:-1])
    return ["".join(map(str, part.tolist())) for part in parts]


def same(first: Batch, second: Batch) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("ink", "digits", "lengths")
    )


SOURCES = Sources([real_field(50, "12"), real_field(90, "0007")], cut_outs(), digits(), "")


@given(
    st.lists(
        st.tuples(st.integers(1, 90), st.text("0123456789", max_size=9)), min_size=1, max_size=6
    )
)
def test_a_batch_holds_what_was_put_in(rows: list[tuple[int, str]]) -> None:
    examples = [
        (rng(place).integers(1, 256, (ROWS, width), dtype=np.uint8), text)
        for place, (width, text) in enumerate(rows)
    ]
    one = batch(examples)
    widest = max(width for width, _ in rows)
    width = one.ink.shape[3]
    assert one.ink.shape == (len(rows), 1, ROWS, width)
    assert width % 2 == 0
    assert 0 <= width - widest <= 1
    assert one.ink.dtype == np.uint8
    assert one.digits.dtype == one.lengths.dtype == np.int64
    assert texts(one) == [text for _, text in rows]
    for frame, (ink, _) in zip(one.ink[:, 0], examples, strict=True):
        columns = np.flatnonzero(frame.any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        assert np.array_equal(frame[:, left:right], ink)
        assert abs(left - (width - right)) <= 1  # in the middle


def test_fields_of_like_width_are_put_together() -> None:
    found = chunk(SOURCES, 6)
    assert len(found) == AT_ONCE
    assert all(len(one.ink) == len(one.lengths) == 6 for one in found)
    widths = [one.ink.shape[3] for one in found]
    spans: list[int] = []
    for one in found:
        columns = [np.flatnonzero(frame.any(axis=0)) for frame in one.ink[:, 0]]
        inner = [int(np.ptp(inked)) + 1 if len(inked) else 0 for inked in columns]
        spans.append(max(inner) - min(inner))
    # The order is of widths and up to 25 pixels, and some paper is of the width.
    assert np.median(spans) < 40
    assert np.ptp(widths) > 100
    assert widths != sorted(widths)  # narrow ones do not come first


def test_a_seed_and_a_place_say_which_batches_come() -> None:
    found = chunk(SOURCES)
    assert all(map(same, found, chunk(SOURCES)))
    for other in (chunk(SOURCES, seed=1), chunk(SOURCES, first=1)):
        assert not any(map(same, found, other))


def examples(sources: Sources, count: int, seed: int = 0) -> list[Example]:
    return list(_examples(sources, count, rng(seed)))


def test_kinds_come_as_often_as_their_shares_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def blank(ink: Images, _: Any) -> Images:
        return np.zeros_like(ink)

    def marked(*_: Any) -> Example:
        return np.ones((ROWS, 3), np.uint8), "5"

    monkeypatch.setattr(fields, "on_paper", blank)
    monkeypatch.setattr(fields, "_in_new_order", marked)
    drawn = examples(SOURCES, 1500)
    real = sum(any(ink is own for own, _ in SOURCES.real) for ink, _ in drawn)
    cut = sum(bool((ink == 1).all()) for ink, _ in drawn)
    nothing = sum(text == "" for _, text in drawn)
    assert real + cut + nothing < 1500
    for share, count in ((fields.REAL, real), (fields.CUT_OUT, cut), (fields.NO_NUMBER, nothing)):
        assert count / 1500 == pytest.approx(share, abs=5 * (share * (1 - share) / 1500) ** 0.5)


def test_a_real_field_comes_with_its_own_text_and_as_it_is() -> None:
    before = [(ink.copy(), text) for ink, text in SOURCES.real]
    drawn = [
        (place, text)
        for ink, text in examples(SOURCES, 100)
        for place, (own, _) in enumerate(SOURCES.real)
        if ink is own
    ]
    assert {place for place, _ in drawn} == {0, 1}
    assert all(text == SOURCES.real[place][1] for place, text in drawn)
    for (ink, text), (own, expected) in zip(before, SOURCES.real, strict=True):
        assert np.array_equal(ink, own)
        assert text == expected


def in_new_order(seed: int) -> Example:
    """Lay digits out: cut out ones of 110, 120, ..., and of MNIST of 114, 124, ... or one more."""

    def bare(parts: list[Part], *_: Any) -> list[Part]:
        return parts

    glyphs = [[np.full((20, 18), 115 + 10 * digit, np.uint8)] for digit in range(10)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "with_separators", bare)  # they may be of any grey
        return _in_new_order(cut_outs(16), glyphs, rng(seed))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_cut_out_digits_stand_in_the_order_of_the_text(seed: int) -> None:
    ink, text = in_new_order(seed)
    assert ink.shape[0] == ROWS
    assert ink.dtype == np.uint8
    row: list[int] = ink[ROWS // 2].tolist()
    seen = [(grey - 110) // 10 for grey in row if grey]
    assert [digit for digit, _ in groupby(seen)] == [int(digit) for digit, _ in groupby(text)]


@pytest.mark.parametrize(("apart", "touch"), [(0.6, True), (0.7, False)])
def test_strokes_of_cut_out_digits_touch_where_they_stand_closest(
    monkeypatch: pytest.MonkeyPatch, apart: float, touch: bool
) -> None:
    asked: list[bool] = []

    def noted(parts: list[Part], random: np.random.Generator, strokes_touch: bool) -> Images:
        asked.append(strokes_touch)
        return join(parts, random, strokes_touch)

    monkeypatch.setattr(fields, "join", noted)

    def spaced(_: np.random.Generator) -> float:
        return apart  # of which the gap is four fifths, less a half

    monkeypatch.setattr(fields, "random_gap", spaced)
    _in_new_order(cut_outs(), cut_outs(), rng(0))
    assert asked == [touch]


def test_some_digits_among_the_cut_out_are_of_mnist() -> None:
    rows = [in_new_order(seed)[0][ROWS // 2] for seed in range(150)]
    greys = np.concatenate(rows)
    of_mnist = (greys[greys > 0] % 10 != 0).mean()
    # Those are about 17 columns wide, others 16.
    assert of_mnist == pytest.approx(0.3 * 17 / (0.3 * 17 + 0.7 * 16), abs=0.08)


def test_without_cheques_all_is_put_together() -> None:
    bare = Sources([], [[] for _ in range(10)], digits(), "")
    drawn = examples(bare, 150)
    assert len(drawn) == 150
    assert any(text for _, text in drawn)
    # One digit that was never cut out, and none are.
    one_missing = Sources([], [*cut_outs()[:9], []], digits(), "")
    assert len(examples(one_missing, 50)) == 50


def test_every_example_is_a_field_with_digits_or_nothing() -> None:
    empty = 0
    for ink, text in examples(SOURCES, 300, seed=3):
        assert ink.shape[0] == ROWS
        assert ink.dtype == np.uint8
        assert text == "" or text.isdecimal()
        assert len(text) <= 9
        empty += not text
    assert 5 < empty < 60


def test_what_is_no_number_has_ink_most_often_and_is_up_to_six_wide() -> None:
    negatives = [np.full((3, 28, 28), 50 + kind, np.uint8) for kind in range(4)]
    mixed = 0
    for seed in range(100):
        ink = _no_number(negatives, rng(seed))
        assert ink.shape[0] == ROWS
        greys = set(np.unique(ink).tolist()) - {0}
        assert greys <= {50, 51, 52, 53}
        assert not ink[:2].any()
        assert not ink[-2:].any()
        assert 28 + 4 <= ink.shape[1] <= 6 * (28 + 4) + 32
        mixed += len(greys) > 1
    assert 15 < mixed < 70
    blank = [np.zeros((2, 28, 28), np.uint8)]
    assert not _no_number(blank, rng()).any()


def test_shapes_are_sorted_by_digit_and_cut_to_their_ink() -> None:
    split = digits(60)
    images = split.images.copy()
    images[split.labels == 3] = 0  # nothing to be cut out
    glyphs = _glyphs(Split(images, split.labels, split.classes), rng())
    assert [len(shapes) for shapes in glyphs] == [6, 6, 6, 0, 6, 6, 6, 6, 6, 6]
    for shapes in glyphs:
        for shape in shapes:
            for edge in (shape[0], shape[-1], shape[:, 0], shape[:, -1]):
                assert (edge > 40).any()
            assert 12 <= shape.shape[0] <= 28
    again = _glyphs(Split(images, split.labels, split.classes), rng())
    assert all(np.array_equal(a, b) for a, b in zip(glyphs[0], again[0], strict=True))


BOXES = ((20.0, 30.0, 18.0, 40.0), (60.0, 30.0, 18.0, 40.0), (100.0, 30.0, 18.0, 40.0))


def cheque(
    folder: Path,
    name: str,
    text: str,
    boxes: tuple[Box, ...] = BOXES,
) -> Cheque:
    image = np.full((100, 160), PAPER, np.uint8)
    for x, y, _, height in boxes:
        image[int(y) : int(y + height), int(x) + 6 : int(x) + 12] = INK
    path = folder / name
    Image.fromarray(image).save(path)
    return Cheque(path, text, boxes, "train")


def test_cheques_are_read_and_their_digits_cut_out(tmp_path: Path) -> None:
    Image.new("L", (160, 100), PAPER).save(tmp_path / "blank.png")
    blank = Cheque(tmp_path / "blank.png", "123", BOXES, "train")
    found = read_sources([cheque(tmp_path, "a.png", "407"), blank], digits())
    assert [text for _, text in found.real] == ["407"]
    assert found.real[0][0].shape[0] == ROWS
    assert [len(cuts) for cuts in found.columns] == [1, 0, 0, 0, 1, 0, 0, 1, 0, 0]
    field = found.real[0][0]
    for digit in (4, 0, 7):
        cut = found.columns[digit][0]
        # A box is of 9 columns at this scale, a bar of 3; two columns beside the box come along.
        assert 9 <= cut.shape[1] <= 15
        assert 2 <= np.count_nonzero((cut > 127).any(axis=0)) <= 4
        assert any(
            np.array_equal(field[:, at : at + cut.shape[1]], cut) for at in range(field.shape[1])
        )


@pytest.mark.parametrize(
    ("second", "cut"),
    [
        (60.0, "407"),
        (40.0, "407"),
        (36.0, "407"),  # they overlap by one pixel of the field
        (33.0, "7"),  # by two and a half
    ],
)
def test_digits_that_overlap_are_left_in_their_field(
    tmp_path: Path, second: float, cut: str
) -> None:
    boxes = (BOXES[0], (second, *BOXES[1][1:]), BOXES[2])
    found = read_sources([cheque(tmp_path, "a.png", "407", boxes)], digits())
    assert len(found.real) == 1
    assert {str(digit) for digit in range(10) if found.columns[digit]} == set(cut)


def test_boxes_that_lie_elsewhere_cut_nothing_out(tmp_path: Path) -> None:
    one = cheque(tmp_path, "a.png", "407")
    boxes = tuple((x + 500, y, width, height) for x, y, width, height in one.boxes)
    away = Cheque(one.path, "407", boxes, "train")
    found = read_sources([away], digits())
    assert len(found.real) == 1
    assert not any(found.columns)


def test_other_processes_make_the_same_batches() -> None:
    few = Sources(SOURCES.real, cut_outs(), digits(20), "")
    stream: Any = batches(few, 2, seed=5, first=1, workers=2)
    found = [next(stream) for _ in range(AT_ONCE + 3)]
    stream.close()
    expected = chunk(few, 2, 5, 1) + chunk(few, 2, 5, 2)[:3]
    assert all(map(same, found, expected))
