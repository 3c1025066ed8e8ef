"""Builds torch modules for the layers of a network."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from torch import nn

from lenet.errors import LenetError
from lenet.models.historical import RadialBasisLayer, ScaledTanh, SubsamplingLayer, TableConvolution
from lenet.networks.convolution import Convolution
from lenet.networks.layers import LEAK, Activation, Linear, Padding, Pooling
from lenet.networks.network import Network, Stage
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.residual import Residual
from lenet.networks.subsampling import Subsampling

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky relu": partial(nn.LeakyReLU, LEAK),
    "scaled tanh": ScaledTanh,
}


def modules(network: Network) -> "OrderedDict[str, nn.Module]":
    """Return a torch module for each layer, in order, by the layer's name.

    Raises
    ------
    LenetError
        The network has residual blocks, which `SpaceDisplacementNetwork` trains.
    """
    return OrderedDict((stage.layer.name, _module(stage)) for stage in network.stages())


def _module(stage: Stage) -> nn.Module:
    inputs = stage.input_shape[0]
    match stage.layer:
        case Convolution(table=None, border=0, bias="map") as layer:
            return nn.Conv2d(inputs, layer.channels, layer.kernel, layer.stride, layer.padding)
        case Convolution() as layer:
            return TableConvolution(layer, stage.input_shape)
        case Linear(units=units):
            return nn.Linear(inputs, units)
        case Activation(kind=kind):
            return _ACTIVATIONS[kind]()
        case Pooling(kind="average", size=size):
            return nn.AvgPool2d(kernel_size=size, stride=size)
        case Pooling(size=size):
            return nn.MaxPool2d(kernel_size=size, stride=size)
        case Subsampling() as layer:
            return SubsamplingLayer(layer, inputs)
        case Padding(size=size, value=value):
            return nn.ConstantPad2d(size, value)
        case RadialBasis() as layer:
            return RadialBasisLayer(layer)
        case Residual():
            raise LenetError("only 'lenet train reader' trains networks with residual blocks")
        case _:
            return nn.Flatten()
