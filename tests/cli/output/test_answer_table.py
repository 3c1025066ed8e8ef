from io import BytesIO, StringIO, TextIOWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from lenet.answers import Answer
from lenet.cli.output.answer_table import AnswerTable

DIGITS = tuple("0123456789")
ODD = ("ankle boot", "日本の靴と帽子と手袋と靴下", "a\nb", "t-shirt")


def rows(
    width: int, answers: list[tuple[str, Answer]], classes: tuple[str, ...] = DIGITS
) -> list[str]:
    text = StringIO()
    console = Console(file=text, width=width, force_terminal=True, color_system=None)
    table = AnswerTable(console, classes, answers[0][1].none is not None)
    for name, answer in answers:
        table.add(name, answer)
    return text.getvalue().splitlines()


def answer(
    shares: tuple[float, ...],
    classes: tuple[str, ...] = DIGITS,
    rejected: bool = False,
    none: float | None = None,
) -> Answer:
    top = tuple(zip(classes, shares, strict=False))
    return Answer(*top[0], rejected, top, none)


def test_a_table_as_it_should_look() -> None:
    found = rows(
        80,
        [
            ("scans/1.png", answer((0.975, 0.0125, 0.0))),
            ("scans/" + 3 * "very-long-name-" + ".png", answer((0.5, 0.25, 0.2), rejected=True)),
        ],
    )
    assert found == [
        "picture              answer    likeliest",
        "scans/1.png          0         0 █████▉  97.5%  1 ▏        1.2%  2          0.0%",
        "…ery-long-name-.png  not sure  0 ███     50.0%  1 █▌      25.0%  2 █▎      20.0%",
    ]


@pytest.mark.parametrize(
    ("width", "heading", "bars"),
    [
        (140, "likeliest", 3),
        (100, "likeliest", 3),
        (75, "likeliest", 2),
        (60, "probability", 1),
        (40, "probability", 1),
    ],
)
def test_what_is_left_out_where_it_is_narrow(width: int, heading: str, bars: int) -> None:
    head, row = rows(width, [("x.png", answer((0.5, 0.3, 0.2), none=0.05))])
    assert heading in head
    assert row.count("%") == bars + 1
    assert head.endswith("none of these" if width >= 60 else "none")
    assert row.endswith("5.0%")


def test_a_terminal_without_blocks_gets_signs() -> None:
    file = TextIOWrapper(BytesIO(), encoding="ascii")
    table = AnswerTable(Console(file=file, width=90, force_terminal=True), DIGITS, False)
    table.add("x.png", answer((0.5, 0.3, 0.2)))
    file.seek(0)
    assert "0 ###    " in file.read()


@given(
    st.integers(1, 200),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=4),
    st.sampled_from([DIGITS, ODD]),
    st.sampled_from([None, 0.3]),
    st.lists(st.floats(0, 1), min_size=3, max_size=3),
    st.booleans(),
)
def test_every_row_is_one_line_that_fits(
    width: int,
    names: list[str],
    classes: tuple[str, ...],
    none: float | None,
    shares: list[float],
    rejected: bool,
) -> None:
    one = answer(tuple(shares), classes, rejected, none)
    found = rows(width, [(name, one) for name in names], classes)
    assert len(found) == 1 + len(names)
    assert all(cell_len(line) <= width for line in found)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5))
def test_columns_stand_below_each_other(shares: list[tuple[float, float]]) -> None:
    _, *found = rows(100, [("x.png", answer((*both, 0.5))) for both in shares])
    assert len({tuple(k for k, sign in enumerate(row) if sign == "%") for row in found}) == 1
