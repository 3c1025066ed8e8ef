from lenet.networks import Network
from lenet.networks.reader import SYMBOLS, reader_network
from lenet.reading import trellis
from lenet.reading.field import HEIGHT


def test_shapes_and_counts_are_those_computed_by_hand() -> None:
    network = reader_network()
    assert [stage.output_shape for stage in network.stages()] == [
        (24, 16, 17), (48, 8, 13), (96, 4, 9), (128, 4, 5),
        (2560,), (160,), (160,), (84,), (84,), (11,),
    ]  # fmt: skip
    counts = [stage.parameters for stage in network.stages() if stage.parameters]
    assert counts == [
        (24 * 9 + 24) + (24 * 24 * 9 + 24) + 24,
        (48 * 24 * 9 + 48) + (48 * 48 * 9 + 48) + 48 * 24,
        (96 * 48 * 9 + 96) + (96 * 96 * 9 + 96) + 96 * 48,
        (128 * 96 * 9 + 128) + (128 * 128 * 9 + 128) + 128 * 96,
        160 * 2560 + 160, 84 * 160 + 84, 11 * 84 + 11,
    ]  # fmt: skip
    assert network.parameters == sum(counts) == 861_851


def test_it_fits_what_reads_with_it() -> None:
    network = reader_network()
    assert network.input_shape == (1, HEIGHT, 38)
    assert network.classes == len(SYMBOLS) == trellis.SYMBOLS
    assert SYMBOLS[trellis.NONE] == "none"
    assert [SYMBOLS.index(digit) for digit in "0123456789"] == list(range(10))


def test_it_comes_back_from_json() -> None:
    network = reader_network()
    assert Network.from_json(network.to_json()) == network
