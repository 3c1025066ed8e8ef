"""A LeNet along a field, as a module that learns: what `lenet.reading.unrolled` computes.

While it learns, each layer's sums are normalised over the batch (Ioffe, Szegedy, "Batch
Normalization", ICML 2015); `parameters_folded` folds that into weights and biases.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet.engine.floats import Floats
from lenet.networks import Network
from lenet.networks.checks import Shape
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Flatten, Linear, Pooling

_STEP = 2  # see lenet.reading.unrolled


class UnrolledLeNet(nn.Module):
    """Convolutions with ReLU, max pooling behind some, then fully connected layers.

    Parameters
    ----------
    network
        Of that kind, and one that `lenet.reading.unrolled.can_be_unrolled`.
    dropout
        The share of C5's units that are silent at each step of training.
    """

    def __init__(self, network: Network, dropout: float = 0.2) -> None:
        super().__init__()
        self._side = network.input_shape[2]
        self._names: list[str] = []
        self._strides: list[tuple[int, int] | None] = []  # of the pooling behind each layer
        self.layers = nn.ModuleList()
        self.norms = nn.ModuleList()
        flat: Shape = ()
        for stage in network.stages():
            layer = stage.layer
            if isinstance(layer, Convolution):
                module = nn.Conv2d(stage.input_shape[0], layer.channels, layer.kernel)
            elif isinstance(layer, Linear) and flat:
                self._c5 = len(self.layers)
                maps, height, width = flat
                module = nn.Conv2d(maps, layer.units, (height, width), dilation=(1, _STEP))
                flat = ()
            elif isinstance(layer, Linear):
                module = nn.Conv2d(stage.input_shape[0], layer.units, 1)
            else:
                if isinstance(layer, Pooling):
                    self._strides[-1] = (2, 1) if any(self._strides) else (2, 2)
                elif isinstance(layer, Flatten):
                    flat = stage.input_shape
                continue
            self._names.append(layer.name)
            self._strides.append(None)
            self.layers.append(module)
            self.norms.append(nn.BatchNorm2d(module.out_channels))
        self.dropout = nn.Dropout2d(dropout)
        self.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, fields: Tensor) -> Tensor:
        """Return log shares ``[N, width / 2, classes]`` for ink ``[N, 1, height, width]``, 0 to 1.

        The width is even.
        """
        value = functional.pad(fields, (self._side // 2 - 1, self._side // 2))
        value = value.contiguous(memory_format=torch.channels_last)
        last = len(self.layers) - 1
        for place, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            value = layer(value)
            if place == last:
                break
            value = functional.relu(norm(value))
            stride = self._strides[place]
            if stride is not None:
                value = functional.max_pool2d(value, 2, stride)
            if place == self._c5:
                value = self.dropout(value)
        return functional.log_softmax(value[:, :, 0].transpose(1, 2).float(), dim=2)

    @torch.no_grad()
    def parameters_folded(self, network: Network) -> dict[str, Floats]:
        """Return the network's parameters, the normalisation folded in: exact in evaluation."""
        result: dict[str, Floats] = {}
        shapes = network.parameter_shapes
        last = len(self.layers) - 1
        for place, name in enumerate(self._names):
            layer = cast("nn.Conv2d", self.layers[place])
            norm = cast("nn.BatchNorm2d", self.norms[place])
            weight, bias = layer.weight, cast("Tensor", layer.bias)
            if place < last:
                mean, variance = cast("Tensor", norm.running_mean), cast("Tensor", norm.running_var)
                scale = norm.weight / torch.sqrt(variance + norm.eps)
                weight = weight * scale[:, None, None, None]
                bias = (bias - mean) * scale + norm.bias
            shape = shapes[f"{name}.weight"]
            result[f"{name}.weight"] = weight.contiguous().reshape(shape).numpy().copy()
            result[f"{name}.bias"] = bias.numpy().copy()
        return result
