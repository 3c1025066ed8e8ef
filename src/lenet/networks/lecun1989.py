"""The zip-code network: convolutions with stride 2 and a bias for every unit.

Source: LeCun, Boser, Denker, Henderson, Howard, Hubbard, Jackel, "Backpropagation Applied to
Handwritten Zip Code Recognition", Neural Computation 1(4), 1989. 9,760 numbers to learn, 64,660
connections, 1,256 units. The paper leaves open which eight maps of H1 each map of H2 reads.
"""

from lenet.networks.checks import class_count
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.network import Network

BACKGROUND = -1.0
"""Of the grey values, which run from -1 to 1, and of the plane around the maps."""

# "According to a scheme that will not be described here": a guess, the one that Karpathy's
# reproduction made. Each third of H2's maps reads two of the three groups of four: X.
TABLE = (
    *("XXXX....XXXX",) * 4,
    *("XXXXXXXX....",) * 4,
    *("....XXXXXXXX",) * 4,
)


def lecun1989_network(classes: int | tuple[str, ...] = 10, in_channels: int = 1) -> Network:
    """Return the layers of the zip-code network, for images of 16×16.

    Parameters
    ----------
    classes
        How many, or their names.
    in_channels
        The paper's images are grey: 1.
    """
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
