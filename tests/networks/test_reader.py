import pytest

from lenet.networks import Network
from lenet.networks.reader import SYMBOLS, reader_network, residual_reader_network
from lenet.pictures.field import HEIGHT
from lenet.reading import trellis


def test_shapes_and_counts_are_those_computed_by_hand() -> None:
    network = reader_network()
    assert [stage.output_shape for stage in network.stages()] == [
        (24, 28, 28),
        (24, 28, 28),
        (24, 14, 14),
        (64, 10, 10),
        (64, 10, 10),
        (64, 5, 5),
        (1600,),
        (120,),
        (120,),
        (84,),
        (84,),
        (11,),
    ]
    counts = [stage.parameters for stage in network.stages() if stage.parameters]
    assert counts == [
        24 * 25 + 24,
        64 * 24 * 25 + 64,
        120 * 1600 + 120,
        84 * 120 + 84,
        11 * 84 + 11,
    ]
    assert network.parameters == sum(counts) == 242_307


def test_those_of_residual_blocks_too() -> None:
    network = residual_reader_network()
    assert [stage.output_shape for stage in network.stages()] == [
        (16, 16, 17),
        (32, 8, 13),
        (64, 4, 9),
        (96, 4, 5),
        (1920,),
        (128,),
        (128,),
        (84,),
        (84,),
        (11,),
    ]
    counts = [stage.parameters for stage in network.stages() if stage.parameters]
    assert counts == [
        (16 * 9 + 16) + (16 * 16 * 9 + 16) + 16,
        (32 * 16 * 9 + 32) + (32 * 32 * 9 + 32) + 32 * 16,
        (64 * 32 * 9 + 64) + (64 * 64 * 9 + 64) + 64 * 32,
        (96 * 64 * 9 + 96) + (96 * 96 * 9 + 96) + 96 * 64,
        128 * 1920 + 128,
        84 * 128 + 84,
        11 * 84 + 11,
    ]
    assert network.parameters == sum(counts) == 476_603


@pytest.mark.parametrize("network", [reader_network(), residual_reader_network()])
def test_they_fit_what_reads_with_them(network: Network) -> None:
    assert network.input_shape[:2] == (1, HEIGHT)
    assert network.classes == len(SYMBOLS) == trellis.SYMBOLS
    assert SYMBOLS[trellis.NONE] == "none"
    assert [SYMBOLS.index(digit) for digit in "0123456789"] == list(range(10))
    assert Network.from_json(network.to_json()) == network
