import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reading.brute import NONE, Doubles, every_number, fields, trellis

from lenet.reading.decoder import EPSILON, prior, read_string
from lenet.reading.pattern import Pattern
from lenet.reading.search import WIDTH
from lenet.reading.trellis import digit_confidences

# 41 0.4, 91 0.32, 47 0.1, 97 0.08, 1 0.08, 7 0.02.
PAIR = trellis({4: 0.5, 9: 0.4, NONE: 0.1}, {NONE: 1.0}, {1: 0.8, 7: 0.2})


def discounted(probability: float, fits: float) -> float:
    return probability / (fits + EPSILON * (1 - fits))


@pytest.mark.parametrize(
    ("template", "text", "confidence"),
    [
        (None, "41", 0.4),
        ("dd", "41", discounted(0.4, 0.9)),
        ("[5-9]d", "91", discounted(0.32, 0.4)),
        ("d", "1", discounted(0.08, 0.1)),
        ("d7", "47", discounted(0.1, 0.18)),
        ("97", "97", discounted(0.08, 0.08)),  # hardly fits: not believed, though nothing else does
        ("d{3}", "", 0.0),
        ("[23]d", "", 0.0),
    ],
)
def test_formats_by_hand(template: str | None, text: str, confidence: float) -> None:
    pattern = None if template is None else Pattern.template(template)
    assert read_string(PAIR, pattern) == (text, pytest.approx(confidence))


def even_sum(number: str) -> bool:
    return sum(map(int, number)) % 2 == 0


@pytest.mark.parametrize(
    ("template", "text", "confidence"),
    [
        # 91 0.32 and 97 0.08 pass; 41 and 47, 1 and 7 have odd sums.
        (None, "91", discounted(0.32, 0.4)),
        ("d7", "97", discounted(0.08, 0.08)),
        ("4d", "", 0.0),
    ],
)
def test_a_check_by_hand(template: str | None, text: str, confidence: float) -> None:
    pattern = None if template is None else Pattern.template(template)
    assert read_string(PAIR, pattern, even_sum) == (text, pytest.approx(confidence))


def test_an_empty_field_is_empty_and_sure_of_it() -> None:
    assert read_string(trellis({NONE: 1.0}, {NONE: 1.0})) == ("", 1.0)
    assert read_string(trellis()) == ("", 1.0)
    assert read_string(trellis(), Pattern.length(3)) == ("", 0.0)
    assert read_string(trellis({NONE: 1.0}), check=lambda number: number == "") == ("", 1.0)


def test_what_never_passes_is_not_answered() -> None:
    assert read_string(PAIR, check=lambda number: False) == ("", 0.0)


def test_a_check_is_asked_about_three_hundred_numbers_at_most() -> None:
    # Of 2047 numbers of up to ten digits 1111111111 is far from the first 300.
    column = {0: 0.6, 1: 0.2, NONE: 0.2}
    field = trellis(*(c for _ in range(10) for c in (column, {NONE: 1.0})))
    asked: list[str] = []

    def only_ones(number: str) -> bool:
        asked.append(number)
        return number == "1" * 10

    assert read_string(field, check=only_ones) == ("", 0.0)
    assert len(asked) == len(set(asked)) == 300
    # 45 ways to leave two columns out, and 0.6^8 * 0.2^2 each; seven, nine and ten zeros have less.
    assert asked[0] == "0" * 8


@given(fields(), st.sampled_from([None, "dd", "d{1,3}", "d*[0-4]"]), st.booleans())
def test_against_all_numbers(field: Doubles, template: str | None, checked: bool) -> None:
    pattern = None if template is None else Pattern.template(template)
    numbers = {
        number: probability
        for number, probability in every_number(field).items()
        if (pattern is None or pattern.fits(number)) and (not checked or even_sum(number))
    }
    text, confidence = read_string(field, pattern, even_sum if checked else None)
    if not numbers:
        assert (text, confidence) == ("", 0.0)
        return
    best = max(numbers.values())
    # The exact order ends where a number has 1/32 of what fits; a check makes the search wider.
    assert numbers[text] == pytest.approx(best) or (
        not checked and best < sum(numbers.values()) / WIDTH
    )
    total = sum(numbers.values()) if template is not None or checked else 1.0
    if checked:  # what is not counted is less probable than a thousandth of the answer, or just so
        assert confidence >= discounted(numbers[text], total) * (1 - 1e-9)
        total = sum(p for p in numbers.values() if p > 1.000001e-3 * numbers[text])
        assert confidence <= discounted(numbers[text], total) * (1 + 1e-9)
    else:
        assert confidence == pytest.approx(discounted(numbers[text], total))
    assert 0 <= confidence <= 1


def test_what_the_check_raises_is_the_callers() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        read_string(trellis({NONE: 1.0}), check=lambda number: int(number) % 2 == 0)


@given(st.lists(fields(), min_size=2, max_size=3))
def test_of_several_members_the_best_mean_wins(members: list[Doubles]) -> None:
    totals: dict[str, float] = {}
    for member in members:
        for number, probability in every_number(member).items():
            totals[number] = totals.get(number, 0.0) + probability / len(members)
    text, confidence = read_string(members)
    assert confidence == pytest.approx(totals.get(text, 0.0))
    # Each member proposes three: what is none's is less probable than the third of each.
    assert confidence >= max(totals.values()) / len(members) - 1e-9


def test_members_that_disagree_are_averaged_and_a_format_decides() -> None:
    members = [trellis({1: 0.9, NONE: 0.1}), trellis({1: 0.2, 7: 0.7, NONE: 0.1})]
    assert read_string(members) == ("1", pytest.approx(0.55))
    assert read_string(members, Pattern.template("7")) == (
        "7",
        pytest.approx(discounted(0.35, 0.35)),
    )
    assert read_string(members, check=lambda number: number == "7") == (
        "7",
        pytest.approx(discounted(0.35, 0.35)),
    )
    assert read_string(members, Pattern.length(2)) == ("", 0.0)


@given(
    st.lists(fields(most=3), min_size=1, max_size=3),
    st.sampled_from([None, "d", "dd", "[1-4]d*", "d{2,3}"]),
)
def test_no_digit_is_less_confident_than_its_number(
    members: list[Doubles], template: str | None
) -> None:
    pattern = None if template is None else Pattern.template(template)
    text, confidence = read_string(members, pattern)
    for digit in digit_confidences(members, text, prior(pattern)):
        assert digit >= confidence - 1e-9
