"""From a network's layer list to torch modules with the same names."""

from collections import OrderedDict

from torch import nn

from lenet.networks.layers import Activation, Convolution, Linear, Pooling
from lenet.networks.network import Network, Stage

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
}


def modules(network: Network) -> "OrderedDict[str, nn.Module]":
    """Return one torch module a layer, in order, under the layer's name."""
    return OrderedDict((stage.layer.name, _module(stage)) for stage in network.stages())


def _module(stage: Stage) -> nn.Module:
    inputs = stage.input_shape[0]
    match stage.layer:
        case Convolution(channels=channels, kernel=kernel, padding=padding):
            return nn.Conv2d(inputs, channels, kernel_size=kernel, padding=padding)
        case Linear(units=units):
            return nn.Linear(inputs, units)
        case Activation(kind=kind):
            return _ACTIVATIONS[kind]()
        case Pooling(kind="average", size=size):
            return nn.AvgPool2d(kernel_size=size, stride=size)
        case Pooling(size=size):
            return nn.MaxPool2d(kernel_size=size, stride=size)
        case _:
            return nn.Flatten()
