import json
from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks import Network, lenet_network
from lenet.networks.layers import Activation, Flatten, Linear


def test_json_brings_a_network_back() -> None:
    network = lenet_network("relu", "max", (3, 5), (7,), classes=4, in_channels=3, input_size=32)
    assert Network.from_json(json.loads(json.dumps(network.to_json()))) == network


def changed(**change: Any) -> dict[str, Any]:
    return {**lenet_network().to_json(), **change}


def with_layer(**layer: Any) -> dict[str, Any]:
    return changed(layers=[layer])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "must be an object"),
        ([], "must be an object"),
        ({}, "'name' must be a string"),
        (changed(name=3), "'name' must be a string"),
        (changed(input_shape=[1, 28]), "'input_shape' must be"),
        (changed(input_shape=[1, 28, -28]), "'input_shape' must be"),
        (changed(input_shape=[1, 28, 1 << 40]), "'input_shape' must be"),
        (changed(input_shape=[1, 28, True]), "'input_shape' must be"),
        (changed(layers=[]), "'layers' must be"),
        (changed(layers="conv"), "'layers' must be"),
        (changed(layers=[1]), "must be an object"),
        (with_layer(layer="dropout", name="d"), "unknown layer 'dropout'"),
        (with_layer(layer=[], name="d"), "unknown layer"),
        (with_layer(layer="linear", units=3), "has no name"),
        (with_layer(layer="linear", name="l"), "'l' is incomplete"),
        (with_layer(layer="linear", name="l", units="3"), "units must be a whole number"),
        (with_layer(layer="linear", name="l", units=3, bias=False), "does not know bias"),
        (with_layer(layer="activation", name="a", kind=[]), "activation must be one of"),
        (with_layer(layer="linear", name="l", units=3), "needs a flat input"),
        (with_layer(layer="activation", name="a", kind="relu"), "must end in a vector"),
    ],
)
def test_json_from_anywhere_is_checked(value: object, message: str) -> None:
    with pytest.raises(LenetError, match=message):
        Network.from_json(value)


def test_names_are_unique_because_parameters_go_by_them() -> None:
    with pytest.raises(LenetError, match="share a name"):
        Network("n", (1, 2, 2), (Flatten("x"), Linear("x", 2), Activation("y", "relu")))
