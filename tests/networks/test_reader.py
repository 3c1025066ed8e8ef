from lenet.networks import Network
from lenet.networks.reader import SYMBOLS, reader_network
from lenet.reading import trellis
from lenet.reading.field import HEIGHT


def test_shapes_and_counts_are_those_computed_by_hand() -> None:
    network = reader_network()
    assert [stage.output_shape for stage in network.stages()] == [
        (24, 28, 28), (24, 28, 28), (24, 14, 14), (64, 10, 10), (64, 10, 10), (64, 5, 5),
        (1600,), (120,), (120,), (84,), (84,), (11,),
    ]  # fmt: skip
    counts = [stage.parameters for stage in network.stages() if stage.parameters]
    assert counts == [
        24 * 25 + 24, 64 * 24 * 25 + 64, 120 * 1600 + 120, 84 * 120 + 84, 11 * 84 + 11,
    ]  # fmt: skip
    assert network.parameters == sum(counts) == 242_307


def test_it_fits_what_reads_with_it() -> None:
    network = reader_network()
    assert network.input_shape == (1, HEIGHT, HEIGHT)
    assert network.classes == len(SYMBOLS) == trellis.SYMBOLS
    assert SYMBOLS[trellis.NONE] == "none"
    assert [SYMBOLS.index(digit) for digit in "0123456789"] == list(range(10))


def test_it_comes_back_from_json() -> None:
    network = reader_network()
    assert Network.from_json(network.to_json()) == network
