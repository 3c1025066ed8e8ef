"""Defines LeNet-5 (1998), with the layers of its paper.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proc. IEEE 86(11), 1998, pages 7 to 9. 60,000 parameters, 340,908 connections.
"""

from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding
from lenet.networks.network import Network
from lenet.networks.radial_basis import COLUMNS, ROWS, RadialBasis, characters_for
from lenet.networks.subsampling import Subsampling

BACKGROUND, INK = -0.1, 1.175
"""The values of pixels 0 and 255: the mean becomes about 0 and the variance about 1 (page 7)."""

# Table I, page 8: a row for each map of S2, an X for each map of C3 that reads it.
TABLE = (
    "X...XXX..XXXX.XX",
    "XX...XXX..XXXX.X",
    "XXX...XXX..X.XXX",
    ".XXX..XXXX..X.XX",
    "..XXX..XXXX.XX.X",
    "...XXX..XXXX.XXX",
)

# The paper does not give j. This one was chosen among 3, 10 and 20 on 10,000 held-out training
# images of MNIST: benchmarks/family_choices.py.
RUBBISH = 10.0


def lecun1998_network(
    classes: int | tuple[str, ...] = 10, in_channels: int = 1, rubbish: float = RUBBISH
) -> Network:
    """Return LeNet-5, for images of 28×28, which it pads to 32×32.

    Parameters
    ----------
    classes
        The number of classes, or their names. `characters_for` chooses the bitmap of each.
    in_channels
        1 in the paper, whose images are grey.
    rubbish
        The penalty of the rubbish class, the paper's j in equation 9; see `RadialBasis`.
    """
    names = classes if isinstance(classes, tuple) else tuple(str(n) for n in range(classes))
    layers = (
        Padding("input", 2, BACKGROUND),
        Convolution("C1", 6),
        Activation("C1_squash", "scaled tanh"),
        Subsampling("S2", "sum"),
        Activation("S2_squash", "scaled tanh"),
        Convolution("C3", 16, table=TABLE),
        Activation("C3_squash", "scaled tanh"),
        Subsampling("S4", "sum"),
        Activation("S4_squash", "scaled tanh"),
        Convolution("C5", 120),
        Activation("C5_squash", "scaled tanh"),
        Flatten("flatten"),
        Linear("F6", ROWS * COLUMNS),
        Activation("F6_squash", "scaled tanh"),
        RadialBasis("output", characters_for(names), rubbish),
    )
    return Network("lecun1998", (in_channels, 28, 28), layers)
