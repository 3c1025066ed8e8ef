from lenet.networks import lenet_network, modern_network, network_named
from lenet.networks.layers import Activation, Pooling


def test_it_is_the_chapters_network_with_relu_and_max_pooling() -> None:
    network, chapter = modern_network(), lenet_network()
    assert network.name == "modern"
    assert network.parameters == chapter.parameters == 61_706
    assert network.multiply_accumulates == chapter.multiply_accumulates
    assert network.parameter_shapes == chapter.parameter_shapes
    kinds = {layer.kind for layer in network.layers if isinstance(layer, Activation | Pooling)}
    assert kinds == {"relu", "max"}


def test_with_leaky_relu_only_that_differs() -> None:
    network, modern = network_named("modern-leaky")(), modern_network()
    assert network.name == "modern-leaky"
    pairs = zip(network.layers, modern.layers, strict=True)
    changed = [(one, other) for one, other in pairs if one != other]
    assert len(changed) == 4
    for one, other in changed:
        assert (one, other) == (Activation(one.name, "leaky relu"), Activation(one.name, "relu"))


def test_a_rubbish_class_costs_nothing() -> None:
    network = modern_network(rubbish=0.0)
    assert network.classes == 10
    assert network.parameters == 61_706


def test_classes_and_colours() -> None:
    network = modern_network(classes=("a", "b"), in_channels=3)
    assert network.parameters == 61_706 - 8 * 85 + 2 * 25 * 6
