"""The benchmark of reading: its arithmetic, its tables, and what its drawn pictures show."""

import importlib.util
import itertools
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.data import Split
from lenet.pictures.components import components
from lenet.synthesis.negatives import LETTERS

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@cache
def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@cache
def ways(first: str, second: str) -> int:
    """Return the edit distance: the cheapest of all ways, by its definition."""
    if not first or not second:
        return len(first) + len(second)
    return min(
        ways(first[1:], second[1:]) + (first[0] != second[0]),
        ways(first[1:], second) + 1,
        ways(first, second[1:]) + 1,
    )


@given(st.text("012", max_size=6), st.text("012", max_size=6))
def test_the_edit_distance_is_that_of_the_cheapest_way(first: str, second: str) -> None:
    assert script("reading_scores").edit_distance(first, second) == ways(first, second)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("", "", 0), ("123", "", 3), ("kitten", "sitting", 3), ("100", "1000", 1), ("12", "21", 2)],
)
def test_edit_distances_known_by_hand(first: str, second: str, distance: int) -> None:
    assert script("reading_scores").edit_distance(first, second) == distance


def some(*rows: tuple[str, str, float]) -> list[Any]:
    answer = script("reading_scores").Answer
    return [answer(f"{n}.jpg", *row) for n, row in enumerate(rows)]


FIVE = (
    ("12", "12", 0.9),
    ("30", "30", 0.8),
    ("456", "457", 0.7),  # one of three digits wrong
    ("7", "7", 0.6),
    ("89", "", 0.95),  # nothing read, though surely
)


@pytest.mark.parametrize(
    ("least", "correct", "wrong", "rejected"),
    [
        (0.0, 3, 1, 1),
        (0.6, 3, 1, 1),
        (0.7, 2, 1, 2),
        (0.75, 2, 0, 3),
        (0.95, 0, 0, 5),
        (None, 0, 0, 5),
    ],
)
def test_what_is_below_the_threshold_or_empty_is_rejected(
    least: float | None, correct: int, wrong: int, rejected: int
) -> None:
    assert script("reading_scores").parted(some(*FIVE), least) == {
        "threshold": least,
        "correct": correct,
        "wrong": wrong,
        "rejected": rejected,
    }


@pytest.mark.parametrize(
    ("rows", "error", "least"),
    [
        (FIVE, 0.0, 0.8),
        (FIVE, 0.25, 0.6),  # one of four
        (FIVE, 0.2, 0.8),  # all five would be two of five
        ((("1", "2", 0.9), ("3", "3", 0.8)), 0.4, None),
        ((("1", "2", 0.9), ("3", "3", 0.8)), 0.5, 0.8),
        ((("1", "", 0.9),), 1.0, None),  # not even if every answer may be wrong
    ],
)
def test_the_best_threshold_accepts_most(
    rows: tuple[tuple[str, str, float], ...], error: float, least: float | None
) -> None:
    assert script("reading_scores").best_threshold(some(*rows), error) == least


OUTCOMES = st.lists(
    st.tuples(st.sampled_from(["1", "2", ""]), st.sampled_from([0.0, 0.2, 0.5, 1.0])),
    min_size=1,
    max_size=12,
)


@given(OUTCOMES, st.sampled_from([0.0, 0.1, 0.34, 0.5]))
def test_no_threshold_accepts_more_than_the_best(
    outcomes: list[tuple[str, float]], error: float
) -> None:
    scores = script("reading_scores")
    answers = some(*(("1", text, sure) for text, sure in outcomes))
    least = scores.best_threshold(answers, error)
    allowed = [0]
    for threshold in (0.0, 0.2, 0.5, 1.0):
        accepted = [one for one in answers if one.text and one.confidence >= threshold]
        if sum(not one.right for one in accepted) <= error * len(accepted):
            allowed.append(len(accepted))
    found = scores.parted(answers, least)
    assert found["correct"] + found["wrong"] == max(allowed)


@given(OUTCOMES)
def test_the_area_is_the_mean_error_among_those_as_sure(outcomes: list[tuple[str, float]]) -> None:
    answers = some(*(("1", text, sure) for text, sure in outcomes))
    sure = [one.confidence if one.text else -1 for one in answers]
    errors = [
        np.mean([not two.right for two, s in zip(answers, sure, strict=True) if s >= own])
        for own in sure
    ]
    assert script("reading_scores").area(answers) == pytest.approx(float(np.mean(errors)))


def test_the_error_by_chance_of_two_answers_is_that_of_all_outcomes() -> None:
    # Both in one bin: the error is |right / 2 - 0.5|, of 0, 1, 1 and 2 right.
    found = script("reading_scores").error_by_chance(np.array([0.5, 0.5]))
    assert found == pytest.approx((0.5 + 0 + 0 + 0.5) / 4, abs=0.03)
    assert script("reading_scores").error_by_chance(np.array([0.0, 1.0])) == 0


def test_scores_of_five_answers() -> None:
    found = script("reading_scores").scores(some(*FIVE), [(0.01, 0.75)])
    assert (found["strings"], found["right"], found["digits"], found["digit_errors"]) == (
        5,
        3,
        10,
        3,
    )
    assert found["own"] == [
        {"error": 0.01, "threshold": 0.75, "correct": 2, "wrong": 0, "rejected": 3}
    ]
    assert [one["threshold"] for one in found["hindsight"]] == [0.8, 0.8]
    assert found["lengths"] == {
        "1": {"strings": 1, "right": 1},
        "2": {"strings": 3, "right": 2},
        "3": {"strings": 1, "right": 0},
    }
    # Two bins at 0.9 to 0.95 hold one right and one wrong answer, the others one each.
    apart = (0.1, 0.2, 0.7, 0.4, 0.95)
    assert found["calibration_error"] == pytest.approx(sum(apart) / 5)


def test_an_answer_much_too_long_has_an_interval_all_the_same() -> None:
    found = script("reading_scores").scores(some(("1", "23456", 0.5)))
    assert found["digit_errors"] == 5
    assert found["digit_error_interval"][1] == 1


RAW: list[dict[str, Any]] = [
    {
        "system": system,
        "part": part,
        "file": f"{n}.jpg",
        "digits": digits,
        "text": text,
        "confidence": sure,
    }
    for system in ("over-segmentation, 1998's route", "lenet read")
    for part, n, digits, text, sure in (
        ("test", 1, "12", "12", 0.9),
        ("test", 2, "345", "34", 0.4),
        ("validation", 3, "6", "6", 1),
    )
]
PEER: list[dict[str, Any]] = [
    {
        "peer": "tesseract",
        "file": f"{n}.jpg",
        "text": f"{digits}.-",
        "digits": digits,
        "confidence": sure,
    }
    for n, digits, sure in ((1, "12", 0.7), (2, "", None), (3, "6", 0.5))
]


def test_answers_are_sorted_by_system_and_part() -> None:
    found = script("reading").answers(RAW, PEER, "test")
    assert list(found) == ["lenet read", "over-segmentation, 1998's route", "Tesseract"]
    answer = script("reading_scores").Answer
    assert found["lenet read"] == [
        answer("1.jpg", "12", "12", 0.9),
        answer("2.jpg", "345", "34", 0.4),
    ]
    assert found["Tesseract"] == [answer("1.jpg", "12", "12", 0.7), answer("2.jpg", "345", "", 0.0)]
    assert script("reading").answers([], PEER, "test") == {}


@pytest.mark.parametrize(
    ("lines", "peers"), [(RAW, PEER[1:]), (RAW, PEER + PEER[:1]), (RAW[1:], PEER)]
)
def test_a_system_that_leaves_crops_out_is_not_compared(
    lines: list[dict[str, Any]], peers: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValueError, match="does not answer to each of the 2 crops once"):
        script("reading").answers(lines, peers, "test")


def test_the_tables_are_written_from_the_raw_answers(tmp_path: Path) -> None:
    shutil.copytree(BENCHMARKS, tmp_path / "benchmarks", ignore=shutil.ignore_patterns("results"))
    results = tmp_path / "benchmarks" / "results"
    results.mkdir()
    for name, lines in (("reading", RAW), ("reading_peers", PEER)):
        (results / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    counts = {"pictures": 4, "right": 3, "rejected": 2, "wrong": 1, "empty": 1}
    measured: dict[str, Any] = {name: {"kind": counts} for name in ("cases", "photos", "nothing")}
    measured["thresholds"] = {"test": [[0.01, 0.5]]}
    (results / "reading.json").write_text(json.dumps(measured))
    page = tmp_path / "docs" / "read.md"
    page.parent.mkdir()
    names = ("reading", "reading-lengths", "reading-cases", "reading-rejects")
    page.write_text("".join(f"<!-- {name} -->\nformer\n<!-- /{name} -->\n" for name in names))
    command = [sys.executable, tmp_path / "benchmarks" / "reading.py", "--table"]
    subprocess.run(command, check=True)
    text = page.read_text()
    assert "former" not in text
    for row in (
        "| lenet read | 50.0% (9.5–90.5) | 20.0% (3.6–62.4) | 25.00% | 25.0% |",
        "| lenet read, thresholds of its own | 1.0% | 0.5000 | 50.0% | 0.0% | 50.0% | 0.0% |",
        "| lenet read | 0.5% | 0.9000 | 50.0% | 0.0% | 50.0% | 0.0% |",
        "| Tesseract | 50.0% (9.5–90.5) | 60.0% (23.1–88.2) | 25.00% | 15.0% |",
        "| 2 | 1 | 100.0% (20.7–100.0) | 100.0% | 100.0% |",
        "| 3 | 1 | 0.0% (0.0–79.3) | 0.0% | 0.0% |",
        "| kind | 4 | 75.0% (30.1–95.4) | 50.0% | 50.0% |",
        "| kind | 4 | 50.0% (15.0–85.0) | 25.0% | 25.0% |",
    ):
        assert row in text, row
    assert json.loads((results / "reading.json").read_text())["cheques"].keys() == {
        "test",
        "validation",
    }
    subprocess.run(command, check=True)
    assert page.read_text() == text


def block(rows: slice, columns: int) -> Any:
    ink = np.zeros((30, columns), np.float32)
    ink[rows] = 1
    return ink


@pytest.mark.parametrize(
    ("above", "below", "gap", "width", "parts"),
    [
        (slice(5, 25), slice(5, 25), 3, 8 + 3 + 6, 2),
        (slice(5, 25), slice(5, 25), -2, 8 - 2 + 6, 1),
        (slice(5, 15), slice(10, 25), -2, 8 - 2 + 6, 1),
        (slice(2, 5), slice(20, 25), -2, 8 + 6, 2),  # no row in common: nothing to touch
        (slice(2, 10), slice(14, 25), 3, 8 + 3 + 6, 2),  # near rows keep their distance
    ],
)
def test_ink_stands_as_near_as_asked(
    above: slice, below: slice, gap: float, width: int, parts: int
) -> None:
    page = script("handwriting").beside(block(above, 8), block(below, 6), gap)
    assert page.shape == (30, width)
    assert len(components(page > 0.5)) == parts


def digits_of_bars() -> Split:
    """Shapes of one piece: boxes, the ones narrow, the sevens without a bar."""
    images = np.zeros((100, 28, 28), np.uint8)
    for number, image in enumerate(images):
        digit = number % 10
        wide = 3 if digit in (1, 7) else 8 + digit
        image[4:24, 12 : 12 + wide] = 255
        if digit == 7:
            image[4:7, 6:15] = 255
    return Split(images, np.arange(100, dtype=np.int64) % 10, tuple("0123456789"))


@pytest.mark.parametrize("text", ["1234", "7", "5.678,-", "1'000--"])
@pytest.mark.parametrize(("touching", "joined"), [("none", False), ("all", True)])
def test_numbers_are_of_as_many_pieces_as_signs_unless_they_touch(
    text: str, touching: str, joined: bool
) -> None:
    writing = script("handwriting")
    glyphs = writing.Glyphs.of(digits_of_bars())
    ink = writing.write(text, writing.Style(touching=touching), glyphs, np.random.default_rng(5))
    assert ink.dtype == np.float32
    assert 0 <= ink.min() < 0.01 < 0.99 < ink.max() <= 1
    groups = ["".join(g) for d, g in itertools.groupby(text, str.isdecimal) if d]
    signs = sum(not one.isdecimal() for one in text)
    expected = signs + (len(groups) if joined else sum(map(len, groups)))
    assert len(components(ink > 0.5)) == expected


def test_bars_are_drawn_where_they_belong() -> None:
    writing = script("handwriting")
    high = script("photographed").HIGH
    stem = np.ones((high, 10), np.float32)
    random = np.random.default_rng(0)
    for _ in range(20):
        for draw, where in ((writing.crossed, (0.45, 0.63)), (writing.footed, (0.9, 1.0))):
            ink = draw(stem, 10, random) > 0.5
            assert 0.36 * high <= ink.shape[1] <= 0.7 * high
            assert len(components(ink)) == 1
            bar = np.flatnonzero(ink.sum(axis=1) > 12)
            assert where[0] < bar.mean() / len(ink) < where[1]
            assert (ink.sum(axis=1) >= 10).mean() > 0.9


@pytest.mark.parametrize(
    ("number", "plain"), [(1, True), (7, True), (0, False)], ids=["one", "seven", "others"]
)
def test_feet_and_bars_that_are_there_are_seen(number: int, plain: bool) -> None:
    split = digits_of_bars()
    split.images[1, 22:24, 6:20] = 255  # a foot
    split.images[7, 14:16, 6:20] = 255  # a bar
    found = script("handwriting").Glyphs.of(split).plain
    assert found[10 + number] == plain
    assert not found[number]


@pytest.mark.parametrize("name", ["30 pixels high", "300 pixels high", "light ink on a dark board"])
def test_photos_have_their_height_and_their_ink_its_shade(name: str) -> None:
    photo = script("numbers_drawn").PHOTOS[name]
    ink = np.zeros((96, 200), np.float32)
    ink[20:80, 50:150] = 1
    picture = script("photographed").photographed(ink, photo, np.random.default_rng(1))
    assert picture.dtype == np.uint8
    assert picture.shape[0] == photo.height[0]
    middle = picture[picture.shape[0] // 2, picture.shape[1] // 2]
    assert (middle > np.median(picture[0])) == photo.light


@pytest.mark.parametrize(
    "kind", ["blank paper", "signatures", "printed words", "guilloche", "noise", "wood"]
)
def test_what_is_no_number_is_drawn_alike_for_a_seed(kind: str) -> None:
    make = script("no_numbers_drawn").KINDS[kind]
    first, again, other = (make(np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or (first != other).any()
    assert 60 <= len(first) <= 120


def test_words_hold_no_letter_that_may_be_a_digit() -> None:
    drawn = script("no_numbers_drawn")
    assert not set("".join(drawn.WORDS)) - set(LETTERS)
