"""The networks that ship with the package still do what their cards say."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lenet
from lenet import weights
from lenet.artifact import Artifact
from lenet.calibration.calibration import none_of_these
from lenet.data import load_data
from lenet.evaluation import evaluate
from lenet.evaluation.accepted_errors import accepted
from lenet.synthesis.negatives import KINDS, held_out_fonts, letters

ROOT = Path(__file__).parent.parent
MEASURED: dict[str, dict[str, Any]] = json.loads(
    (ROOT / "benchmarks" / "results" / "weights.json").read_text()
)
# The reader of numbers has its own tests: tests/benchmarks/test_reader_weights.py.
CLASSIFIERS = [name for name in weights.names() if name != "reader"]


def test_all_that_ship_were_measured() -> None:
    assert set(CLASSIFIERS) == set(MEASURED)
    assert {"digits", "fashion", "lecun1998"} <= set(MEASURED)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_they_are_small_and_complete(name: str) -> None:
    folder = weights.FOLDER / name
    assert {path.name for path in folder.iterdir()} == {
        "CARD.md",
        "config.json",
        "model.safetensors",
    }
    assert sum(path.stat().st_size for path in folder.iterdir()) < 300_000
    artifact = lenet.load(name)
    assert artifact.calibration.thresholds
    assert artifact.origin["seed"] == 0


@pytest.mark.usefixtures("real_cache")
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_they_still_reach_their_figures(name: str) -> None:
    artifact = lenet.load(name)
    told = MEASURED[name]
    size = artifact.network.input_shape
    data = load_data(artifact.origin["data"], (size[1], size[2]))
    assert data.sha256() == told["data_sha256"]
    result = evaluate(artifact, data.test)
    # Other instruction sets round otherwise: one answer of ten thousand may tip over.
    assert result.accuracy == pytest.approx(told["test_accuracy"], abs=1.5e-4)
    assert result.calibration_error == pytest.approx(told["calibration_error"], abs=1e-3)
    for asked in told["asked"]:
        if "rejected" in asked:
            kept = accepted(result, artifact.calibration, asked["error"])
            assert kept.rejected == pytest.approx(asked["rejected"], abs=1e-3)
            assert kept.error == pytest.approx(asked["error_found"], abs=5e-4)
    card = (weights.FOLDER / name / "CARD.md").read_text(encoding="utf-8")
    assert f"{told['test_accuracy']:.2%}" in card


@pytest.fixture
def digits() -> Artifact:
    return lenet.load("digits")


def turned_away(artifact: Artifact, images: np.ndarray[Any, np.dtype[np.uint8]]) -> float:
    shares = artifact.calibration.probabilities(artifact.network, artifact.forward(images))
    assert artifact.calibration.most_none is not None
    return float((none_of_these(shares) > artifact.calibration.most_none).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_digit_is_turned_away(digits: Artifact, kind: str) -> None:
    images = KINDS[kind](400, np.random.default_rng(77))
    # Some scribbles do look like a digit.
    assert turned_away(digits, images) >= (0.8 if kind == "scribbles" else 0.95)


def test_letters_of_other_fonts_are_turned_away(digits: Artifact) -> None:
    images = letters(400, np.random.default_rng(77), held_out_fonts())
    assert turned_away(digits, images) >= 0.95


@pytest.mark.usefixtures("real_cache")
def test_clothing_is_turned_away_and_digits_are_not(digits: Artifact) -> None:
    assert turned_away(digits, load_data("fashion-mnist").test.images) >= 0.95
    assert turned_away(digits, load_data("mnist").test.images) <= 0.01
