"""Defines LeNet as a torch module: the chapter's ``Sequential``, and its exercises as arguments.

Source: "Dive into Deep Learning", section 7.6. `lenet.networks.lenet` describes the layers.
"""

from torch import Generator, nn

from lenet.models.build import modules
from lenet.networks.layers import ActivationKind, PoolingKind
from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network


class LeNet(nn.Sequential):
    """The textbook's LeNet; by default 61,706 parameters for 28×28 grey images and ten classes.

    Input float32 ``[N, in_channels, input_size, input_size]``, output ``[N, classes]`` logits. As
    an `nn.Sequential` it works with the textbook's loop over the layers. Arguments and errors as
    for `lenet.networks.lenet_network`.

    Examples
    --------
    >>> import torch
    >>> from lenet import LeNet
    >>> model = LeNet("relu", "max")
    >>> model(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        activation: ActivationKind = "sigmoid",
        pooling: PoolingKind = "average",
        channels: tuple[int, ...] = (6, 16),
        hidden: tuple[int, ...] = (120, 84),
        classes: int = 10,
        in_channels: int = 1,
        input_size: int = 28,
    ) -> None:
        definition = lenet_network(
            activation, pooling, channels, hidden, classes, in_channels, input_size
        )
        super().__init__(modules(definition))
        self.definition: Network = definition

    @property
    def net(self) -> nn.Sequential:
        """The layers, by the name that they have in the textbook's later edition."""
        return self


def xavier_uniform(model: nn.Module, generator: Generator | None = None) -> None:
    """Initialize the weights of `nn.Conv2d` and `nn.Linear` layers as in the textbook.

    Weights are uniform in ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010). Biases and other
    layers keep their own initialization.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight, generator=generator)


def he_normal(model: nn.Module, generator: Generator | None = None) -> None:
    """Initialize the weights of `nn.Conv2d` and `nn.Linear` for ReLU; set their biases to zero.

    Weights are normal with a standard deviation of sqrt(2 / fan_in) (He et al., 2015). Other layers
    keep their own initialization.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            if layer.bias is not None:  # pyright: ignore[reportUnnecessaryComparison] bias=False
                nn.init.zeros_(layer.bias)


__all__ = ["LeNet", "he_normal", "xavier_uniform"]
