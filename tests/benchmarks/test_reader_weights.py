"""The reader that ships still does what docs/read.md says of drawn pictures."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.benchmarks.test_reading import script

import lenet
from lenet import weights
from lenet.reading.reader import picture_reader
from lenet.training.reader_recipe import reader_members

ROOT = Path(__file__).parents[2]
MEASURED: dict[str, Any] = json.loads(
    (ROOT / "benchmarks" / "results" / "reading.json").read_text(encoding="utf-8")
)

pytestmark = pytest.mark.slow
# Other instruction sets and Pillows round otherwise: of a hundred pictures a few may tip over.
SLACK = 3


def test_it_is_small_and_complete() -> None:
    folder = weights.FOLDER / "reader"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {str(path.relative_to(folder)) for path in files} == {
        "CARD.md",
        "config.json",
        "model.safetensors",
        "beside-1/config.json",
        "beside-1/model.safetensors",
    }
    assert sum(path.stat().st_size for path in files) < 1_000_000
    reader = lenet.load("reader")
    networks = [network for network, _ in reader_members()]
    assert [one.network for one in reader.members] == networks
    assert reader.calibration.thresholds
    measured = MEASURED["cheques"]["test"]["lenet read"]
    share = f"{measured['right'] / measured['strings']:.1%} of {measured['strings']}"
    assert share in (folder / "CARD.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("real_cache")
def test_it_still_reads_what_is_drawn() -> None:
    found = script("reading_drawn").cases(picture_reader())
    assert list(found) == list(MEASURED["cases"])
    for kind, told in MEASURED["cases"].items():
        assert found[kind]["right"] >= told["right"] - SLACK, kind
        assert found[kind]["wrong"] <= told["wrong"] + SLACK, kind


@pytest.mark.usefixtures("real_cache")
def test_it_still_leaves_alone_what_is_no_number() -> None:
    found = script("reading_drawn").nothing(picture_reader())
    for kind, told in MEASURED["nothing"].items():
        least = told["rejected"] - SLACK * told["pictures"] / 100
        assert found[kind]["rejected"] >= least, kind
