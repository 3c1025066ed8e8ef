"""Says which networks the native kernels for batches compute; describes them to the library."""

from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.network import Network

# In the order of the enumerations in native/batch/spec.hpp.
_ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky relu")
_POOLINGS = ("average", "max")
_MOST_LINEAR = 8
# The kernels hold 16 images at once on each thread. Wider networks are left to NumPy.
_MOST_ACTIVATIONS = 1 << 21


def covers(network: Network) -> bool:
    """Return whether the native kernels for batches compute the network.

    They compute the networks that `lenet.networks.lenet_network` returns for two convolutions, of
    up to a thousand maps: inputs of 1 to 4 channels and 28 (padded by 2) or 32 pixels, one
    activation function, one kind of pooling, at most 8 fully connected layers.
    """
    return plan_shape(network) is not None


def plan_shape(network: Network) -> list[int] | None:
    """Return the argument ``shape`` of ``lenet_plan_create``; None if `covers` is False."""
    match network.layers:
        case (
            Convolution(kernel=5) as conv1,
            Activation() as act1,
            Pooling(size=2) as pool1,
            Convolution(kernel=5, padding=0) as conv2,
            Activation() as act2,
            Pooling(size=2) as pool2,
            Flatten(),
            *rest,
        ):
            pass
        case _:
            return None
    channels, height, width = network.input_shape
    # Fully connected layers, with an activation function between each two of them.
    units = [layer.units for layer in rest[::2] if isinstance(layer, Linear)]
    kinds = [layer.kind for layer in (act1, act2, *rest[1::2]) if isinstance(layer, Activation)]
    if (
        height != width
        or (height, conv1.padding) not in ((28, 2), (32, 0))
        or channels > 4
        or not (_is_plain(conv1) and _is_plain(conv2))
        or act1.kind not in _ACTIVATIONS
        or kinds != [act1.kind] * (len(units) + 1)
        or pool1.kind != pool2.kind
        or len(rest) != 2 * len(units) - 1
        or len(units) > _MOST_LINEAR
        or sum(stage.size.activations for stage in network.stages()) > _MOST_ACTIVATIONS
    ):
        return None
    numbers = [_ACTIVATIONS.index(act1.kind), _POOLINGS.index(pool1.kind)]
    return [channels, height, *numbers, conv1.channels, conv2.channels, *units]


def _is_plain(layer: Convolution) -> bool:
    return layer == Convolution(layer.name, layer.channels, layer.kernel, layer.padding)
