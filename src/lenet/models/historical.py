"""The layers of 1989 to 1998 that PyTorch does not have, as torch modules, and how they begin.

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
    """``1.7159 tanh(2/3 a)``."""

    def forward(self, values: Tensor) -> Tensor:
        """Squash values of any shape."""
        return AMPLITUDE * torch.tanh(SLOPE * values)


class SubsamplingLayer(nn.Module):
    """See `lenet.networks.subsampling.Subsampling`; ``[N, channels, H, W]`` comes in."""

    def __init__(self, layer: Subsampling, channels: int) -> None:
        super().__init__()
        self.size = layer.size
        self.factor = layer.size**2 if layer.kind == "sum" else 1
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        root_fan_in_uniform(self)

    def forward(self, maps: Tensor) -> Tensor:
        """Return ``[N, channels, H // size, W // size]``."""
        pooled = nn.functional.avg_pool2d(maps, self.size) * self.factor
        return pooled * self.weight[:, None, None] + self.bias[:, None, None]


class TableConvolution(nn.Module):
    """A convolution with a connection table, a border that is not zero, or a bias a unit.

    See `lenet.networks.convolution.Convolution`; maps of `shape` come in, batch first.
    """

    def __init__(self, layer: Convolution, shape: Shape) -> None:
        super().__init__()
        self.layer = layer
        self.channels = shape[0]
        shapes = layer.parameter_shapes(shape)
        self.weight = nn.Parameter(torch.empty(shapes["weight"]))
        self.bias = nn.Parameter(torch.empty(shapes["bias"]))
        self.links = torch.tensor(layer.links(shape[0])).T
        root_fan_in_uniform(self)

    def reads(self) -> Tensor:
        """Return how many units a unit of each map reads, ``[out]``."""
        return torch.bincount(self.links[0], minlength=self.layer.channels) * self.layer.kernel**2

    def forward(self, maps: Tensor) -> Tensor:
        """Return ``[N, out, height, width]``."""
        layer = self.layer
        frame = (layer.padding,) * 4
        out, into = self.links
        kernels = (layer.kernel, layer.kernel)
        dense = self.weight.new_zeros((layer.channels, self.channels, *kernels))
        dense = dense.index_put((out, into), self.weight.view(-1, *kernels))
        framed = nn.functional.pad(maps, frame, value=layer.border)
        sums = nn.functional.conv2d(framed, dense, stride=layer.stride)
        return sums + (self.bias if layer.bias == "unit" else self.bias[:, None, None])


class RadialBasisLayer(nn.Module):
    """See `lenet.networks.radial_basis.RadialBasis`; ``[N, 84]`` comes in."""

    codes: Tensor

    def __init__(self, layer: RadialBasis) -> None:
        super().__init__()
        codes = torch.tensor([code(one) for one in layer.characters], dtype=torch.float32)
        # Fixed, and known from the characters: not a part of what is saved.
        self.register_buffer("codes", codes, persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Return minus the squared distances, ``[N, characters]``."""
        return -((values[:, None] - self.codes) ** 2).sum(dim=2)


@torch.no_grad()
def fan_in_uniform(model: nn.Module) -> None:
    """Draw every weight and bias uniformly within ±2.4 / fan-in (1989; Proc. IEEE 1998, page 41).

    It is divided by the fan-in and not its root because the inputs of a kernel are correlated.
    """
    for layer in model.modules():
        match layer:
            case TableConvolution():
                _draw(layer.weight, layer.reads()[layer.links[0]] / 2.4)
                _draw(layer.bias, layer.reads() / 2.4)
            case SubsamplingLayer():
                bound = 2.4 / layer.size**2
                layer.weight.uniform_(-bound, bound)
                layer.bias.uniform_(-bound, bound)
            case nn.Conv2d() | nn.Linear():
                bound = 2.4 / layer.weight[0].numel()
                layer.weight.uniform_(-bound, bound)
                if layer.bias is not None:  # pyright: ignore[reportUnnecessaryComparison] it may be off
                    layer.bias.uniform_(-bound, bound)
            case _:
                pass


@torch.no_grad()
def root_fan_in_uniform(model: nn.Module) -> None:
    """Draw every weight uniformly within ±1 / sqrt(fan-in), and set biases to zero.

    So does the authors' own software, Lush. A unit of a subsampling begins as the sum of its window
    divided by the window's side: a sum of n numbers by sqrt(n). Why not as LeNet-5's paper says:
    `docs/family.md`.
    """
    for layer in model.modules():
        match layer:
            case TableConvolution():
                _draw(layer.weight, layer.reads()[layer.links[0]].sqrt())
                layer.bias.zero_()
            case SubsamplingLayer():
                layer.weight.fill_(layer.size / layer.factor)
                layer.bias.zero_()
            case nn.Conv2d() | nn.Linear():
                bound = layer.weight[0].numel() ** -0.5
                layer.weight.uniform_(-bound, bound)
                if layer.bias is not None:  # pyright: ignore[reportUnnecessaryComparison] it may be off
                    layer.bias.zero_()
            case _:
                pass


def _draw(values: Tensor, divisors: Tensor) -> None:
    """Draw uniformly within ±1 / divisor, of which there is one for each kernel or map."""
    values.uniform_(-1, 1)
    values.view(len(divisors), -1).div_(divisors[:, None])
