"""Fully connected networks, to hold LeNet against: the chapter's claims need an other side.

784-77-10 has nearly as many parameters as LeNet (61,225 against 61,706), 784-524-10 nearly as many
multiply-accumulates (416,056 against 416,520).
"""

from lenet.networks.checks import class_count
from lenet.networks.layers import Activation, ActivationKind, Flatten, Linear
from lenet.networks.network import Layer, Network

LIKE_PARAMETERS, LIKE_COMPUTATION = 77, 524
"""Hidden units that give a network of LeNet's size, and one of its cost."""


def mlp_network(
    hidden: tuple[int, ...] = (LIKE_PARAMETERS,),
    activation: ActivationKind = "relu",
    classes: int | tuple[str, ...] = 10,
    in_channels: int = 1,
    input_size: int = 28,
) -> Network:
    """Return fully connected layers with the activation between them.

    Parameters
    ----------
    hidden
        Units of each layer before the last.
    activation
        ``relu``, ``leaky relu``, ``sigmoid``, ``tanh`` or ``scaled tanh``.
    classes
        How many class scores, or their names.
    in_channels, input_size
        Of the images.
    """
    layers: list[Layer] = [Flatten("flatten")]
    for number, width in enumerate(hidden, start=1):
        layers += [Linear(f"fc{number}", width), Activation(f"act{number}", activation)]
    layers.append(Linear(f"fc{len(hidden) + 1}", class_count(classes)))
    name = "-".join(["mlp", *map(str, hidden), *([] if activation == "relu" else [activation])])
    return Network(name, (in_channels, input_size, input_size), tuple(layers))
