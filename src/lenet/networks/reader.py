"""Defines the two networks that read numbers together: a wider LeNet-5, a residual network.

Each definition is for one window. `lenet.engine.space_displacement` runs it along a number image.
"""

from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network
from lenet.networks.residual import Residual

SYMBOLS = (*"0123456789", "none")
"""The classes of both networks."""


def reader_network() -> Network:
    """Return the wider LeNet-5 of the number reader: 24 and 64 maps, ReLU and max pooling.

    It sees a window of 32×32 pixels and has 242,307 parameters.
    """
    return lenet_network(
        "relu", "max", channels=(24, 64), hidden=(120, 84), classes=SYMBOLS, input_size=32
    )


def residual_reader_network() -> Network:
    """Return the residual network of the number reader: blocks of 16, 32, 64 and 96 maps.

    Three fully connected layers follow. It sees a window 32 pixels high and 38 wide and has 476,603
    parameters.
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
