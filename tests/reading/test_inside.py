"""What is behind a reading: what else it may be, and in which columns it stands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from tests.reading.brute import NONE, Doubles, every_number, fields, spelled, trellis

from lenet.pictures.field import Field
from lenet.pictures.types import Images
from lenet.reading.decoder import EPSILON, most_probable, read_string
from lenet.reading.inside import Inside
from lenet.reading.pattern import Pattern
from lenet.reading.reader import inside_reader, picture_reader

# 41 0.4, 91 0.32, 47 0.1, 97 0.08, 1 0.08, 7 0.02.
PAIR = trellis({4: 0.5, 9: 0.4, NONE: 0.1}, {NONE: 1.0}, {1: 0.8, 7: 0.2})
FIELD = Field(np.zeros((32, 6), np.uint8), (0.0, 0.0), 1.0, 0.0)


def inside(log_probabilities: Doubles, text: str, pattern: Pattern | None = None) -> Inside:
    values = log_probabilities.astype(np.float32)
    return Inside(FIELD, values, [values], text, pattern)


@pytest.mark.parametrize(
    ("template", "count", "expected"),
    [
        (None, 5, {"41": 0.4, "91": 0.32, "47": 0.1, "97": 0.08, "1": 0.08}),
        (None, 2, {"41": 0.4, "91": 0.32}),
        ("d", 5, {"1": 0.08, "7": 0.02}),
        ("[23]d", 5, {}),
    ],
)
def test_alternatives_by_hand(template: str | None, count: int, expected: dict[str, float]) -> None:
    pattern = None if template is None else Pattern.template(template)
    fits = 0.1 if template == "d" else 1.0
    found = inside(PAIR, "41", pattern).alternatives(count)
    assert dict(found) == pytest.approx(
        {text: one / (fits + EPSILON * (1 - fits)) for text, one in expected.items()}
    )
    confidences = [confidence for _, confidence in found]
    assert confidences == sorted(confidences, reverse=True)


@given(fields(), st.sampled_from([None, "d*", "dd?", "[0-4]+"]))
def test_alternatives_are_the_numbers_of_every_alignment(
    log_probabilities: Doubles, template: str | None
) -> None:
    pattern = None if template is None else Pattern.template(template)
    numbers = {
        text: one
        for text, one in every_number(log_probabilities).items()
        if pattern is None or pattern.fits(text)
    }
    fits = sum(numbers.values()) if pattern else 1.0
    found = most_probable(log_probabilities, pattern, 4)
    assert len(found) == min(4, len(numbers))
    for text, confidence in found:
        assert confidence == pytest.approx(numbers[text] / (fits + EPSILON * (1 - fits)), rel=1e-6)
    best = sorted(numbers.values(), reverse=True)[: len(found)]
    assert [numbers[text] for text, _ in found] == pytest.approx(best)
    if found:
        assert found[0][1] == pytest.approx(read_string(log_probabilities, pattern)[1])


@given(fields())
def test_the_path_spells_the_number_as_no_other_does_better(log_probabilities: Doubles) -> None:
    text = read_string(log_probabilities)[0]
    path = inside(log_probabilities, text).path
    assert len(path) == len(log_probabilities)
    assert spelled(tuple(path)) == text
    assert np.isfinite(log_probabilities[np.arange(len(path)), path]).all()


def test_probabilities_sum_to_one() -> None:
    assert inside(PAIR, "41").probabilities.sum(axis=1) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("value", [0, 255])
def test_there_is_nothing_behind_blank_paper(value: int) -> None:
    blank: Images = np.full((40, 90), value, np.uint8)
    reading, behind = inside_reader()(blank)
    assert behind is None
    assert reading == picture_reader()(blank)


def test_the_reader_shows_what_it_read() -> None:
    drawn = Image.new("L", (120, 60), 230)
    for left in (20, 65):
        ImageDraw.Draw(drawn).ellipse((left, 12, left + 26, 48), outline=30, width=4)
    page = np.asarray(drawn)
    reading, behind = inside_reader()(page)
    assert behind is not None
    assert reading == picture_reader()(page)
    assert behind.text == reading.text == "00"
    assert behind.alternatives()[0] == (reading.text, pytest.approx(reading.confidence))
    columns = (behind.field.ink.shape[1] + 1) // 2  # one for every second of the field's
    assert columns == len(behind.path) == len(behind.probabilities)
