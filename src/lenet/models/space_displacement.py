"""A LeNet along a field, as a module that learns: what `lenet.engine.space_displacement` computes.

While it learns, each layer's sums are normalised over the batch (Ioffe, Szegedy, "Batch
Normalization", ICML 2015); `parameters_folded` folds that into weights and biases.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks import Network
from lenet.networks.checks import Shape
from lenet.networks.convolution import Convolution
from lenet.networks.dilation import Spread
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.residual import KERNEL, LOST, Residual


class _Sums(nn.Module):
    """A convolution, its sums normalised."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = nn.BatchNorm2d(convolution.out_channels)

    def forward(self, maps: Tensor) -> Tensor:
        return self.norm(self.convolution(maps))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return weight and bias of the convolution that alone gives the same in evaluation."""
        mean = cast("Tensor", self.norm.running_mean)
        variance = cast("Tensor", self.norm.running_var)
        scale = self.norm.weight / torch.sqrt(variance + self.norm.eps)
        bias = cast("Tensor", self.convolution.bias)
        weight = self.convolution.weight * scale[:, None, None, None]
        return weight, (bias - mean) * scale + self.norm.bias


class _Block(nn.Module):
    """See `lenet.networks.residual.Residual`, without the largest of each cell."""

    def __init__(self, inputs: int, outputs: int, spread: int) -> None:
        super().__init__()

        def summed(maps: int) -> _Sums:
            across = (1, spread)
            return _Sums(nn.Conv2d(maps, outputs, KERNEL, padding=(1, 0), dilation=across))

        self.first, self.second = summed(inputs), summed(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else None
        self._lost = LOST // 2 * spread

    def forward(self, maps: Tensor) -> Tensor:
        past = maps[..., self._lost : -self._lost]
        past = past if self.shortcut is None else self.shortcut(past)
        return functional.relu(self.second(functional.relu(self.first(maps))) + past)


class UnrolledLeNet(nn.Module):
    """Convolutions or residual blocks with ReLU and max pooling, then fully connected layers.

    Parameters
    ----------
    network
        Of that kind, and one that `lenet.engine.space_displacement.can_be_unrolled`.
    dropout
        The share of C5's units that are silent at each step of training.
    """

    def __init__(self, network: Network, dropout: float = 0.2) -> None:
        super().__init__()
        self._side = network.input_shape[2]
        self.learning: dict[str, nn.Module] = {}
        """The layers that learn, by name; all of them are in `along`."""
        along: list[nn.Module] = []
        spread = Spread()
        flat: Shape = ()
        for stage in network.stages():
            layer, inputs, across = stage.layer, stage.input_shape[0], (1, spread.columns)
            match layer:
                case Convolution(channels=channels, kernel=kernel):
                    learns = _Sums(nn.Conv2d(inputs, channels, kernel, dilation=across))
                    along.append(learns)
                case Residual(channels=channels, rows=rows, columns=columns):
                    learns = _Block(inputs, channels, spread.columns)
                    along += [learns, _largest(rows, columns, spread)]
                case Linear(units=units):
                    maps, *window = (*(flat or stage.input_shape), 1, 1)[:3]
                    learns = nn.Conv2d(maps, units, (window[0], window[1]), dilation=across)
                    if layer is not network.layers[-1]:
                        learns = _Sums(learns)
                    along.append(learns)
                    if flat and layer is not network.layers[-1]:
                        along.append(nn.Dropout2d(dropout))  # behind C5
                    flat = ()
                case Activation():
                    along.append(nn.ReLU())
                    continue
                case Pooling(size=size):
                    along.append(_largest(size, size, spread))
                    continue
                case Flatten():
                    flat = stage.input_shape
                    continue
                case _:
                    raise LenetError(f"{layer.name} ({layer.label}) cannot be unrolled")
            self.learning[layer.name] = learns
        self.along = nn.Sequential(*along)
        self.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, fields: Tensor) -> Tensor:
        """Return log shares ``[N, width / 2, classes]`` for ink ``[N, 1, height, width]``, 0 to 1.

        The width is even.
        """
        value = functional.pad(fields, (self._side // 2 - 1, self._side // 2))
        value = self.along(value.contiguous(memory_format=torch.channels_last))
        return functional.log_softmax(value[:, :, 0].transpose(1, 2).float(), dim=2)

    @torch.no_grad()
    def parameters_folded(self, network: Network) -> dict[str, Floats]:
        """Return the network's parameters, the normalisation folded in: exact in evaluation."""
        found: dict[str, Tensor] = {}
        for name, module in self.learning.items():
            parts = {name: module}
            if isinstance(module, _Block):
                parts = {f"{name}.first": module.first, f"{name}.second": module.second}
                if module.shortcut is not None:
                    found[f"{name}.shortcut.weight"] = module.shortcut.weight
            for part, sums in parts.items():
                if isinstance(sums, _Sums):
                    weight, bias = sums.folded()
                else:
                    weight, bias = sums.get_parameter("weight"), sums.get_parameter("bias")
                found[f"{part}.weight"], found[f"{part}.bias"] = weight, bias
        return {
            name: found[name].contiguous().reshape(shape).numpy().copy()
            for name, shape in network.parameter_shapes.items()
        }


def _largest(rows: int, columns: int, spread: Spread) -> nn.Module:
    across = spread.columns
    stride = spread.pool(columns)
    if rows * columns == 1:
        return nn.Identity()
    return nn.MaxPool2d((rows, columns), (rows, stride), dilation=(1, across))
