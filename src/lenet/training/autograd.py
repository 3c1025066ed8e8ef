"""Trains by PyTorch, on the CPU or a GPU: parameters, training steps, gradient descent.

`lenet.training.step` and `lenet.training.sgd` do the same on arrays, without PyTorch.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lenet.engine import Normalization, channels_first
from lenet.engine.checks import Floats, check_labels, check_targets
from lenet.engine.losses import loss_of
from lenet.models.build import modules
from lenet.networks import Network
from lenet.training.examples import Examples
from lenet.training.weights import Weights

_EVALUATED_AT_ONCE = 1000


class TorchWeights(Weights):
    """Parameters in a torch module.

    Parameters
    ----------
    network
        A network without residual blocks.
    first
        The first parameters by name; they are copied.
    device
        ``cpu`` or ``cuda``.
    """

    def __init__(self, network: Network, first: Mapping[str, Floats], device: str) -> None:
        with torch.random.fork_rng(devices=[]):  # the modules draw weights, which are replaced
            self.model = nn.Sequential(modules(network)).to(device)
        super().__init__(first)
        self.load(first)

    def arrays(self) -> dict[str, Floats]:
        """Return the parameters by name; on the CPU they share the module's memory."""
        return {name: self._parameter(name).cpu().numpy() for name in self._arrays}

    def load(self, values: Mapping[str, Floats]) -> None:
        """See `Weights`."""
        for name, value in values.items():
            self._parameter(name).copy_(torch.from_numpy(value))

    def _parameter(self, name: str) -> Tensor:
        return self.model.get_parameter(name).detach()


class TorchStep:
    """Computes gradients by PyTorch's autograd, on the CPU or a GPU; a `Step`.

    Parameters
    ----------
    network
        The definition; its last layer decides the loss.
    model
        Takes float32 ``[N, channels, height, width]``; its parameters receive the gradients.
    examples
        The images. They are copied to the model's device as uint8, again in each epoch if they are
        distorted.
    normalization
        Applied to each batch on the device.
    """

    def __init__(
        self, network: Network, model: nn.Module, examples: Examples, normalization: Normalization
    ) -> None:
        check_labels(network, examples.images, examples.labels)
        self.model = model
        self._network = network
        self._normalization = normalization
        self._examples = examples
        self._device = next(model.parameters()).device
        self._labels = torch.from_numpy(examples.labels).to(self._device)
        self._targets = self._labels
        if examples.targets is not None:
            check_targets(network, examples.images, examples.targets)
            self._targets = torch.from_numpy(examples.targets).to(self._device)
        self._copy_images()

    def _copy_images(self) -> None:
        images = channels_first(self._examples.images).copy()
        self._images = torch.from_numpy(images).to(self._device)

    def _scores(self, index: Tensor | slice) -> Tensor:
        return self.model(self._normalization(self._images[index].to(torch.float32)))

    def _loss(self, scores: Tensor, index: Tensor) -> Tensor:
        if loss_of(self._network) == "squared error":
            targets = 2 * nn.functional.one_hot(self._labels[index], self._network.classes) - 1
            return ((scores - targets) ** 2).sum(dim=1).mean() / 2
        if self._network.rubbish is not None:
            none = scores.new_full((len(scores), 1), -self._network.rubbish)
            scores = torch.cat([scores, none], dim=1)
        return nn.functional.cross_entropy(scores, self._targets[index])

    def begin(self, order: NDArray[np.int64], loss_sum: float, correct: int) -> None:
        """See `Step`."""
        self._order = torch.from_numpy(order).to(self._device)
        if self._examples.distorted:
            self._copy_images()
        # The sums stay on the device: reading a number would make a GPU wait at every step.
        self._sums = torch.tensor([loss_sum, correct], dtype=torch.float64, device=self._device)

    def batch(self, first: int, last: int) -> None:
        """See `Step`."""
        index = self._order[first:last]
        scores = self._scores(index)
        loss = self._loss(scores, index)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        correct = self._correct(scores.detach(), self._labels[index]).sum()
        self._sums += torch.stack([loss.detach() * len(index), correct])

    def _correct(self, scores: Tensor, labels: Tensor) -> Tensor:
        """Return bool ``[N]``: whether the best class, or none of the classes, is the label."""
        correct = scores.argmax(dim=1) == labels
        if self._network.rubbish is not None:
            none = (labels == self._network.classes) & (scores.amax(dim=1) < -self._network.rubbish)
            correct = correct | none
        return correct

    def sums(self) -> tuple[float, int]:
        """See `Step`."""
        return float(self._sums[0]), int(self._sums[1])

    @torch.no_grad()
    def accuracy(self) -> float:
        """Return the accuracy of the model on all the images."""
        correct = 0
        for start in range(0, len(self._labels), _EVALUATED_AT_ONCE):
            block = slice(start, start + _EVALUATED_AT_ONCE)
            correct += int((self._scores(block).argmax(dim=1) == self._labels[block]).sum())
        return correct / len(self._labels)


class TorchSGD:
    """Stochastic gradient descent: the same as `torch.optim.SGD`, to the bit.

    PyTorch's class is not used because the first optimizer in a process imports PyTorch's compiler.
    That takes 0.8 s, as long as two epochs of the textbook's LeNet.

    The parameters are changed in place, by their ``grad``; `momentum` and `weight_decay` are
    defined as in PyTorch.

    Examples
    --------
    >>> layer = nn.Linear(1, 1, bias=False)
    >>> layer.weight.data = torch.tensor([[1.0]])
    >>> layer.weight.grad = torch.tensor([[0.5]])
    >>> TorchSGD(layer).step(learning_rate=0.1)
    >>> layer.weight.data
    tensor([[0.9500]])
    """

    def __init__(self, model: nn.Module, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        self._parameters = dict(model.named_parameters())
        self._momentum = momentum
        self._weight_decay = weight_decay
        self._velocities = {
            name: torch.zeros_like(value) for name, value in self._parameters.items() if momentum
        }

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Take one step; parameters without a gradient stay unchanged."""
        for name, parameter in self._parameters.items():
            gradient = parameter.grad
            if gradient is None:
                continue
            if self._weight_decay:
                gradient = gradient.add(parameter, alpha=self._weight_decay)
            if self._momentum:
                gradient = self._velocities[name].mul_(self._momentum).add_(gradient)
            parameter.add_(gradient, alpha=-learning_rate)

    def state_dict(self) -> dict[str, Floats]:
        """Return the velocities, which a checkpoint must keep; none without momentum."""
        return {name: value.cpu().numpy() for name, value in self._velocities.items()}

    def load_state_dict(self, state: Mapping[str, Floats]) -> None:
        """Restore what `state_dict` returned."""
        for name, velocity in self._velocities.items():
            velocity.copy_(torch.from_numpy(state[name]))
