"""The cards of the networks that ship are what the scripts write from the raw results."""

import json
import re
from pathlib import Path

import pytest

import lenet
import reader_weights
import weights
from lenet.weights import FOLDER, names

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"


def card(name: str) -> str:
    return (FOLDER / name / "CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in names() if name != "reader"])
def test_a_card_is_written_from_the_results(name: str) -> None:
    results = json.loads((RESULTS / "weights.json").read_text())
    assert weights.card(name, results[name]) == card(name)


def test_the_readers_card_is_too() -> None:
    results = json.loads((RESULTS / "reading.json").read_text())
    assert reader_weights.card(lenet.load("reader"), results) == card("reader")


@pytest.mark.parametrize("name", names())
def test_files_that_a_card_names_are_there(name: str) -> None:
    paths = re.findall(r"[\w/]+/[\w-]+\.(?:md|py)", card(name))
    assert paths
    for path in paths:
        assert (ROOT / path).is_file(), path
