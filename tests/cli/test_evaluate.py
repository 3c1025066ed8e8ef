"""`lenet evaluate` of a network with a calibration: what it says of its confidence."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.command import lenet
from tests.conftest import bars

from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.calibration.interval import wilson_interval
from lenet.data import load_data
from lenet.evaluation import evaluate
from lenet.networks import lenet_network


@pytest.fixture
def images(class_folder: Callable[..., Path]) -> Path:
    return class_folder(bars(100, 4))


@pytest.fixture
def artifact(images: Path) -> Artifact:
    """A network that guesses, in two folders: calibrated, and as training left it."""
    network = lenet_network(classes=4)
    random = np.random.default_rng(1)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    classes = load_data(str(images)).classes
    plain = Artifact(network, weights, classes, origin={"data": str(images), "seed": 0})
    shares = Calibration(20.0).probabilities(
        network, plain.forward(load_data(str(images)).test.images)
    )
    half = float(np.median(shares.max(axis=1)))
    fitted = replace(plain, calibration=Calibration(20.0, ((0.005, 1.0), (0.2, half))))
    for name, one in (("plain", plain), ("fitted", fitted)):
        Path(name).mkdir()
        one.save(Path(name))
    return fitted


def test_the_figures_of_its_confidence(artifact: Artifact, images: Path) -> None:
    result = evaluate(artifact, load_data(str(images)).test)
    said = json.loads(lenet("evaluate", "fitted", "--json").stdout)
    assert said["calibration_error"] == pytest.approx(result.calibration_error)
    assert said["rejected_at_half_percent"] == result.rejected_at_half_percent
    assert not {"rejected", "accepted_error"} & set(said)
    kept = result.confidence >= artifact.calibration.threshold(0.3)
    assert 0 < np.count_nonzero(kept) < len(kept)
    wrong = int(np.count_nonzero(kept & ~result.correct))
    said = json.loads(lenet("evaluate", "fitted", "--json", "--reject-error", "30%").stdout)
    assert said["rejected"] == pytest.approx(1 - kept.mean())
    assert said["accepted_error"] == wrong / np.count_nonzero(kept)
    assert said["accepted_error_interval"] == list(wilson_interval(wrong, int(kept.sum())))
    done = lenet("evaluate", "fitted", "--reject-error", "30%")
    assert f"calibration error {result.calibration_error:.2%}" in done.stdout
    rates = f"rejects {1 - kept.mean():.1%}; error rate {wrong / kept.sum():.2%} among the accepted"
    assert rates in done.stdout


@pytest.mark.usefixtures("artifact")
def test_a_threshold_that_rejects_everything() -> None:
    said = json.loads(lenet("evaluate", "fitted", "--json", "--reject-error", "1%").stdout)
    assert (said["rejected"], said["accepted_error"]) == (1, None)
    assert said["accepted_error_interval"] is None
    assert "rejects all images" in lenet("evaluate", "fitted", "--reject-error", "1%").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plain", "--reject-error", "1%"], "lenet train --validation"),
        (["fitted", "--reject-error", "0.1%"], "its smallest is 0.5%"),
        (["fitted", "--reject-error", "1"], "'1' is not an error rate"),
        (["fitted", "--reject-error", "few"], "'few' is not an error rate"),
        # Said before the data is looked for.
        (["plain", "nowhere", "--reject-error", "1%"], "lenet train --validation"),
    ],
)
@pytest.mark.usefixtures("artifact")
def test_what_cannot_be_had(arguments: list[str], message: str) -> None:
    done = lenet("evaluate", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
