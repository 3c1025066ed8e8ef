"""Defines LeNet-1 (1989), which has trainable subsampling.

Source: LeCun, Boser, Denker, Henderson, Howard, Hubbard, Jackel, "Handwritten Digit Recognition
with a Back-Propagation Network", NIPS 2, 1989, pages 400 to 402; named LeNet-1 in Proc. IEEE
86(11), 1998, page 13. 2,578 parameters, 98,442 connections, 4,635 units.
"""

from lenet.networks.checks import class_count
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.network import Network
from lenet.networks.subsampling import Subsampling

# Table 1, page 400: a row for each map of H2, an X for each map of H3 that reads it.
TABLE = (
    "XXX.XX......",
    ".XXXXX......",
    "......XXX.XX",
    ".......XXXXX",
)


def lenet1_network(classes: int | tuple[str, ...] = 10, in_channels: int = 1) -> Network:
    """Return LeNet-1, for images of 28×28; arguments as for `lenet_network`."""
    layers = (
        Convolution("H1", 4),
        Activation("H1_squash", "scaled tanh"),
        Subsampling("H2", "average"),
        Activation("H2_squash", "scaled tanh"),
        Convolution("H3", 12, table=TABLE),
        Activation("H3_squash", "scaled tanh"),
        Subsampling("H4", "average"),
        Activation("H4_squash", "scaled tanh"),
        Flatten("flatten"),
        Linear("output", class_count(classes)),
        Activation("output_squash", "scaled tanh"),
    )
    return Network("lenet1", (in_channels, 28, 28), layers)
