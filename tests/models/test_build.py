from typing import Any

import pytest
from torch import nn

from lenet.models.build import modules
from lenet.models.historical import (
    RadialBasisLayer,
    ScaledTanh,
    SubsamplingLayer,
    TableConvolution,
)
from lenet.networks import Layer, Network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.subsampling import Subsampling


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (Convolution("x", 3, 2), nn.Conv2d),
        (Convolution("x", 3, 2, padding=1, stride=2), nn.Conv2d),
        (Convolution("x", 3, 2, border=0.5), TableConvolution),
        (Convolution("x", 3, 2, bias="unit"), TableConvolution),
        (Convolution("x", 1, 2, table=("X", "X")), TableConvolution),
        (Subsampling("x", "sum"), SubsamplingLayer),
        (Padding("x", 2, -1), nn.ConstantPad2d),
        (Pooling("x", "average", 3), nn.AvgPool2d),
        (Pooling("x", "max", 3), nn.MaxPool2d),
        (Activation("x", "scaled tanh"), ScaledTanh),
        (Activation("x", "sigmoid"), nn.Sigmoid),
        (Activation("x", "tanh"), nn.Tanh),
        (Activation("x", "relu"), nn.ReLU),
        (Activation("x", "leaky relu"), nn.LeakyReLU),
    ],
)
def test_each_layer_has_its_module(layer: Layer, kind: type[Any]) -> None:
    network = Network("n", (2, 6, 6), (layer, Flatten("f"), Linear("l", 84)))
    made = modules(network)
    assert list(made) == ["x", "f", "l"]
    assert type(made["x"]) is kind
    shapes = {
        f"{name}.{key}": tuple(value.shape)
        for name, module in made.items()
        for key, value in module.named_parameters()
    }
    assert shapes == network.parameter_shapes
    gaussian = Network("n", (2, 6, 6), (*network.layers, RadialBasis("o", "01", 1.0)))
    assert type(modules(gaussian)["o"]) is RadialBasisLayer
