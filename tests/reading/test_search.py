import re
from itertools import islice
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reading.brute import NONE, Doubles, every_number, fields, network_like, trellis
from tests.reading.strings import best_strings, forward_penalty, log_total

from lenet.reading.pattern import Pattern
from lenet.reading.search import WIDTH, Search

TEMPLATES = ["d*", "dd", "d{2,3}", "[0-4]d*", "d*[5-9]", "0?d?", "[13579]+", "d+0*", "(none)"]


def matches(template: str, text: str) -> bool:
    return template == "(none)" or bool(re.fullmatch(template.replace("d", r"\d"), text))


def pattern_of(template: str) -> Pattern | None:
    return None if template == "(none)" else Pattern.template(template)


@given(fields(), st.sampled_from(TEMPLATES), st.sampled_from([1, 3, 1000]))
def test_the_best_strings_are_those_of_all_strings(
    field: Doubles, template: str, count: int
) -> None:
    numbers = {t: p for t, p in every_number(field).items() if matches(template, t)}
    found = best_strings(field, pattern_of(template), count)
    assert len(found) == min(count, len(numbers))
    assert len({text for text, _ in found}) == len(found)
    for text, probability in found:
        assert probability == pytest.approx(log(numbers[text]), abs=1e-9)
    expected = sorted(numbers.values(), reverse=True)[:count]
    sure = [p for p in expected if p > sum(numbers.values()) / max(count, WIDTH)]
    assert [exp(p) for _, p in found][: len(sure)] == pytest.approx(sure)


@given(fields(), st.sampled_from(TEMPLATES[:-1]))
def test_the_total_is_the_sum_over_all_that_fit(field: Doubles, template: str) -> None:
    total = sum(p for t, p in every_number(field).items() if matches(template, t))
    assert exp(log_total(field, Pattern.template(template))) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize(
    ("columns", "template", "text", "probability"),
    [
        ([], "(none)", "", 1.0),
        ([], "d*", "", 1.0),
        ([{NONE: 1.0}] * 3, "(none)", "", 1.0),
        ([{7: 0.4, NONE: 0.6}], "(none)", "", 0.6),
        ([{7: 0.4, NONE: 0.6}], "d", "7", 0.4),
        # The best path is empty, 0.36; but three alignments spell 7.
        ([{7: 0.4, NONE: 0.6}] * 2, "(none)", "7", 0.64),
        ([{0: 1.0}, {NONE: 1.0}, {0: 1.0}], "(none)", "00", 1.0),
        # No gap, so 00 is impossible, and 0 all that fits.
        ([{0: 0.9, 1: 0.1}] * 2, "0+", "0", 0.81),
        # The pattern takes the second choice of one column, not the whole answer of another.
        ([{4: 0.9, 9: 0.1}, {1: 0.8, 7: 0.2}], "[5-9]d", "91", 0.08),
    ],
)
def test_small_fields_by_hand(
    columns: list[dict[int, float]], template: str, text: str, probability: float
) -> None:
    found = best_strings(trellis(*columns), pattern_of(template))
    assert found == [(text, pytest.approx(log(probability)))]


@pytest.mark.parametrize(
    ("columns", "template"),
    [
        ([], "d"),
        ([{0: 0.5, NONE: 0.5}] * 2, "00"),
        ([{0: 0.5, NONE: 0.5}] * 2, "d{3}"),
        ([{0: 1.0}, {}], "(none)"),
    ],
)
def test_nothing_fits(columns: list[dict[int, float]], template: str) -> None:
    assert best_strings(trellis(*columns), pattern_of(template), 5) == []
    assert log_total(trellis(*columns), pattern_of(template) or Pattern.template("d*")) == -inf


def test_as_many_as_are_asked_for() -> None:
    any_digit = dict.fromkeys(range(10), 0.1)
    found = best_strings(trellis(any_digit, {NONE: 1.0}, any_digit), count=100)
    assert sorted(text for text, _ in found) == [f"{number:02}" for number in range(100)]


@pytest.mark.parametrize("template", ["(none)", "d{5}", "d{3,6}", "[1-9]d*0"])
@pytest.mark.parametrize("seed", range(4))
def test_in_long_fields_nothing_found_is_wrong_and_nothing_probable_missed(
    template: str, seed: int
) -> None:
    """All eleven symbols in thirty columns: too many to try, but wide searches find the same."""
    random = np.random.default_rng(seed)
    field = network_like(30, 1.0, seed)
    field[:, NONE] += 6
    for at in (3, 9, 15, 20, 26):
        field[at, random.integers(10)] += 12
    field -= np.logaddexp.reduce(field, axis=1, keepdims=True)
    found = best_strings(field, pattern_of(template), 20)
    search = Search.of(field, pattern_of(template) or Pattern.template("d*"))
    wide = list(islice(search.strings(2000), 20))
    assert [text for text, _ in found] == [text for text, _ in wide]
    for text, probability in found:
        assert matches(template, text)
        assert probability == pytest.approx(-forward_penalty(field, text), abs=1e-9)
    probabilities = [p for _, p in found]
    assert probabilities == sorted(probabilities, reverse=True)


@given(st.integers(1, 12), st.integers(0, 1000), st.integers(1, 8))
def test_a_narrow_search_misses_only_what_is_less_probable_than_it_says(
    columns: int, seed: int, width: int
) -> None:
    field = network_like(columns, 2.0, seed)
    search = Search.of(field, Pattern.template("d{0,2}"))
    every = list(search.strings(10_000))
    narrow = dict(search.strings(width))
    assert sum(p for _, p in every) == pytest.approx(search.total)
    for text, probability in every:
        if probability > search.total / width * (1 + 1e-9):
            assert narrow[text] == pytest.approx(probability)


@pytest.mark.parametrize("field", [np.zeros((3, 10)), np.zeros(11), np.full((2, 11), np.nan)])
def test_what_are_no_log_probabilities_is_refused(field: Doubles) -> None:
    with pytest.raises(ValueError, match="log probabilities are numbers"):
        best_strings(field)
    with pytest.raises(ValueError, match="log probabilities are numbers"):
        log_total(field, Pattern.length(2))


def test_float32_scores_do() -> None:
    field = network_like(20, 3.0, seed=1)
    ((text, probability),) = best_strings(field.astype(np.float32))
    assert ((text, pytest.approx(probability, abs=1e-4)),) == tuple(best_strings(field))
