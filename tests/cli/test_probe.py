"""`lenet probe` from a run folder to pictures and JSON."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from lenet.artifact import Artifact
from lenet.cli.probe import command
from lenet.data import Dataset
from lenet.errors import LenetError
from lenet.networks import Network, mlp_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Pooling

PICTURES = {"robustness", "equivariance", "receptive_fields", "filters", "feature_maps"}


@pytest.fixture
def archive(tiny: Dataset) -> str:
    np.savez(
        "bars.npz",
        train_images=tiny.train.images,
        train_labels=tiny.train.labels,
        test_images=tiny.test.images,
        test_labels=tiny.test.labels,
    )
    return str(Path("bars.npz").resolve())


@pytest.fixture
def run(archive: str) -> Path:
    layers = (
        Convolution("conv", 3, 5, stride=3),
        Activation("act", "sigmoid"),
        Pooling("pool", "average"),
        Flatten("flat"),
        Linear("fc", 4),
    )
    return save(Network("small", (1, 28, 28), layers), archive)


def save(network: Network, source: str | None) -> Path:
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    origin: dict[str, Any] = {"seed": 1, "recipe": {"name": "chapter", "epochs": 1}}
    if source is not None:
        origin["data"] = source
    Path("run").mkdir(exist_ok=True)
    Artifact(network, weights, ("0", "1", "2", "3"), origin=origin).save(Path("run"))
    return Path("run")


def probe(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


@pytest.mark.slow
def test_it_measures_draws_and_says_where(run: Path) -> None:
    first = probe(run)
    assert first.exit_code == 0, first.output
    assert "accuracy on 40 changed test images" in first.stdout
    assert "the same by gradient for 145 of 145" in first.stdout
    assert first.stdout.splitlines()[-1] == "pictures and probe.json are in run/probe"
    assert "training an MLP" in first.stderr
    files = {path.name for path in (run / "probe").iterdir()}
    assert files == {f"{name}.png" for name in PICTURES} | {"probe.json", "mlp"}

    again = probe(run, "--json", "--images", "5,0")
    assert again.exit_code == 0
    assert again.stderr == ""
    table = json.loads(again.stdout)
    assert table == json.loads((run / "probe" / "probe.json").read_text(encoding="utf-8"))
    assert [image["image"] for image in table["shown"]] == [5, 0]
    assert (table["network"], table["data"]) == ("small", str(Path("bars.npz").resolve()))
    assert table["mlp"].endswith("recipe chapter")
    assert {Path(path).stem for path in table["pictures"]} == PICTURES
    assert all(Path(path).is_file() for path in table["pictures"])


@pytest.mark.slow
def test_other_test_images_and_another_folder(run: Path, tiny: Dataset) -> None:
    np.savez(
        "other.npz",
        train_images=tiny.train.images,
        train_labels=tiny.train.labels,
        test_images=tiny.test.images[:12],
        test_labels=tiny.test.labels[:12],
    )
    done = probe(run, "other.npz", "--out", "pictures", "--quick", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["robustness"]["images"] == 12
    assert Path("pictures/filters.png").is_file()
    assert not (run / "probe").exists()
    # The MLP learned from what the network learned from.
    config = json.loads(Path("pictures/mlp/config.json").read_text())
    assert config["origin"]["data"] == "bars.npz"  # no path of this machine


@pytest.mark.parametrize("value", ["", "a", "1,", "-1", "1;2", "1.5", ",".join("0" * 13)])
def test_image_numbers_that_are_none_are_refused(run: Path, value: str) -> None:
    done = probe(run, "--images", value)
    assert done.exit_code == 2
    assert "numbers of test images" in done.stderr


def test_mistakes_are_told_in_a_sentence(run: Path, archive: str) -> None:
    cases = [
        (("nowhere",), "not a run folder"),
        ((run, "--images", "40"), "has 40 test images, numbered from 0; there is no image 40"),
        ((run, "nothing.npz"), "nothing.npz"),
    ]
    for arguments, message in cases:
        done = probe(*arguments)
        assert isinstance(done.exception, LenetError)
        assert message in str(done.exception)
    save(mlp_network(classes=4), archive)
    assert "has no convolutions" in str(probe(run).exception)
    save(mlp_network(classes=4), None)
    assert "does not say what it was trained on" in str(probe(run).exception)
    assert not (run / "probe").exists()
