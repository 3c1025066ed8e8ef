import dataclasses
import json
import os

import pytest

from lenet.answers import Answer
from lenet.cli.output.answer_lines import as_text, json_line, printable

SURE = Answer("7", 0.98765432, False, (("7", 0.98765432), ("1", 0.01), ("é", 0.0012)), None)
UNSURE = Answer("a", 0.5, True, (("a", 0.5), ("b", 0.25)), 0.25)


@pytest.mark.parametrize(
    ("name", "answer", "line"),
    [
        ("x.png", SURE, "x.png: 7 98.8%  (1 1.0%, é 0.1%)"),
        ("x.png", UNSURE, "x.png: not sure: a 50.0%  (b 25.0%, none of these 25.0%)"),
        ("a\nb\x1b[2J.png", SURE, r"a\nb\x1b[2J.png: 7 98.8%  (1 1.0%, é 0.1%)"),
    ],
)
def test_a_line_for_people(name: str, answer: Answer, line: str) -> None:
    assert as_text(name, answer) == line


@pytest.mark.parametrize(
    ("answer", "table"),
    [
        (
            SURE,
            {
                "label": "7",
                "probability": 0.987654,
                "rejected": False,
                "several": False,
                "top": [
                    {"label": "7", "probability": 0.987654},
                    {"label": "1", "probability": 0.01},
                    {"label": "é", "probability": 0.0012},
                ],
            },
        ),
        (
            UNSURE,
            {
                "label": "a",
                "probability": 0.5,
                "rejected": True,
                "several": False,
                "top": [{"label": "a", "probability": 0.5}, {"label": "b", "probability": 0.25}],
                "none": 0.25,
            },
        ),
    ],
)
@pytest.mark.parametrize("name", ["x.png", 'a "b"\n.png', "日本.png", os.fsdecode(b"caf\xe9.png")])
def test_a_line_of_json(name: str, answer: Answer, table: dict[str, object]) -> None:
    line = json_line(answer.to_json(name))
    assert json.loads(line) == {"path": name, **table}
    assert "\n" not in line
    line.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain é 日本", "plain é 日本"),
        ("a\tb\r\n", r"a\tb\r\n"),
        ("\x1b[31m", r"\x1b[31m"),
        (os.fsdecode(b"\xe9"), r"\udce9"),
        ("\u202egnp", r"\u202egnp"),  # would write what follows from right to left
    ],
)
def test_nothing_that_a_terminal_would_act_on(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_several_digits_are_said_and_what_reads_them() -> None:
    several = dataclasses.replace(SURE, rejected=True, several=True)
    line = "x.png: not sure: several digits, use 'lenet read'  (one is 7)"
    assert as_text("x.png", several) == line
