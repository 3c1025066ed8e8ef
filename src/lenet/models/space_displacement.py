"""Defines a space displacement network as a torch module, for training.

It runs a network along a whole number image. In evaluation it computes what
`lenet.engine.space_displacement` computes. In training each layer is followed by batch
normalization (Ioffe, Szegedy, ICML 2015), which `parameters_folded` folds into weights and biases.
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
from lenet.networks.dilation import ColumnDilation
from lenet.networks.layers import Activation, Flatten, Linear, Pooling
from lenet.networks.residual import KERNEL, LOST_COLUMNS, Residual


class _NormalizedConvolution(nn.Module):
    """A convolution, then batch normalization."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution
        self.norm = nn.BatchNorm2d(convolution.out_channels)

    def forward(self, maps: Tensor) -> Tensor:
        return self.norm(self.convolution(maps))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Return weight and bias of a convolution that gives the same output in evaluation."""
        mean = cast("Tensor", self.norm.running_mean)
        variance = cast("Tensor", self.norm.running_var)
        scale = self.norm.weight / torch.sqrt(variance + self.norm.eps)
        bias = cast("Tensor", self.convolution.bias)
        weight = self.convolution.weight * scale[:, None, None, None]
        return weight, (bias - mean) * scale + self.norm.bias


class _ResidualBlock(nn.Module):
    """The module for `Residual`, without its pooling."""

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()

        def convolution(maps: int) -> _NormalizedConvolution:
            return _NormalizedConvolution(
                nn.Conv2d(maps, outputs, KERNEL, padding=(1, 0), dilation=(1, dilation))
            )

        self.first, self.second = convolution(inputs), convolution(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False) if inputs != outputs else None
        self._lost = LOST_COLUMNS // 2 * dilation

    def forward(self, maps: Tensor) -> Tensor:
        shortcut = maps[..., self._lost : -self._lost]
        shortcut = shortcut if self.shortcut is None else self.shortcut(shortcut)
        return functional.relu(self.second(functional.relu(self.first(maps))) + shortcut)


class SpaceDisplacementNetwork(nn.Module):
    """A network that runs along a whole number image.

    Parameters
    ----------
    network
        With ReLU and max pooling; `lenet.engine.space_displacement.is_space_displacement` must
        return True for it.
    dropout
        The probability with which a unit of the first of several fully connected layers is dropped.

    Raises
    ------
    LenetError
        The network has another layer.
    """

    def __init__(self, network: Network, dropout: float = 0.2) -> None:
        super().__init__()
        self._side = network.input_shape[2]
        self.trainable: dict[str, nn.Module] = {}
        """The modules with parameters, by the layer's name; `along` also holds them."""
        along: list[nn.Module] = []
        dilation = ColumnDilation()
        flat: Shape = ()
        for stage in network.stages():
            layer, inputs, columns = stage.layer, stage.input_shape[0], (1, dilation.columns)
            match layer:
                case Convolution(channels=channels, kernel=kernel):
                    module = nn.Conv2d(inputs, channels, kernel, dilation=columns)
                    module = _NormalizedConvolution(module)
                    along.append(module)
                case Residual(channels=channels, rows=rows, columns=width):
                    module = _ResidualBlock(inputs, channels, dilation.columns)
                    along += [module, _max_pooling(rows, width, dilation)]
                case Linear(units=units):
                    maps, *window = (*(flat or stage.input_shape), 1, 1)[:3]
                    module = nn.Conv2d(maps, units, (window[0], window[1]), dilation=columns)
                    if layer is not network.layers[-1]:
                        module = _NormalizedConvolution(module)
                    along.append(module)
                    if flat and layer is not network.layers[-1]:
                        along.append(nn.Dropout2d(dropout))
                    flat = ()
                case Activation(kind="relu"):
                    along.append(nn.ReLU())
                    continue
                case Pooling(kind="max", size=size):
                    along.append(_max_pooling(size, size, dilation))
                    continue
                case Flatten():
                    flat = stage.input_shape
                    continue
                case _:
                    raise LenetError(
                        f"{layer.name} ({layer.label}) cannot be trained along a number image, "
                        "only ReLU, max pooling, convolutions, residual blocks and linear layers"
                    )
            self.trainable[layer.name] = module
        self.along = nn.Sequential(*along)  # checkpoints hold the parameters under this name
        self.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, ink: Tensor) -> Tensor:
        """Compute log probabilities ``[N, width / 2, classes]``.

        Parameters
        ----------
        ink
            ``[N, 1, height, width]``, 0 to 1, of an even width.
        """
        value = functional.pad(ink, (self._side // 2 - 1, self._side // 2))
        value = self.along(value.contiguous(memory_format=torch.channels_last))
        return functional.log_softmax(value[:, :, 0].transpose(1, 2).float(), dim=2)

    @torch.no_grad()
    def parameters_folded(self, network: Network) -> dict[str, Floats]:
        """Return the network's parameters with the batch normalization folded in."""
        found: dict[str, Tensor] = {}
        for name, module in self.trainable.items():
            parts = {name: module}
            if isinstance(module, _ResidualBlock):
                parts = {f"{name}.first": module.first, f"{name}.second": module.second}
                if module.shortcut is not None:
                    found[f"{name}.shortcut.weight"] = module.shortcut.weight
            for part, one in parts.items():
                if isinstance(one, _NormalizedConvolution):
                    weight, bias = one.folded()
                else:
                    weight, bias = one.get_parameter("weight"), one.get_parameter("bias")
                found[f"{part}.weight"], found[f"{part}.bias"] = weight, bias
        return {
            name: found[name].contiguous().reshape(shape).numpy().copy()
            for name, shape in network.parameter_shapes.items()
        }


def _max_pooling(rows: int, columns: int, dilation: ColumnDilation) -> nn.Module:
    distance = dilation.columns
    stride = dilation.pool(columns)
    if rows * columns == 1:
        return nn.Identity()
    return nn.MaxPool2d((rows, columns), (rows, stride), dilation=(1, distance))
