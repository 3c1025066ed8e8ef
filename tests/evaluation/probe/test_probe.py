import json

import numpy as np
import pytest
from tests.conftest import bars

from lenet.artifact import Artifact
from lenet.data import Dataset, Split
from lenet.engine.probabilities import softmax
from lenet.errors import LenetError
from lenet.evaluation.probe.probe import chosen_images, probe
from lenet.networks import Network, mlp_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Pooling


def small(classes: tuple[str, ...]) -> Artifact:
    """A network with few places, so that all of them are checked quickly."""
    layers = (
        Convolution("conv", 3, 5, stride=3),
        Activation("act", "relu"),
        Pooling("pool", "max"),
        Flatten("flat"),
        Linear("fc", len(classes)),
    )
    network = Network("small", (1, 28, 28), layers)
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    return Artifact(network, weights, classes)


def untrained_mlp(classes: int) -> Artifact:
    network = mlp_network(classes=classes)
    weights = {k: np.zeros(s, np.float32) for k, s in network.parameter_shapes.items()}
    return Artifact(network, weights, tuple(f"bar {k}" for k in range(classes)))


def test_everything_is_measured_and_fits_into_json(tiny: Dataset) -> None:
    artifact = small(tiny.classes)
    result = probe(artifact, untrained_mlp(4), tiny.test, [2, 0], most_images=8)
    table = json.loads(json.dumps(result.to_json(), allow_nan=False))

    changes = table["robustness"]["changes"]
    assert table["robustness"]["images"] == 8
    assert [c["name"] for c in changes] == ["shift", "rotation", "scale", "noise", "occlusion"]
    answers = artifact.forward(tiny.test.images[:8]).argmax(axis=1)
    for change in changes:
        assert set(change["accuracy"]) == {"network", "mlp"}
        assert set(change["accuracy"]["mlp"]) == {0.25}  # always the first of four classes
        neutral = change["levels"].index(1.0 if change["name"] == "scale" else 0)
        right = np.count_nonzero(answers == tiny.test.labels[:8]) / 8
        assert change["accuracy"]["network"][neutral] == right

    assert [layer["layer"] for layer in table["equivariance"]["layers"]] == [
        "conv",
        "act",
        "pool",
        "fc",
    ]
    assert [layer["jump"] for layer in table["equivariance"]["layers"]] == [3, 3, 6, None]
    assert table["equivariance"]["images"] == 40

    conv, act, pool, fc = table["receptive_fields"]
    assert (conv["size"], conv["jump"], conv["start"], conv["units"]) == (5, 3, 0, 64)
    assert (pool["size"], pool["jump"], pool["units"]) == (8, 6, 16)
    assert pool["examples"]["centre"] == {
        "unit": [2, 2],
        "by_geometry": [12, 12, 8, 8],
        "by_gradient": [12, 12, 8, 8],
    }
    for layer in (conv, act, pool, fc):
        assert (layer["equal"], layer["unequal"]) == (layer["units"], [])

    assert [image["image"] for image in table["shown"]] == [2, 0]
    probabilities = softmax(artifact.forward(tiny.test.images[2:3]))[0]
    assert table["shown"][0] == {
        "image": 2,
        "class": "bar 2",
        "answer": f"bar {probabilities.argmax()}",
        "probability": pytest.approx(float(probabilities.max()), rel=1e-5),
    }


def test_without_an_mlp_the_network_stands_alone(tiny: Dataset) -> None:
    result = probe(small(tiny.classes), None, tiny.test, [0], most_images=2)
    assert all(set(change.accuracy) == {"network"} for change in result.robustness)


@pytest.mark.parametrize(
    ("names", "labels", "expected"),
    [
        (("pullover", "shirt", "coat"), [2, 1, 0, 2, 2, 0, 0], [2, 5, 0, 3]),
        (("pullover", "shirt", "coat"), [2, 1, 2], [0, 2]),
        (("a", "b", "c", "d", "e"), [4, 3, 3, 1, 0, 0, 2], [4, 3, 6, 1]),
        (("a", "b"), [1, 1], [0]),
        (("a", "b", "c", "d", "e"), [4, 4], [0]),
    ],
)
def test_which_images_are_shown(
    names: tuple[str, ...], labels: list[int], expected: list[int]
) -> None:
    images = np.zeros((len(labels), 28, 28), np.uint8)
    assert chosen_images(Split(images, np.array(labels), names)) == expected


@pytest.mark.parametrize(
    ("artifact", "test", "message"),
    [
        (untrained_mlp(4), bars(8, 4), "mlp-77 has no convolutions"),
        (small(("a", "b", "c", "d")), bars(8, 4), "knows the classes a, b, c, d"),
        (
            small(("a", "b")),
            Split(np.zeros((2, 16, 16), np.uint8), np.array([0, 1]), ("a", "b")),
            "28×28 with 1 channel",
        ),
    ],
)
def test_what_cannot_be_probed_is_refused(artifact: Artifact, test: Split, message: str) -> None:
    with pytest.raises(LenetError, match=message):
        probe(artifact, None, test, [0])
