"""Which networks the native kernels know, and how they are told of one."""

from collections.abc import Sequence

from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.network import Layer, Network

# In the order of the enumerations in native/spec.hpp.
_ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky relu")
_POOLINGS = ("average", "max")
_MOST_LINEAR = 8


def covers(network: Network) -> bool:
    """Tell whether the kernels know the network: two convolution blocks and linear layers.

    Any widths and classes, 1 to 4 input channels, 28 (padded by 2) or 32 pixels, one activation
    and one pooling throughout: what `lenet.networks.lenet_network` gives for two convolutions.
    """
    return numbers_of(network) is not None


def numbers_of(network: Network) -> list[int] | None:
    """Return the network in the numbers that ``lenet_plan`` takes, None if it is not covered."""
    match network.layers:
        case (
            Convolution(kernel=5) as conv1, Activation() as act1, Pooling(size=2) as pool1,
            Convolution(kernel=5, padding=0) as conv2, Activation() as act2,
            Pooling(size=2) as pool2, Flatten(), *rest,
        ):  # fmt: skip
            pass
        case _:
            return None
    channels, height, width = network.input_shape
    units = _units(rest, act1.kind)
    if (
        height != width
        or (height, conv1.padding) not in ((28, 2), (32, 0))
        or channels > 4
        or not (_is_plain(conv1) and _is_plain(conv2))
        or act1.kind not in _ACTIVATIONS
        or act1.kind != act2.kind
        or pool1.kind != pool2.kind
        or units is None
        or len(units) > _MOST_LINEAR
    ):
        return None
    kinds = [_ACTIVATIONS.index(act1.kind), _POOLINGS.index(pool1.kind)]
    return [channels, height, *kinds, conv1.channels, conv2.channels, *units]


def _is_plain(layer: Convolution) -> bool:
    return layer == Convolution(layer.name, layer.channels, layer.kernel, layer.padding)


def _units(layers: Sequence[Layer], activation: str) -> list[int] | None:
    units: list[int] = []
    for position, layer in enumerate(layers):
        if position % 2 == 0 and isinstance(layer, Linear):
            units.append(layer.units)
        elif not (isinstance(layer, Activation) and layer.kind == activation and position % 2):
            return None
    return units if len(layers) % 2 else None
