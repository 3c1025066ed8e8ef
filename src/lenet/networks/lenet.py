"""The chapter's LeNet and the variations its exercises ask for.

Source: Zhang, Lipton, Li, Smola, "Dive into Deep Learning", section 7.6 (LeNet), after LeCun,
Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE
86(11), 1998. Where the chapter's network differs from the paper's: `docs/family.md`.
"""

from lenet.errors import LenetError
from lenet.networks.checks import class_count
from lenet.networks.convolution import Convolution
from lenet.networks.layers import (
    Activation,
    ActivationKind,
    Flatten,
    Linear,
    Pooling,
    PoolingKind,
)
from lenet.networks.network import Layer, Network


def lenet_network(
    activation: ActivationKind = "sigmoid",
    pooling: PoolingKind = "average",
    channels: tuple[int, ...] = (6, 16),
    hidden: tuple[int, ...] = (120, 84),
    classes: int | tuple[str, ...] = 10,
    in_channels: int = 1,
    input_size: int = 28,
) -> Network:
    """Return the layer list of a LeNet.

    Blocks of 5×5 convolution, activation and 2×2 pooling with stride 2, then fully connected
    layers with the activation between them; the last gives class scores (logits).

    Parameters
    ----------
    activation
        ``sigmoid`` (the chapter), ``tanh``, ``relu`` or ``leaky relu``.
    pooling
        ``average`` (the chapter) or ``max``.
    channels
        Feature maps of each convolution; the chapter has two.
    hidden
        Units of each fully connected layer before the last.
    classes
        Number of class scores, or the classes' names.
    in_channels
        1 for grey images, 3 for colour.
    input_size
        28, padded by 2 in the first convolution as the chapter does, or 32, unpadded as in 1998:
        behind the first layer both have the same shapes.

    Raises
    ------
    LenetError
        A width that is not a positive number, another input size, or so many blocks that
        nothing is left of the image.
    """
    if input_size not in (28, 32):
        raise LenetError(f"LeNet reads images of 28×28 or 32×32, not {input_size}×{input_size}")
    if not channels:
        raise LenetError("LeNet needs at least one convolution")
    if type(in_channels) is not int or not 1 <= in_channels <= 4:
        raise LenetError(f"LeNet reads images of 1 to 4 channels, not {in_channels!r}")
    layers: list[Layer] = []
    for number, width in enumerate(channels, start=1):
        padding = 2 if number == 1 and input_size == 28 else 0
        layers += [
            Convolution(f"conv{number}", width, padding=padding),
            Activation(f"act{number}", activation),
            Pooling(f"pool{number}", pooling),
        ]
    layers.append(Flatten("flatten"))
    for number, width in enumerate(hidden, start=1):
        layers += [
            Linear(f"fc{number}", width),
            Activation(f"act{len(channels) + number}", activation),
        ]
    layers.append(Linear(f"fc{len(hidden) + 1}", class_count(classes)))
    return Network("lenet", (in_channels, input_size, input_size), tuple(layers))
