"""Defines LeNet as a list of layers.

Arguments change the activation, the pooling, the number and width of the layers, the classes and
the input, as the textbook's exercises suggest.

An image passes through two blocks of convolution, activation and pooling, which find features, and
then through three fully connected layers, which combine them into one score per class::

                                 shape of the output
    image                         1 x 28 x 28
    conv1   5x5 convolution       6 x 28 x 28     6 kernels; padding 2 keeps the size
    act1    sigmoid               6 x 28 x 28
    pool1   2x2 average           6 x 14 x 14     half the resolution
    conv2   5x5 convolution      16 x 10 x 10     16 kernels, each over all 6 maps
    act2    sigmoid              16 x 10 x 10
    pool2   2x2 average          16 x  5 x  5
    flatten                      400
    fc1     fully connected      120
    act3    sigmoid              120
    fc2     fully connected       84
    act4    sigmoid               84
    fc3     fully connected       10              a score per class

A convolution uses the same small kernel at every place of the image. A unit sees only 5x5 pixels
(locality), and if a stroke moves, its features move with it (translation equivariance). So conv1
needs 156 parameters, where a fully connected layer with as many outputs would need 3.7 million.

Source: Zhang, Lipton, Li, Smola, "Dive into Deep Learning", section 7.6, after LeCun, Bottou,
Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE 86(11), 1998.
`docs/family.md` says where the two differ.
"""

from lenet.errors import LenetError
from lenet.networks.checks import class_count
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, ActivationKind, Flatten, Linear, Pooling, PoolingKind
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
    """Return the textbook's LeNet; every argument changes one thing in it.

    Parameters
    ----------
    activation
        ``sigmoid`` (the textbook's), ``tanh``, ``relu`` or ``leaky relu``.
    pooling
        ``average`` (the textbook's) or ``max``.
    channels
        The number of kernels of each convolution; each gets a block of its own.
    hidden
        The units of each fully connected layer before the last.
    classes
        The number of classes, or their names.
    in_channels
        1 for grey images, 3 for colour.
    input_size
        28, with padding 2 in the first convolution as in the textbook; or 32 without padding, as in
        1998. Both give 28x28 maps.

    Raises
    ------
    LenetError
        A width is not a positive number, the input size is neither 28 nor 32, or there are so many
        blocks that nothing is left of the image.

    Examples
    --------
    >>> network = lenet_network()
    >>> network.parameters
    61706
    >>> lenet_network("relu", "max", hidden=(100,), classes=26).output_shape
    (26,)
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
