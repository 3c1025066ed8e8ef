"""Defines the layers of 1989 to 1998 that PyTorch lacks, and initializations, in torch.

Sources: LeCun et al., Neural Computation 1(4), 1989; NIPS 2, 1989; Proc. IEEE 86(11), 1998, pages 7
to 9.
"""

import torch
from torch import Tensor, nn

from lenet.networks.checks import Shape
from lenet.networks.convolution import Convolution
from lenet.networks.layers import AMPLITUDE, SLOPE
from lenet.networks.radial_basis import RadialBasis, code
from lenet.networks.subsampling import Subsampling


class ScaledTanh(nn.Module):
    """The scaled hyperbolic tangent, ``1.7159 tanh(2/3 a)``."""

    def forward(self, values: Tensor) -> Tensor:
        """Apply the function to each element."""
        return AMPLITUDE * torch.tanh(SLOPE * values)


class SubsamplingLayer(nn.Module):
    """The torch module for the layer `Subsampling`."""

    def __init__(self, layer: Subsampling, channels: int) -> None:
        super().__init__()
        self.size = layer.size
        self.factor = layer.size**2 if layer.kind == "sum" else 1
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        root_fan_in_uniform(self)

    def forward(self, maps: Tensor) -> Tensor:
        """Return ``[N, channels, H // size, W // size]`` for ``[N, channels, H, W]``."""
        pooled = nn.functional.avg_pool2d(maps, self.size) * self.factor
        return pooled * self.weight[:, None, None] + self.bias[:, None, None]


class TableConvolution(nn.Module):
    """The module for a `Convolution` with a table, a border that is not 0, or a bias per unit."""

    def __init__(self, layer: Convolution, shape: Shape) -> None:
        super().__init__()
        self.layer = layer
        self.channels = shape[0]
        shapes = layer.parameter_shapes(shape)
        self.weight = nn.Parameter(torch.empty(shapes["weight"]))
        self.bias = nn.Parameter(torch.empty(shapes["bias"]))
        self.links = torch.tensor(layer.links(shape[0])).T
        root_fan_in_uniform(self)

    def fan_in(self) -> Tensor:
        """Return the number of inputs of a unit, for each output map, ``[out]``."""
        return torch.bincount(self.links[0], minlength=self.layer.channels) * self.layer.kernel**2

    def forward(self, maps: Tensor) -> Tensor:
        """Return ``[N, out, height, width]`` for maps of the definition's shape."""
        layer = self.layer
        out, into = self.links
        kernels = (layer.kernel, layer.kernel)
        dense = self.weight.new_zeros((layer.channels, self.channels, *kernels))
        dense = dense.index_put((out, into), self.weight.view(-1, *kernels))
        padded = nn.functional.pad(maps, (layer.padding,) * 4, value=layer.border)
        sums = nn.functional.conv2d(padded, dense, stride=layer.stride)
        return sums + (self.bias if layer.bias == "unit" else self.bias[:, None, None])


class RadialBasisLayer(nn.Module):
    """The torch module for the layer `RadialBasis`."""

    codes: Tensor

    def __init__(self, layer: RadialBasis) -> None:
        super().__init__()
        codes = torch.tensor([code(one) for one in layer.characters], dtype=torch.float32)
        # The codes follow from the characters, so they are not saved.
        self.register_buffer("codes", codes, persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Return minus the squared distances, ``[N, characters]``, for ``[N, 84]``."""
        return -((values[:, None] - self.codes) ** 2).sum(dim=2)


@torch.no_grad()
def fan_in_uniform(model: nn.Module) -> None:
    """Initialize weights and biases, uniform in ±2.4 / fan_in, as in the papers.

    Sources: the paper of 1989; Proc. IEEE 86(11), 1998, page 41. The divisor is
    not the square root of the fan-in, because the inputs of a kernel are correlated.
    """
    for layer in model.modules():
        match layer:
            case TableConvolution():
                _draw(layer.weight, layer.fan_in()[layer.links[0]] / 2.4)
                _draw(layer.bias, layer.fan_in() / 2.4)
            case SubsamplingLayer() | nn.Conv2d() | nn.Linear():
                pooled = isinstance(layer, SubsamplingLayer)
                bound = 2.4 / (layer.size**2 if pooled else layer.weight[0].numel())
                layer.weight.uniform_(-bound, bound)
                if layer.bias is not None:  # pyright: ignore[reportUnnecessaryComparison] bias=False
                    layer.bias.uniform_(-bound, bound)
            case _:
                pass


@torch.no_grad()
def root_fan_in_uniform(model: nn.Module) -> None:
    """Initialize weights, uniform in ±1 / sqrt(fan_in), and set biases to zero, as in Lush.

    A subsampling unit starts as the sum of its window, divided by the window's side: a sum of n
    inputs by sqrt(n). Lush is the software of the paper's authors; `docs/family.md` says why its
    rule replaces that of the paper.
    """
    for layer in model.modules():
        match layer:
            case TableConvolution():
                _draw(layer.weight, layer.fan_in()[layer.links[0]].sqrt())
            case SubsamplingLayer():
                layer.weight.fill_(layer.size / layer.factor)
            case nn.Conv2d() | nn.Linear():
                bound = layer.weight[0].numel() ** -0.5
                layer.weight.uniform_(-bound, bound)
            case _:
                continue
        if layer.bias is not None:  # pyright: ignore[reportUnnecessaryComparison] bias=False
            layer.bias.zero_()


def _draw(values: Tensor, divisors: Tensor) -> None:
    """Fill values at random, uniform in ±1 / divisor, one divisor for each kernel or map."""
    values.uniform_(-1, 1)
    values.view(len(divisors), -1).div_(divisors[:, None])
