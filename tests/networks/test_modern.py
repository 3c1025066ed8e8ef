from lenet.networks import lenet_network, modern_network
from lenet.networks.layers import Activation, Pooling


def test_it_is_the_chapters_network_with_relu_and_max_pooling() -> None:
    network, chapter = modern_network(), lenet_network()
    assert network.name == "modern"
    assert network.parameters == chapter.parameters == 61_706
    assert network.multiply_accumulates == chapter.multiply_accumulates
    assert network.parameter_shapes == chapter.parameter_shapes
    kinds = {layer.kind for layer in network.layers if isinstance(layer, Activation | Pooling)}
    assert kinds == {"relu", "max"}


def test_a_rubbish_class_costs_nothing() -> None:
    network = modern_network(rubbish=0.0)
    assert network.classes == 10
    assert network.parameters == 61_706


def test_classes_and_colours() -> None:
    network = modern_network(classes=("a", "b"), in_channels=3)
    assert network.parameters == 61_706 - 8 * 85 + 2 * 25 * 6
