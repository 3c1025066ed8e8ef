"""The network that reads numbers: a wider LeNet-5 with today's units, and a class for "none".

It is defined for one window of a field; `lenet.reading.unrolled` runs it along the whole.
"""

from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network

SYMBOLS = (*"0123456789", "none")


def reader_network() -> Network:
    """Return the layer list: 24 and 64 maps, 120 and 84 units, 32×32 pixels; 242,307 parameters."""
    return lenet_network(
        "relu", "max", channels=(24, 64), hidden=(120, 84), classes=SYMBOLS, input_size=32
    )
