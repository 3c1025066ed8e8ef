"""Defines fully connected networks, as baselines for LeNet.

784-77-10 has almost as many parameters as LeNet (61,225 and 61,706), 784-524-10 almost as many
multiply-accumulates (416,056 and 416,520).
"""

from lenet.networks.checks import class_count
from lenet.networks.layers import Activation, ActivationKind, Flatten, Linear
from lenet.networks.network import Layer, Network

LIKE_PARAMETERS, LIKE_COMPUTATION = 77, 524
"""Numbers of hidden units: for LeNet's number of parameters, and for its computation."""


def mlp_network(
    hidden: tuple[int, ...] = (LIKE_PARAMETERS,),
    activation: ActivationKind = "relu",
    classes: int | tuple[str, ...] = 10,
    in_channels: int = 1,
    input_size: int = 28,
) -> Network:
    """Return fully connected layers with the activation function between them.

    Parameters
    ----------
    hidden
        The units of each layer before the last.
    activation
        A kind of `lenet.networks.layers.Activation`.
    classes, in_channels
        As for `lenet_network`.
    input_size
        Height and width of the images.
    """
    layers: list[Layer] = [Flatten("flatten")]
    for number, width in enumerate(hidden, start=1):
        layers += [Linear(f"fc{number}", width), Activation(f"act{number}", activation)]
    layers.append(Linear(f"fc{len(hidden) + 1}", class_count(classes)))
    name = "-".join(["mlp", *map(str, hidden), *([] if activation == "relu" else [activation])])
    return Network(name, (in_channels, input_size, input_size), tuple(layers))
