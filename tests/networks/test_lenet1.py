"""LeNet-1 against the tables of NIPS 2, 1989, pages 400 to 402."""

from math import prod

from tests.networks.tables import reads, rows, squashed

from lenet.networks import lenet1_network
from lenet.networks.convolution import Convolution
from lenet.networks.subsampling import Subsampling

NETWORK = lenet1_network()
TABLE = [
    ("H1", (4, 24, 24), 104, 59_904),
    ("H2", (4, 12, 12), 8, 2_880),
    ("H3", (12, 8, 8), 512, 32_768),
    ("H4", (12, 4, 4), 24, 960),
    ("output", (10,), 1_930, 1_930),
]
# Table 1, page 400: the maps of H2 that each map of H3 reads.
H3_READS = [{0}, {0, 1}, {0, 1}, {1}, {0, 1}, {0, 1}, {2}, {2, 3}, {2, 3}, {3}, {2, 3}, {2, 3}]


def test_every_layer_is_the_papers() -> None:
    assert rows(NETWORK) == TABLE
    assert NETWORK.parameters == 2_578
    assert NETWORK.connections == 98_442
    assert squashed(NETWORK) == [name for name, *_ in TABLE]


def test_it_has_the_papers_units() -> None:
    # Page 402 counts the image's pixels and one unit that is always 1, for the biases.
    assert prod(NETWORK.input_shape) + sum(prod(shape) for _, shape, *_ in TABLE) + 1 == 4_635


def test_h3_reads_what_table_1_says() -> None:
    h3 = next(layer for layer in NETWORK.layers if layer.name == "H3")
    assert isinstance(h3, Convolution)
    assert reads(h3.table) == H3_READS
    assert len(h3.links(4)) == 20


def test_subsampling_averages() -> None:
    kinds = [layer.kind for layer in NETWORK.layers if isinstance(layer, Subsampling)]
    assert kinds == ["average", "average"]


def test_classes_and_colours() -> None:
    assert lenet1_network(classes=("a", "b")).output_shape == (2,)
    assert lenet1_network(in_channels=3).parameters == 2_578 + 2 * 25 * 4
