import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.errors import LenetError
from lenet.reading.pattern import Pattern

ITEMS = st.sampled_from(["d", "0", "7", "[0-4]", "[135]", "[0-25-79]", "[8]"])
TIMES = st.sampled_from(["", "", "?", "*", "+", "{0}", "{2}", "{0,2}", "{1,3}", "{2,2}"])
TEMPLATES = st.lists(st.tuples(ITEMS, TIMES), max_size=4).map(
    lambda parts: "".join(item + times for item, times in parts)
)


def regex(template: str) -> re.Pattern[str]:
    return re.compile(template.replace("d", "[0-9]"))


@given(TEMPLATES, st.data())
def test_fits_what_the_regular_expression_matches(template: str, data: st.DataObject) -> None:
    pattern = Pattern.template(template)
    number = st.one_of(
        st.text("0123456789", max_size=6), st.from_regex(regex(template), fullmatch=True)
    )
    text = data.draw(number)
    assert pattern.fits(text) == bool(regex(template).fullmatch(text))


@given(TEMPLATES)
def test_every_state_is_reached_and_leads_to_an_end(template: str) -> None:
    pattern = Pattern.template(template)
    states = range(len(pattern.transitions))
    steps = {s: set(pattern.transitions[s]) - {None} for s in states}
    reached = {0}
    for _ in states:
        reached |= {to for s in reached for to in steps[s] if to is not None}
    assert reached == set(states)
    ending = {s for s in states if pattern.accepting[s]}
    for _ in states:
        ending |= {s for s in states if steps[s] & ending}
    assert ending == set(states)


@pytest.mark.parametrize(
    ("template", "fitting", "other"),
    [
        ("", [""], ["0"]),
        ("dddd", ["0000", "1998"], ["", "199", "19980"]),
        ("19dd", ["1998", "1900"], ["2019", "198"]),
        ("[1-9]d{0,2}00", ["100", "9900", "99900"], ["000", "99", "110", "999900"]),
        ("[135]?d", ["7", "37"], ["27", ""]),
        ("d*1d", ["10", "111", "2210"], ["01", "1", "200"]),
        ("0+", ["0", "000"], ["", "01"]),
        ("d{100}", ["5" * 100], ["5" * 99, "5" * 101]),
    ],
)
def test_templates_by_hand(template: str, fitting: list[str], other: list[str]) -> None:
    pattern = Pattern.template(template)
    assert all(map(pattern.fits, fitting))
    assert not any(map(pattern.fits, other))


@pytest.mark.parametrize("count", [0, 1, 7, 100])
def test_length(count: int) -> None:
    pattern = Pattern.length(count)
    assert [n for n in range(103) if pattern.fits("3" * n)] == [count]
    assert pattern == Pattern.template("d" * count)
    assert hash(pattern) == hash(Pattern.template("d" * count))


def test_step_by_step() -> None:
    pattern = Pattern.template("[0-4]?7")
    start = pattern.transitions[0]
    assert start[5] is None
    after = start[3]
    assert after is not None
    assert not pattern.accepting[after]
    end = pattern.transitions[after][7]
    assert end == start[7]
    assert end is not None
    assert pattern.accepting[end]
    assert pattern.transitions[end] == (None,) * 10


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("dxd", "has 'x' at character 2"),
        ("d d", "has ' ' at character 2"),
        ("*", r"has '\*' at character 1"),
        ("d?*", r"has '\*' at character 3"),
        ("d{2}{3}", "has '{' at character 5"),
        ("٣", "at character 1"),
        ("D", "has 'D' at character 1"),
        ("dd]", "has ']' at character 3"),
        ("d[", "has a set at character 2"),
        ("d[]", "has a set at character 2"),
        ("[135", "has a set at character 1"),
        ("[1-]", "has a set at character 1"),
        ("[a-z]", "has a set at character 1"),
        ("[^0]", "has a set at character 1"),
        ("d[14-2]", "has the range 4-2 at character 2: write 2-4"),
        ("d{", "has '{' at character 2"),
        ("d{}", "has '{' at character 2"),
        ("d{2", "has '{' at character 2"),
        ("d{,2}", "has '{' at character 2"),
        ("d{2,}", "has '{' at character 2"),
        ("d{٣}", "has '{' at character 2"),
        ("d{3,2}", r"has \{3,2\} at character 2: write \{2,3\}"),
        ("d{101}", r"has \{101\} at character 2: give at most 100"),
        ("d{99999999999}", "at character 2: give at most 100"),
        ("d{60}d{60}", "has more than 100 digits at character 6"),
        ("d*1d{20}", "needs more than 1000 states"),
    ],
)
def test_malformed_templates_say_where(template: str, message: str) -> None:
    with pytest.raises(LenetError, match=message):
        Pattern.template(template)


@pytest.mark.parametrize("count", [-1, 101])
def test_lengths_that_no_number_has(count: int) -> None:
    with pytest.raises(LenetError, match=f"cannot be {count} digits long"):
        Pattern.length(count)
