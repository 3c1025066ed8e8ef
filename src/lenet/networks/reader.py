"""The networks that read numbers, and are asked together: a wider LeNet-5, and a deeper one.

They are defined for one window of a field; `lenet.engine.space_displacement` runs them
along the whole.
"""

from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network
from lenet.networks.residual import Residual

SYMBOLS = (*"0123456789", "none")


def reader_network() -> Network:
    """Return the layer list: 24 and 64 maps, 120 and 84 units, 32×32 pixels; 242,307 parameters.

    With today's units, and a class for "none".
    """
    return lenet_network(
        "relu", "max", channels=(24, 64), hidden=(120, 84), classes=SYMBOLS, input_size=32
    )


def residual_reader_network() -> Network:
    """Return the layer list: 16, 32, 64 and 96 maps, 128 and 84 units; 476,603 parameters.

    Residual blocks stand where LeNet-5 has convolutions. Windows are 32 pixels high and 38 wide.
    """
    layers = (
        Residual("block1", 16, rows=2, columns=2),
        Residual("block2", 32, rows=2),
        Residual("block3", 64, rows=2),
        Residual("block4", 96),
        Flatten("flatten"),
        Linear("c5", 128),
        Activation("act5", "relu"),
        Linear("f6", 84),
        Activation("act6", "relu"),
        Linear("output", len(SYMBOLS)),
    )
    return Network("residual reader", (1, 32, 38), layers)
