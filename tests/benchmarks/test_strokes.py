"""Digits of straight strokes, alone and in numbers, next to printed lines."""

import numpy as np
import pytest

import lenet
from lenet.pictures.ruled_lines import without_lines
from strokes import PAPERS, Paper, Pen, drawn, ink_of, numbers_twice, single_digits


@pytest.mark.parametrize(
    ("text", "pen"),
    [
        (text, Pen(100, width, slant, margin))
        for text, slant in (("1", 0), ("4", 0), ("7", 4), ("9", -3))
        for width in (2, 5)
        for margin in (0, 3, 6, 12)
    ],
)
def test_a_stem_is_no_ruled_line(text: str, pen: Pen) -> None:
    picture = drawn(text, pen, "plain", np.random.default_rng(1))
    (answer,) = lenet.load("digits").predict(picture)
    assert answer.label == text


@pytest.mark.parametrize("text", ["1250", "15", "100", "1"])
@pytest.mark.parametrize("margin", [3, 8, 12])
def test_a_number_is_read_with_the_one_at_its_end(text: str, margin: int) -> None:
    picture = drawn(text, Pen(100, 4, 0, margin), "plain", np.random.default_rng(2))
    (reading,) = lenet.read(picture)
    assert reading.text == text


@pytest.mark.parametrize("text", ["3001", "71", "1", "11", "1101", "14"])
@pytest.mark.parametrize("margin", [0, 3, 8, 12])
def test_a_number_keeps_all_its_ink(text: str, margin: int) -> None:
    """Whether the reader recognises the ones is another question."""
    ink = ink_of(text, Pen(100, 4, 0, margin), np.random.default_rng(2)) > 0.5
    assert without_lines(ink).sum() > 0.99 * ink.sum()


@pytest.mark.parametrize("paper", PAPERS)
def test_what_is_printed_on_the_paper_matters_little(paper: Paper) -> None:
    pictures, digits = single_digits(paper, 60, 0.04, 60)
    found = lenet.load("digits").predict(pictures)
    right = [one.label == digit for one, digit in zip(found, digits, strict=True)]
    assert sum(right) >= 0.95 * len(right)


@pytest.mark.slow
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("height", [30, 60, 100, 300])
@pytest.mark.parametrize("width", [0.02, 0.04, 0.08])
def test_many_digits(paper: Paper, height: int, width: float) -> None:
    """The table has 500 of each; a pen of one pixel on squares is its worst row, with 94.6%."""
    pictures, digits = single_digits(paper, height, width, 40)
    found = lenet.load("digits").predict(pictures)
    right = [one.label == digit for one, digit in zip(found, digits, strict=True)]
    assert sum(right) >= (34 if width * height < 1 else 36)


@pytest.mark.slow
@pytest.mark.parametrize("width", [0.04, 0.08])
def test_a_number_reads_as_on_plain_paper(width: float) -> None:
    plain, lined = numbers_twice("lined", 60, width, 60)
    pairs = zip(lenet.read(plain), lenet.read(lined), strict=True)
    assert sum(one.text == two.text for one, two in pairs) >= 56


@pytest.mark.parametrize("text", ["12", "30", "407", "12345678"])
def test_several_digits_are_not_one(text: str) -> None:
    picture = drawn(text, Pen(80, 5, 0, 20), "plain", np.random.default_rng(3))
    (answer,) = lenet.load("digits").predict(picture)
    assert answer.rejected
    assert answer.several
    assert answer.to_json(None)["several"] is True


@pytest.mark.parametrize("digit", "0123456789")
def test_one_digit_is_not_several(digit: str) -> None:
    picture = drawn(digit, Pen(80, 5, 0, 20), "squared", np.random.default_rng(3))
    assert not lenet.load("digits").predict(picture)[0].several
