"""Today's LeNet: the chapter's layers and parameters, with ReLU and max pooling.

Source: "Dive into Deep Learning", section 7.6, which calls both better and leaves them to the
reader. 61,706 numbers to learn, as in the chapter.
"""

from dataclasses import replace

from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network


def modern_network(classes: int | tuple[str, ...] = 10, in_channels: int = 1) -> Network:
    """Return the layers of the modern LeNet; the arguments are those of `lenet_network`."""
    network = lenet_network("relu", "max", classes=classes, in_channels=in_channels)
    return replace(network, name="modern")
