"""Today's LeNet: the chapter's layers and parameters, with ReLU and max pooling.

Source: "Dive into Deep Learning", section 7.6, which calls both better and leaves them to the
reader. 61,706 numbers to learn, as in the chapter.
"""

from dataclasses import replace
from typing import Literal

from lenet.networks.layers import Linear
from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network


def modern_network(
    classes: int | tuple[str, ...] = 10,
    in_channels: int = 1,
    rubbish: float | None = None,
    activation: Literal["relu", "leaky relu"] = "relu",
) -> Network:
    """Return the layers of the modern LeNet.

    Parameters
    ----------
    classes, in_channels
        See `lenet_network`.
    rubbish
        See `lenet.networks.layers.Linear`: for a network that is to say "none of these".
    activation
        With leaky ReLU a map's negative half is heard too: each of the six counts for more.
    """
    network = lenet_network(activation, "max", classes=classes, in_channels=in_channels)
    last = network.layers[-1]
    assert isinstance(last, Linear)
    layers = (*network.layers[:-1], replace(last, rubbish=rubbish))
    name = "modern" if activation == "relu" else "modern-leaky"
    return Network(name, network.input_shape, layers)
