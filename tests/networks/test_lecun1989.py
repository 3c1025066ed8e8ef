"""The zip-code network against Neural Computation 1(4), 1989."""

from collections import Counter
from math import prod

from tests.networks.tables import reads, rows, squashed

from lenet.networks import lecun1989_network
from lenet.networks.convolution import Convolution

NETWORK = lecun1989_network()
TABLE = [
    ("H1", (12, 8, 8), 1_068, 19_968),
    ("H2", (12, 4, 4), 2_592, 38_592),
    ("H3", (30,), 5_790, 5_790),
    ("output", (10,), 310, 310),
]


def test_every_layer_is_the_papers() -> None:
    assert rows(NETWORK) == TABLE
    assert NETWORK.parameters == 9_760
    assert NETWORK.connections == 64_660
    assert squashed(NETWORK) == [name for name, *_ in TABLE]


def test_it_has_the_papers_units() -> None:
    assert prod(NETWORK.input_shape) == 256
    assert 256 + sum(prod(shape) for _, shape, *_ in TABLE) == 1_256


def test_each_map_of_h2_reads_eight_of_twelve() -> None:
    h2 = next(layer for layer in NETWORK.layers if layer.name == "H2")
    assert isinstance(h2, Convolution)
    sets = reads(h2.table)
    assert [len(one) for one in sets] == [8] * 12
    # No map of H1 is read more than another.
    assert set(Counter(m for one in sets for m in one).values()) == {8}


def test_biases_are_the_units_own_and_the_plane_around_is_minus_1() -> None:
    convolutions = [layer for layer in NETWORK.layers if isinstance(layer, Convolution)]
    assert [(c.bias, c.border, c.stride, c.padding) for c in convolutions] == [
        ("unit", -1, 2, 2),
        ("unit", -1, 2, 2),
    ]
    # One for each unit, 25 shared weights for each map.
    assert NETWORK.parameter_shapes["H1.bias"] == (12, 8, 8)
    assert NETWORK.parameter_shapes["H1.weight"] == (12, 1, 5, 5)
    assert NETWORK.parameter_shapes["H2.weight"] == (96, 5, 5)


def test_classes_and_colours() -> None:
    assert lecun1989_network(classes=("a", "b", "c")).output_shape == (3,)
    assert lecun1989_network(in_channels=3).parameters == 9_760 + 2 * 25 * 12
