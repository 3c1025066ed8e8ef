"""LeNet-5 against the tables of Proc. IEEE 86(11), 1998, pages 7 to 9."""

import pytest
from tests.networks.tables import reads, rows, squashed

from lenet.networks import lecun1998_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Padding
from lenet.networks.lecun1998 import BACKGROUND, INK
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.subsampling import Subsampling

NETWORK = lecun1998_network()
# Page 7 and 8: "156 trainable parameters, and 122,304 connections" and so on. The output's 840 are
# in no sentence, but in the total of page 8.
TABLE = [
    ("input", (1, 32, 32), 0, 0),
    ("C1", (6, 28, 28), 156, 122_304),
    ("S2", (6, 14, 14), 12, 5_880),
    ("C3", (16, 10, 10), 1_516, 151_600),
    ("S4", (16, 5, 5), 32, 2_000),
    ("C5", (120, 1, 1), 48_120, 48_120),
    ("F6", (84,), 10_164, 10_164),
    ("output", (10,), 0, 840),
]
# Table I, page 8, column by column.
C3_READS = [
    {0, 1, 2},
    {1, 2, 3},
    {2, 3, 4},
    {3, 4, 5},
    {0, 4, 5},
    {0, 1, 5},
    {0, 1, 2, 3},
    {1, 2, 3, 4},
    {2, 3, 4, 5},
    {0, 3, 4, 5},
    {0, 1, 4, 5},
    {0, 1, 2, 5},
    {0, 1, 3, 4},
    {1, 2, 4, 5},
    {0, 2, 3, 5},
    {0, 1, 2, 3, 4, 5},
]


def test_every_layer_is_the_papers() -> None:
    assert rows(NETWORK) == TABLE
    assert NETWORK.parameters == 60_000
    assert NETWORK.connections == 340_908
    assert squashed(NETWORK) == ["C1", "S2", "C3", "S4", "C5", "F6"]
    assert NETWORK.input_shape == (1, 28, 28)


def test_c3_reads_what_table_1_says() -> None:
    c3 = next(layer for layer in NETWORK.layers if layer.name == "C3")
    assert isinstance(c3, Convolution)
    assert reads(c3.table) == C3_READS
    assert len(c3.links(6)) == sum(map(len, C3_READS)) == 60


def test_subsampling_adds_and_the_frame_is_background() -> None:
    kinds = [layer.kind for layer in NETWORK.layers if isinstance(layer, Subsampling)]
    assert kinds == ["sum", "sum"]
    frame = NETWORK.layers[0]
    assert isinstance(frame, Padding)
    assert (frame.value, BACKGROUND, INK) == (-0.1, -0.1, 1.175)


@pytest.mark.parametrize(
    ("classes", "characters"),
    [(10, "0123456789"), (3, "012"), (("a", "b", "?"), "ab?"), (("cat", "dog"), "01")],
)
def test_each_class_gets_a_bitmap(classes: int | tuple[str, ...], characters: str) -> None:
    last = lecun1998_network(classes=classes, rubbish=5.0).layers[-1]
    assert last == RadialBasis("output", characters, 5.0)


def test_colour_changes_c1_alone() -> None:
    network = lecun1998_network(in_channels=3)
    assert network.input_shape == (3, 28, 28)
    assert network.parameters == 60_000 + 2 * 25 * 6
