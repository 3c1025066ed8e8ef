"""Going on from trained weights: what is kept, what is drawn anew, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import bars
from tests.training.runs import run

import lenet
from lenet.artifact import WEIGHTS, Artifact
from lenet.data import Dataset, Split
from lenet.errors import LenetError
from lenet.networks import lenet_network, network_named
from lenet.training import checkpoint
from lenet.training import run as runs
from lenet.training.checkpoint import Settings
from lenet.training.first_weights import first_weights
from lenet.training.loop import Interrupted
from lenet.training.recipes import OWN
from lenet.training.start import resume, start

SHORT = replace(OWN, steps=20)


def digit_bars(classes: tuple[str, ...]) -> Dataset:
    split = bars(len(classes) * 10, len(classes))
    named = Split(split.images, split.labels, classes)
    return Dataset("bars", "bars", named, named)


@pytest.mark.parametrize("classes", [("0", "1", "2"), ("7", "new", "3"), ("a", "b")])
def test_all_is_kept_but_the_units_of_new_classes(classes: tuple[str, ...]) -> None:
    source = lenet.load("digits")
    training = start(SHORT, digit_bars(classes), weights_from="digits", seed=3)
    found = training.weights.arrays()
    drawn = first_weights(training.network, "he", 3)
    assert training.settings.recipe.normalization == source.normalization
    assert training.network.rubbish == source.network.rubbish
    for name, value in source.parameters.items():
        if not name.startswith("fc3"):
            assert (found[name] == value).all()
            continue
        for unit, one in enumerate(classes):
            old = source.classes.index(one) if one in source.classes else None
            expected = drawn[name][unit] if old is None else value[old]
            assert (found[name][unit] == expected).all()


def test_a_run_goes_on_from_a_run_and_resumes_to_the_same_bits(tmp_path: Path) -> None:
    first, whole, parts = (tmp_path / name for name in ("first", "whole", "parts"))
    for folder in (first, whole, parts):
        folder.mkdir()
    data = digit_bars(("a", "b", "c"))
    run(Settings(SHORT, "bars", 0, "cpu", "native"), data, first)
    other = digit_bars(("a", "c", "d"))
    done = runs.run(start(SHORT, other, weights_from=first), whole)
    assert done.artifact.origin["from"] == str(first)
    steps = iter(range(1_000))
    again = start(SHORT, other, weights_from=str(first))
    with pytest.raises(Interrupted):
        runs.run(again, parts, should_stop=lambda: next(steps) > 7)
    stopped = checkpoint.load(parts)
    runs.run(resume(stopped, parts, stopped.settings.recipe.epochs, other), parts)
    assert (whole / WEIGHTS).read_bytes() == (parts / WEIGHTS).read_bytes()
    assert lenet.load(whole).calibration == lenet.load(parts).calibration


def colour_bars() -> Dataset:
    split = bars(30, 3)
    colour = Split(split.images[..., None].repeat(3, axis=3), split.labels, split.classes)
    return Dataset("bars", "/home/me/bars", colour, colour)


def saved(folder: Path) -> str:
    """Save a network with layers of no known name."""
    network = lenet_network("relu", "max", channels=(3, 4), classes=3)
    random = np.random.default_rng(0)
    shapes = network.parameter_shapes
    parameters = {name: random.random(size, np.float32) for name, size in shapes.items()}
    Artifact(network, parameters, ("a", "b", "c")).save(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("digits", "digits was trained on grey images, but the images of /home/me/b"),
        ("digts", "Did you mean 'digits'"),
        ("reader", "reader reads numbers; name a network for single images"),
        ("nowhere/run", "is not a run folder"),
    ],
)
def test_what_does_not_fit_is_said(source: str, said: str) -> None:
    with pytest.raises(LenetError, match=said):
        start(SHORT, colour_bars(), weights_from=source)


def test_layers_of_no_known_network_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LenetError, match="are of no network known by name"):
        start(SHORT, digit_bars(("a", "b")), weights_from=saved(tmp_path))


def test_the_network_is_named_once() -> None:
    network = network_named("modern")(classes=2)
    with pytest.raises(LenetError, match="leave out network"):
        start(SHORT, digit_bars(("a", "b")), network=network, weights_from="digits")
