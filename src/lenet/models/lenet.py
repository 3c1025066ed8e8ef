"""LeNet as a torch module: the chapter's Sequential, with the chapter's exercises as arguments.

Source: "Dive into Deep Learning", section 7.6. The layers are those of `lenet.networks.lenet`.
"""

from torch import Generator, nn

from lenet.models.build import modules
from lenet.networks.layers import ActivationKind, PoolingKind
from lenet.networks.lenet import lenet_network
from lenet.networks.network import Network


class LeNet(nn.Sequential):
    """The chapter's LeNet; by default 61,706 parameters for 28×28 grey images, ten classes.

    Input ``[N, in_channels, input_size, input_size]``, float32; output ``[N, classes]`` logits.
    It is an `nn.Sequential`, so the chapter's own loop works::

        X = torch.rand(1, 1, 28, 28)
        for layer in LeNet():
            X = layer(X)
            print(layer.__class__.__name__, "output shape:", X.shape)

    The arguments and the errors are those of `lenet.networks.lenet_network`.
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
        """The layers, under the name by which the chapter's later edition loops over them."""
        return self


def xavier_uniform(model: nn.Module, generator: Generator | None = None) -> None:
    """Draw the weights of every convolution and linear layer as the chapter does.

    Layers of 1989 to 1998 that PyTorch does not have keep theirs.

    Weights are uniform in ±sqrt(6 / (fan in + fan out)) (Glorot and Bengio, 2010); biases keep
    PyTorch's own initialisation, as in the chapter.
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight, generator=generator)


def he_normal(model: nn.Module, generator: Generator | None = None) -> None:
    """Draw the weights of every convolution and linear layer for ReLU, and set biases to zero.

    Layers of 1989 to 1998 that PyTorch does not have keep theirs.

    Weights are normal with a standard deviation of sqrt(2 / fan in) (He et al., 2015).
    """
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
            if layer.bias is not None:  # pyright: ignore[reportUnnecessaryComparison] it may be off
                nn.init.zeros_(layer.bias)


__all__ = ["LeNet", "he_normal", "xavier_uniform"]
