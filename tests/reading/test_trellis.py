from itertools import product
from math import exp, inf, log

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.reading.brute import NONE, Doubles, every_number, fields, network_like, spelled, trellis
from tests.reading.strings import forward_penalty

from lenet.errors import LenetError
from lenet.reading.trellis import alignment, digit_confidences, string_probabilities

HALVES = {0: 0.5, NONE: 0.5}


@pytest.mark.parametrize(
    ("columns", "text", "probability"),
    [
        ([], "", 1.0),
        ([], "0", 0.0),
        ([HALVES], "", 0.5),
        ([HALVES], "0", 0.5),
        ([HALVES], "1", 0.0),
        ([HALVES], "00", 0.0),
        # Of the eight alignments of three columns one is empty, and 0-0 alone has a gap.
        ([HALVES] * 3, "", 1 / 8),
        ([HALVES] * 3, "0", 6 / 8),
        ([HALVES] * 3, "00", 1 / 8),
        ([HALVES] * 2, "00", 0.0),
        ([{0: 1.0}, {1: 1.0}], "01", 1.0),  # different digits need no gap
        ([{0: 0.25, 1: 0.75}] * 2, "10", 3 / 16),
        ([{0: 0.25, 1: 0.75}] * 2, "1", 9 / 16),
        ([{}, {0: 1.0}], "0", 0.0),  # a column in which nothing is possible
    ],
)
def test_probabilities_by_hand(
    columns: list[dict[int, float]], text: str, probability: float
) -> None:
    field = trellis(*columns)
    assert string_probabilities(field, [text]) == [pytest.approx(probability, abs=1e-12)]
    expected = -log(probability) if probability else inf
    assert forward_penalty(field, text) == pytest.approx(expected, abs=1e-12)


@given(fields())
def test_each_number_has_the_sum_over_its_alignments(field: Doubles) -> None:
    numbers = every_number(field)
    found = string_probabilities(field, list(numbers))
    assert found == pytest.approx(list(numbers.values()), rel=1e-9)
    assert sum(found) == pytest.approx(1.0)
    for text, probability in numbers.items():
        assert forward_penalty(field, text) == pytest.approx(-log(probability), abs=1e-9)


@pytest.mark.parametrize("text", ["", "7", "00", "1123", "0123456789", "555555"])
@pytest.mark.parametrize("sharpness", [0.5, 5.0, 50.0])
def test_pytorch_has_the_same_loss(text: str, sharpness: float) -> None:
    field = network_like(40, sharpness, seed=len(text))
    loss = torch.nn.functional.ctc_loss(
        torch.from_numpy(field)[:, None],
        torch.tensor([[int(digit) for digit in text]], dtype=torch.long).reshape(1, -1),
        torch.tensor([40]),
        torch.tensor([len(text)]),
        blank=NONE,
        reduction="none",
    )
    assert forward_penalty(field, text) == pytest.approx(loss.item(), rel=1e-10)
    (probability,) = string_probabilities(field, [text])
    assert probability == pytest.approx(exp(-loss.item()), rel=1e-9, abs=1e-300)


def test_a_number_that_pytorch_cannot_align_has_an_infinite_penalty() -> None:
    field = network_like(3, 1.0, seed=0)
    for text in ("000", "0123"):
        assert forward_penalty(field, text) == inf
        assert string_probabilities(field, [text]) == [0.0]


@given(fields())
def test_alignment_is_the_most_probable_path(field: Doubles) -> None:
    for text in every_number(field):
        spans = alignment(field, text)
        # What is left to choose is how the path goes on between: NONE, as it is in an alignment.
        path = [NONE] * len(field)
        for digit, (first, end) in zip(text, spans, strict=True):
            assert first < end
            path[first:end] = [int(digit)] * (end - first)
        assert spelled(tuple(path)) == text
        score = sum(field[at, symbol] for at, symbol in enumerate(path))
        assert score == pytest.approx(best_path(field, text), abs=1e-9)


def best_path(field: Doubles, text: str) -> float:
    """Return the highest score of a path that spells a text, by trying all."""
    possible = [np.flatnonzero(column > -np.inf).tolist() for column in field]
    return max(
        float(sum(field[at, symbol] for at, symbol in enumerate(path)))
        for path in product(*possible)
        if spelled(path) == text
    )


def test_alignment_of_a_clear_field() -> None:
    columns = [NONE, 3, 3, NONE, 0, NONE, 0, 0, 5, NONE]
    field = trellis(*({s: 0.9, (s + 1) % 11: 0.1} for s in columns))
    assert alignment(field, "3005") == [(1, 3), (4, 5), (6, 8), (8, 9)]


def test_the_empty_number_lies_nowhere() -> None:
    assert alignment(trellis(HALVES, HALVES), "") == []
    assert alignment(trellis(), "") == []


@pytest.mark.parametrize("text", ["00", "1", "012"])
def test_what_cannot_stand_there_has_no_alignment(text: str) -> None:
    with pytest.raises(LenetError, match=f"'{text}' has the probability 0 in these 2 columns"):
        alignment(trellis(HALVES, HALVES), text)


@given(fields(most=4))
def test_digit_confidences_weigh_the_alternatives(field: Doubles) -> None:
    numbers = every_number(field)
    for text, probability in numbers.items():
        confidences = digit_confidences([field], text)
        assert len(confidences) == len(text)
        for at, confidence in enumerate(confidences):
            alternatives = {text[:at] + new + text[at + 1 :] for new in ("", *"0123456789")}
            total = sum(numbers.get(other, 0.0) for other in alternatives)
            assert confidence == pytest.approx(probability / total, rel=1e-9)
            assert confidence >= probability - 1e-12


@given(fields(most=4))
def test_digit_confidences_weigh_rarer_numbers_less(field: Doubles) -> None:
    numbers = every_number(field)
    for text, probability in numbers.items():

        def prior(number: str, text: str = text) -> float:
            return 1.0 if number == text or number.endswith(("4", "9")) else 0.01

        confidences = digit_confidences([field], text, prior)
        known = sum(prior(number) * value for number, value in numbers.items())
        for at, confidence in enumerate(confidences):
            alternatives = {text[:at] + new + text[at + 1 :] for new in ("", *"0123456789")}
            total = sum(prior(other) * numbers.get(other, 0.0) for other in alternatives)
            assert confidence == pytest.approx(probability / total, rel=1e-9)
            assert confidence >= probability / known - 1e-12  # that of the whole number


@given(st.lists(fields(most=3), min_size=2, max_size=3))
def test_of_several_members_the_mean_probability_counts(members: list[Doubles]) -> None:
    numbers = [every_number(member) for member in members]
    for text in set[str]().union(*numbers):

        def mean(number: str) -> float:
            return sum(one.get(number, 0.0) for one in numbers) / len(numbers)

        for at, confidence in enumerate(digit_confidences(members, text)):
            alternatives = {text[:at] + new + text[at + 1 :] for new in ("", *"0123456789")}
            assert confidence == pytest.approx(mean(text) / sum(map(mean, alternatives)), rel=1e-9)
            assert confidence >= mean(text) - 1e-12


def test_digit_confidences_point_at_the_doubtful_digit() -> None:
    field = trellis({4: 1.0}, {NONE: 1.0}, {4: 0.6, 9: 0.3, NONE: 0.1}, {NONE: 1.0}, {7: 1.0})
    # Without either of its 4s, 447 is 47, which has 0.1.
    assert digit_confidences([field], "447") == pytest.approx([0.6 / 0.7, 0.6, 1.0])
    assert digit_confidences([field], "497") == pytest.approx([1.0, 0.3, 1.0])
    assert digit_confidences([field], "457") == [0.0, 0.0, 0.0]  # impossible
    assert digit_confidences([field], "") == []


def probability_of(field: Doubles, text: str) -> list[float]:
    return string_probabilities(field, [text])


def confidences_of_one(field: Doubles, text: str) -> list[float]:
    return digit_confidences([field], text)


@given(st.integers(0, 3), st.sampled_from(["1a", "-1", " 1", "1.5", "½", "٣", "1\n"]))
def test_what_is_no_number_is_refused(columns: int, text: str) -> None:
    field = network_like(columns, 1.0, seed=0)
    for function in (probability_of, alignment, confidences_of_one):
        with pytest.raises(LenetError, match="give the digits 0 to 9 alone"):
            function(field, text)


@pytest.mark.parametrize("field", [np.zeros((3, 10)), np.zeros(11), np.full((2, 11), np.nan)])
def test_what_are_no_log_probabilities_is_refused(field: Doubles) -> None:
    for function in (probability_of, alignment, confidences_of_one):
        with pytest.raises(ValueError, match="log probabilities are numbers"):
            function(field, "1")


@given(fields(), st.lists(st.text("0123456789", max_size=4), max_size=6))
def test_many_probabilities_are_those_of_each(field: Doubles, numbers: list[str]) -> None:
    found = string_probabilities(field, numbers)
    assert found == pytest.approx([exp(-forward_penalty(field, one)) for one in numbers])
