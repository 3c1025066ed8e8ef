"""Defines LeNet with ReLU or leaky ReLU, max pooling, and, if wanted, a class "none".

Source: "Dive into Deep Learning", section 7.6, whose exercises propose ReLU and max pooling. It has
61,706 parameters for ten classes and grey images, with or without "none": the score of that class
is a constant.
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
    """Return LeNet with ReLU or leaky ReLU, and max pooling.

    Parameters
    ----------
    classes, in_channels
        As for `lenet_network`.
    rubbish
        A number adds the class "none", whose score is ``-rubbish``; None for no such class.
    activation
        Leaky ReLU keeps negative values, which matters with only six maps.
    """
    network = lenet_network(activation, "max", classes=classes, in_channels=in_channels)
    last = network.layers[-1]
    assert isinstance(last, Linear)
    layers = (*network.layers[:-1], replace(last, rubbish=rubbish))
    name = "modern" if activation == "relu" else "modern-leaky"
    return Network(name, network.input_shape, layers)
