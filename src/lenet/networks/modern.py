"""Today's LeNet: the chapter's layers and parameters, with ReLU and max pooling.

Source: "Dive into Deep Learning", section 7.6, which calls both better and leaves them to the
reader. 61,706 numbers to learn, as in the chapter.
"""

from dataclasses import replace

from lenet.networks.layers import Linear
from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network


def modern_network(
    classes: int | tuple[str, ...] = 10, in_channels: int = 1, rubbish: float | None = None
) -> Network:
    """Return the layers of the modern LeNet.

    Parameters
    ----------
    classes, in_channels
        See `lenet_network`.
    rubbish
        See `lenet.networks.layers.Linear`: for a network that is to say "none of these".
    """
    network = lenet_network("relu", "max", classes=classes, in_channels=in_channels)
    last = network.layers[-1]
    assert isinstance(last, Linear)
    layers = (*network.layers[:-1], replace(last, rubbish=rubbish))
    return Network("modern", network.input_shape, layers)
