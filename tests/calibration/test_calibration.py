import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.calibration.calibration import UNCALIBRATED, Calibration, none_of_these
from lenet.engine.probabilities import probabilities
from lenet.errors import LenetError
from lenet.networks import Network, network_named
from lenet.networks.layers import Linear

FITTED = Calibration(1.5, ((0.001, 0.99), (0.005, 0.9), (0.02, 0.5)), 0.25)


def rubbish_network(rubbish: float) -> Network:
    """LeNet with a class for images of none of the classes."""
    network = network_named("lenet")()
    last = network.layers[-1]
    assert isinstance(last, Linear)
    return replace(network, layers=(*network.layers[:-1], replace(last, rubbish=rubbish)))


def test_a_temperature_divides_the_scores() -> None:
    scores = np.array([[3, 1, 0], [0, 0, -2]], np.float32)
    found = Calibration(2.0).probabilities(network_named("lenet")(), scores)
    powers = np.exp(np.array([[1.5, 0.5, 0], [0, 0, -1]]))
    np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), rtol=1e-6)
    assert found.dtype == np.float32


def test_a_temperature_divides_the_score_of_none_of_these_too() -> None:
    scores = np.array([[3, 1, 0]], np.float32)
    found = Calibration(2.0).probabilities(rubbish_network(4), scores)
    powers = np.exp(np.array([1.5, 0.5, 0, -2]))
    np.testing.assert_allclose(found[0], (powers / powers.sum())[:3], rtol=1e-6)
    np.testing.assert_allclose(none_of_these(found), powers[3] / powers.sum(), rtol=1e-5)


@pytest.mark.parametrize("name", ["lenet", "lecun1989", "lecun1998"])
def test_without_a_temperature_probabilities_are_the_networks_own(name: str) -> None:
    network = network_named(name)()
    scores = np.random.default_rng(0).normal(size=(5, network.classes)).astype(np.float32)
    expected = probabilities(network, scores)
    np.testing.assert_array_equal(UNCALIBRATED.probabilities(network, scores), expected)


def test_squared_errors_become_a_distribution() -> None:
    """Outputs trained to ±1 sum to anything; with a temperature they are a softmax."""
    scores = np.random.default_rng(0).uniform(-1.7, 1.7, (9, 10)).astype(np.float32)
    found = Calibration(0.3).probabilities(network_named("lecun1989")(), scores)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(found.argmax(axis=1), scores.argmax(axis=1))


def test_far_from_every_bitmap_all_is_none_of_these() -> None:
    """As LeNet-5 of 1998 answers, whose scores are negative squared distances."""
    network = network_named("lecun1998")()
    scores = np.full((2, network.classes), -3000, np.float32)
    shares = Calibration(1.2, (), 0.5).probabilities(network, scores)
    assert not shares.any()
    assert none_of_these(shares).tolist() == [1, 1]
    assert Calibration(1.2, (), 0.5).rejected(shares, None).all()
    assert not Calibration(1.2).rejected(shares, None).any()


@pytest.mark.parametrize(
    ("error", "least"),
    [(0.001, 0.99), (0.0049, 0.99), (0.005, 0.9), (0.0199, 0.9), (0.02, 0.5), (0.9, 0.5)],
)
def test_the_stricter_threshold_counts(error: float, least: float) -> None:
    assert FITTED.threshold(error) == least


@pytest.mark.parametrize(
    ("calibration", "error", "message"),
    [
        (FITTED, 0.0005, r"an error rate of 0\.05%; its smallest is 0\.1%"),
        (UNCALIBRATED, 0.01, "lenet train --validation"),
        (Calibration(1.0), 0.5, "lenet train --validation"),
    ],
)
def test_a_threshold_that_was_not_fitted(
    calibration: Calibration, error: float, message: str
) -> None:
    with pytest.raises(LenetError, match=message):
        calibration.threshold(error)
    with pytest.raises(LenetError, match=message):
        calibration.rejected(np.ones((1, 1), np.float32), error)


@pytest.mark.parametrize(
    ("most_none", "error", "rejected"),
    [
        (None, None, [0, 0, 0, 0, 1]),
        (0.25, None, [0, 0, 0, 1, 1]),
        (None, 0.005, [0, 1, 1, 1, 1]),
        (None, 0.02, [0, 0, 1, 1, 1]),
        (0.25, 0.02, [0, 0, 1, 1, 1]),
        (0.0, 0.02, [1, 1, 1, 1, 1]),
        (1.0, None, [0, 0, 0, 0, 1]),
    ],
)
def test_what_is_rejected(
    most_none: float | None, error: float | None, rejected: list[int]
) -> None:
    shares = np.array(
        [[0.9, 0], [0.5, 0.375], [0.4375, 0.4375], [0.25, 0.25], [np.nan, 0.99]], np.float32
    )
    # A threshold is one of the probabilities that it was fitted on, float32 too.
    thresholds = ((0.005, float(shares[0, 0])), (0.02, 0.5))
    calibration = Calibration(None, thresholds, most_none)
    assert calibration.rejected(shares, error).tolist() == [bool(x) for x in rejected]


def test_no_images_are_no_answers() -> None:
    assert FITTED.rejected(np.zeros((0, 10), np.float32), 0.005).tolist() == []


@pytest.mark.parametrize("calibration", [UNCALIBRATED, FITTED, Calibration(0.7), Calibration(2)])
def test_json_and_back(calibration: Calibration) -> None:
    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


@given(st.lists(st.floats(0, 1, width=32), max_size=8))
def test_thresholds_keep_every_bit(least: list[float]) -> None:
    pairs = tuple((k / 100, p) for k, p in enumerate(sorted(least, reverse=True), start=1))
    text = json.dumps(Calibration(1.0, pairs).to_json())
    assert Calibration.from_json(json.loads(text)).thresholds == pairs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0}, "temperature is a positive number"),
        ({"temperature": -1.0}, "temperature is a positive number"),
        ({"temperature": 1e-300}, "temperature is a positive number"),
        ({"temperature": 1e300}, "temperature is a positive number"),
        ({"temperature": float("nan")}, "'temperature' must be a number"),
        ({"temperature": float("inf")}, "'temperature' must be a number"),
        ({"temperature": "1"}, "'temperature' must be a number"),
        ({"temperature": True}, "'temperature' must be a number"),
        ({"temperature": 10**400}, "'temperature' must be a number"),
        ({"most_none": [0.5]}, "'most_none' must be a number"),
        ({"most_none": 1.5}, "most_none is a probability from 0 to 1"),
        ({"most_none": -0.1}, "most_none is a probability from 0 to 1"),
        ({"thresholds": None}, "list of pairs"),
        ({"thresholds": [[0.1]]}, "list of pairs"),
        ({"thresholds": [[0.1, "0.9"]]}, "list of pairs"),
        ({"thresholds": [[0.1, float("nan")]]}, "list of pairs"),
        ({"thresholds": [[0.1, 10**400]]}, "list of pairs"),
        ({"thresholds": [[0, 0.9]]}, "rising errors between 0 and 1"),
        ({"thresholds": [[1, 0.9]]}, "rising errors between 0 and 1"),
        ({"thresholds": [[0.1, 0.9], [0.1, 0.8]]}, "rising errors between 0 and 1"),
        ({"thresholds": [[0.2, 0.9], [0.1, 0.95]]}, "rising errors between 0 and 1"),
        ({"thresholds": [[0.1, 0.8], [0.2, 0.9]]}, "do not rise with the error"),
        ({"thresholds": [[0.1, 1.1]]}, "do not rise with the error"),
        ({"more": 1}, "must hold 'temperature'"),
    ],
)
def test_a_calibration_from_a_stranger(change: dict[str, Any], message: str) -> None:
    with pytest.raises(LenetError, match=message):
        Calibration.from_json(FITTED.to_json() | change)


@pytest.mark.parametrize("value", [None, [], "x", 3, {}, {"temperature": None}])
def test_what_is_no_calibration_at_all(value: object) -> None:
    with pytest.raises(LenetError, match="must hold 'temperature'"):
        Calibration.from_json(value)
