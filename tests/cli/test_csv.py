"""``--csv`` of `lenet predict` and `lenet read`: the answers of ``--json``, as a table."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli.command import lenet
from tests.serving.service import drawn

CLASSES = [
    "path",
    "label",
    "probability",
    "rejected",
    "several",
    "label_2",
    "probability_2",
    "label_3",
    "probability_3",
    "none",
    "error",
]
NUMBERS = ["path", "text", "confidence", "rejected", "error"]
NAMES = [
    "7.png",
    "a, b.png",
    'say "7".png',
    "two\nlines.png",
    "old\rline.png",
    "ä 数.png",
    " space .png",
    "=1+1.png",
]


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        drawn().save(name)
    Path("bad.png").write_text("no picture")
    Image.new("L", (40, 40), 255).save("blank.png")


def table(*arguments: str | bytes) -> tuple[list[str], list[dict[str, str]]]:
    rows = csv.DictReader(io.StringIO(lenet(*arguments, "--csv").stdout, newline=""), strict=True)
    found = list(rows)
    assert rows.fieldnames is not None
    return list(rows.fieldnames), found


def objects(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lenet(*arguments, "--json").stdout.splitlines()]


def as_cells(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("network", ["digits", "chapter"])  # with and without a class "none"
def test_a_row_has_what_the_object_has(network: str) -> None:
    asked = ("predict", network, *NAMES, "bad.png", "missing.png", "blank.png")
    head, rows = table(*asked)
    assert head == CLASSES
    expected = objects(*asked)
    assert len(rows) == len(expected) == len(NAMES) + 3
    for row, one in zip(rows, expected, strict=True):
        assert None not in row  # no row is longer than the header
        for rank, answer in enumerate(one.pop("top", [])[1:], start=2):
            one |= {f"{key}_{rank}": value for key, value in answer.items()}
        assert row == {column: as_cells(one.get(column)) for column in CLASSES}


def test_a_number_is_a_row_too() -> None:
    asked = ("read", *NAMES, "bad.png", "blank.png")
    head, rows = table(*asked)
    assert head == NUMBERS
    for row, one in zip(rows, objects(*asked), strict=True):
        assert row == {column: as_cells(one.get(column)) for column in NUMBERS}
    assert [row["text"] for row in rows] == ["7"] * len(NAMES) + ["", ""]


@pytest.mark.parametrize("command", ["predict", "read"])
def test_errors_are_rows_and_the_exit_code_is_that_of_json(command: str) -> None:
    done = lenet(command, "bad.png", "7.png", "--csv")
    assert (done.returncode, done.stderr) == (2, "")
    assert [line.partition(",")[0] for line in done.stdout.splitlines()] == [
        "path",
        "bad.png",
        "7.png",
    ]
    assert lenet(command, "7.png", "--csv").returncode == 0


def test_a_name_that_is_not_utf8_is_escaped() -> None:
    name = os.fsdecode(b"caf\xe9.png")
    drawn().save(name)
    _, rows = table("predict", os.fsencode(name))
    assert rows[0]["path"] == r"caf\udce9.png"


@pytest.mark.parametrize("command", ["predict", "read"])
@pytest.mark.parametrize("words", [["7.png"], []])
def test_two_formats_at_once_are_refused(command: str, words: list[str]) -> None:
    done = lenet(command, *words, "--csv", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--csv and --json exclude each other; leave out one of them." in done.stderr
