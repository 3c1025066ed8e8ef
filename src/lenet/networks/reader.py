"""The network that reads numbers: residual blocks where LeNet has convolutions, and a "none".

It is defined for one window of a field; `lenet.reading.unrolled` runs it along the whole.
"""

from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.network import Network
from lenet.networks.residual import Residual

SYMBOLS = (*"0123456789", "none")


def reader_network() -> Network:
    """Return the layer list, for windows 32 pixels high and 38 wide; 861,851 parameters.

    The names of the fully connected layers are those of LeNet-5.
    """
    layers = (
        Residual("block1", 24, rows=2, columns=2),
        Residual("block2", 48, rows=2),
        Residual("block3", 96, rows=2),
        Residual("block4", 128),
        Flatten("flatten"),
        Linear("c5", 160),
        Activation("act5", "relu"),
        Linear("f6", 84),
        Activation("act6", "relu"),
        Linear("output", len(SYMBOLS)),
    )
    return Network("reader", (1, 32, 38), layers)
