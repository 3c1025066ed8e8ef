import json
from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks import NETWORKS, Network, lecun1998_network, lenet_network, modern_network
from lenet.networks.layers import Activation, Flatten, Linear


def test_json_brings_a_network_back() -> None:
    network = lenet_network("relu", "max", (3, 5), (7,), classes=4, in_channels=3, input_size=32)
    assert Network.from_json(json.loads(json.dumps(network.to_json()))) == network


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("classes", [10, ("T-shirt", "Coat", "Bag"), ("a", "b")])
def test_json_brings_every_network_back(name: str, classes: int | tuple[str, ...]) -> None:
    network = NETWORKS[name](classes=classes, in_channels=2)
    again = Network.from_json(json.loads(json.dumps(network.to_json())))
    assert again == network
    assert hash(again) == hash(network)
    assert network.classes == (classes if isinstance(classes, int) else len(classes))
    assert network.input_shape[0] == 2


@pytest.mark.parametrize("name", NETWORKS)
def test_two_networks_have_a_rubbish_class(name: str) -> None:
    network = NETWORKS[name]()
    assert (network.rubbish is not None) is (name in ("lecun1998", "modern-or-none"))


def test_the_rubbish_class_is_at_the_distance_that_was_asked_for() -> None:
    assert lecun1998_network(rubbish=7.5).rubbish == 7.5
    assert modern_network(rubbish=-7.5).rubbish == -7.5


def test_only_the_last_layer_has_a_rubbish_class() -> None:
    with pytest.raises(LenetError, match="only the last layer has a rubbish class"):
        Network("n", (1, 1, 1), (Flatten("f"), Linear("a", 2, rubbish=0.0), Linear("b", 2)))


@pytest.mark.parametrize("rubbish", ["0", True, float("nan"), float("inf"), 1e7])
def test_the_rubbish_class_has_a_score_that_is_a_number(rubbish: Any) -> None:
    with pytest.raises(LenetError, match="rubbish"):
        Linear("fc", 10, rubbish)


def changed(**change: Any) -> dict[str, Any]:
    return {**lenet_network().to_json(), **change}


def with_layer(**layer: Any) -> dict[str, Any]:
    return changed(layers=[layer])


def historical(number: int, **change: Any) -> dict[str, Any]:
    """Return LeNet-5 in JSON's values, with one layer broken."""
    value = json.loads(json.dumps(lecun1998_network().to_json()))
    value["layers"][number].update(change)
    return value


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
        (
            with_layer(layer="linear", name="l", units=3, bias=False),
            "linear has unknown fields: bias",
        ),
        (with_layer(layer="activation", name="a", kind=[]), "activation must be one of"),
        (with_layer(layer="linear", name="l", units=3), "needs a flat input"),
        (with_layer(layer="activation", name="a", kind="relu"), "must end in a vector"),
        (historical(2, table="XX"), "has unknown fields: table"),
        (historical(1, table=["XXXXXX"] * 2), "the table has 2 rows for 1 maps"),
        (historical(1, table=["XXXXX"]), "table must have a row of 6"),
        (historical(1, table=[["X"] * 6]), "table must have a row of 6"),
        (historical(1, table="XXXXXX"), "table must have a row of 6"),
        (historical(1, table=["......"]), "without any connection"),
        (historical(1, border=None), "border must be a number"),
        (historical(1, border=float("nan")), "border must be a number"),
        (historical(1, stride=0), "stride must be a whole number"),
        (historical(1, stride=2.0), "stride must be a whole number"),
        (historical(1, bias="layer"), "bias must be one of"),
        (historical(1, kernel=33), "does not fit"),
        (historical(3, kind="max"), "subsampling must be one of"),
        (historical(3, size=[2]), "size must be a whole number"),
        (historical(0, value="dark"), "value must be a number"),
        (historical(0, size=-2), "size must be a whole number"),
        (historical(-1, characters=["0", "1"]), "characters must be a text"),
        (historical(-1, characters=""), "characters must be a text"),
        (historical(-1, characters="0\u00e9"), "no bitmap"),
        (historical(-1, rubbish=-1), "rubbish must be a number"),
        (historical(-1, rubbish=None), "rubbish must be a number"),
        (historical(-3, units=83), "needs 84 units"),
    ],
)
def test_json_from_anywhere_is_checked(value: object, message: str) -> None:
    with pytest.raises(LenetError, match=message):
        Network.from_json(value)


def test_names_are_unique_because_parameters_go_by_them() -> None:
    with pytest.raises(LenetError, match="share a name"):
        Network("n", (1, 2, 2), (Flatten("x"), Linear("x", 2), Activation("y", "relu")))
