"""Defines the zip-code network of 1989: convolutions with stride 2 and one bias per unit.

Source: LeCun, Boser, Denker, Henderson, Howard, Hubbard, Jackel, "Backpropagation Applied to
Handwritten Zip Code Recognition", Neural Computation 1(4), 1989. 9,760 parameters, 64,660
connections, 1,256 units. The paper does not say which eight maps of H1 each map of H2 reads.
"""

from lenet.networks.checks import class_count
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.network import Network

BACKGROUND = -1.0
"""The grey value of the background (grey values are -1 to 1), and the value around the maps."""

# A guess, made by Karpathy's reproduction: the paper connects H2 "according to a scheme that will
# not be described here". Each third of H2's maps reads two of the three groups of four maps of H1.
TABLE = (
    *("XXXX....XXXX",) * 4,
    *("XXXXXXXX....",) * 4,
    *("....XXXXXXXX",) * 4,
)


def lecun1989_network(classes: int | tuple[str, ...] = 10, in_channels: int = 1) -> Network:
    """Return the zip-code network, for images of 16×16; arguments as for `lenet_network`."""
    layers = (
        Convolution("H1", 12, padding=2, stride=2, border=BACKGROUND, bias="unit"),
        Activation("H1_squash", "scaled tanh"),
        Convolution("H2", 12, padding=2, stride=2, border=BACKGROUND, bias="unit", table=TABLE),
        Activation("H2_squash", "scaled tanh"),
        Flatten("flatten"),
        Linear("H3", 30),
        Activation("H3_squash", "scaled tanh"),
        Linear("output", class_count(classes)),
        Activation("output_squash", "scaled tanh"),
    )
    return Network("lecun1989", (in_channels, 16, 16), layers)
