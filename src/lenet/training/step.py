"""What one training step computes, by either engine: loss, number right, gradients.

Both keep the images in memory as uint8 and pick each batch by its numbers, and both leave the
gradients in the parameters, where any optimizer finds them.
"""

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lenet.engine import Normalization, channels_first, native
from lenet.engine.checks import check_labels, check_targets
from lenet.engine.losses import loss_of
from lenet.networks import Network
from lenet.training.examples import Examples

_EVALUATED_AT_ONCE = 1000


class Step(Protocol):
    """Computes on the images of an epoch, in an order that is set anew each time."""

    def begin(self, order: NDArray[np.int64], loss_sum: float, correct: int) -> None:
        """Take the epoch's order of images, and the sums so far if it goes on half-way.

        The examples have been filled before.
        """
        ...

    def batch(self, first: int, last: int) -> None:
        """Set every parameter's gradient for places `first` to `last` of the order."""
        ...

    def sums(self) -> tuple[float, int]:
        """Return the sum of the images' losses, and how many were named right."""
        ...


class TorchStep:
    """PyTorch's autograd, on the CPU or a GPU.

    Parameters
    ----------
    network
        Says which loss is its own.
    model
        Takes float32 ``[N, channels, height, width]``; its parameters receive gradients.
    examples
        They are copied to the model's device, as uint8: once, or each epoch if they change.
    normalization
        Applied to each batch on the device.
    """

    def __init__(
        self, network: Network, model: nn.Module, examples: Examples, normalization: Normalization
    ) -> None:
        check_labels(network, examples.images, examples.labels)
        self._network = network
        self.device = next(model.parameters()).device
        self.model = model
        self.normalization = normalization
        self._examples = examples
        self.labels = torch.from_numpy(examples.labels).to(self.device)
        self._wanted = self.labels
        if examples.targets is not None:
            check_targets(network, examples.images, examples.targets)
            self._wanted = torch.from_numpy(examples.targets).to(self.device)
        self._copy_images()

    def _copy_images(self) -> None:
        images = channels_first(self._examples.images).copy()
        self.images = torch.from_numpy(images).to(self.device)

    def _scores(self, index: Tensor | slice) -> Tensor:
        return self.model(self.normalization(self.images[index].to(torch.float32)))

    def _loss(self, scores: Tensor, index: Tensor) -> Tensor:
        if loss_of(self._network) == "squared error":
            targets = 2 * nn.functional.one_hot(self.labels[index], self._network.classes) - 1
            return ((scores - targets) ** 2).sum(dim=1).mean() / 2
        if self._network.rubbish is not None:
            none = scores.new_full((len(scores), 1), -self._network.rubbish)
            scores = torch.cat([scores, none], dim=1)
        return nn.functional.cross_entropy(scores, self._wanted[index])

    def begin(self, order: NDArray[np.int64], loss_sum: float, correct: int) -> None:
        """See `Step`."""
        self._order = torch.from_numpy(order).to(self.device)
        if self._examples.change:
            self._copy_images()
        # Sums stay on the device: reading a number back would make a GPU wait at every step.
        self._sums = torch.tensor([loss_sum, correct], dtype=torch.float64, device=self.device)

    def batch(self, first: int, last: int) -> None:
        """See `Step`."""
        index = self._order[first:last]
        scores = self._scores(index)
        loss = self._loss(scores, index)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        correct = self._right(scores.detach(), self.labels[index]).sum()
        self._sums += torch.stack([loss.detach() * len(index), correct])

    def _right(self, scores: Tensor, labels: Tensor) -> Tensor:
        right = scores.argmax(dim=1) == labels
        if self._network.rubbish is not None:
            none = (labels == self._network.classes) & (scores.amax(dim=1) < -self._network.rubbish)
            right = right | none
        return right

    def sums(self) -> tuple[float, int]:
        """See `Step`."""
        return float(self._sums[0]), int(self._sums[1])

    @torch.no_grad()
    def accuracy(self) -> float:
        """Return the share of all the images that the model names right."""
        right = 0
        for start in range(0, len(self.labels), _EVALUATED_AT_ONCE):
            block = slice(start, start + _EVALUATED_AT_ONCE)
            right += int((self._scores(block).argmax(dim=1) == self.labels[block]).sum())
        return right / len(self.labels)


class NativeStep:
    """The native kernels, on the memory of the model's own parameters.

    Parameters
    ----------
    network
        One that `lenet.engine.family.covers` knows.
    model
        On the CPU, with the network's parameters by name. Their gradients are made here once and
        written anew at every step.
    examples, normalization
        As for `TorchStep`; nothing is copied.
    """

    def __init__(
        self,
        network: Network,
        model: nn.Module,
        examples: Examples,
        normalization: Normalization,
        threads: int | None = None,
    ) -> None:
        parameters = [model.get_parameter(name) for name in network.parameter_shapes]
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [p.grad.numpy() for p in parameters if p.grad is not None]
        self._plan = native.Plan(network)
        self._parameters = native.Pointers(network, [p.detach().numpy() for p in parameters])
        self._normalization = normalization
        self._examples = examples
        self._step = self._plan.batches(
            self._parameters,
            native.Pointers(network, gradients),
            normalization,
            examples.images,
            examples.labels,
            threads,
            targets=examples.targets,
        )

    def begin(self, order: NDArray[np.int64], loss_sum: float, correct: int) -> None:
        """See `Step`."""
        self._order, self._loss_sum, self._correct = order, loss_sum, correct

    def batch(self, first: int, last: int) -> None:
        """See `Step`."""
        loss, correct = self._step(self._order[first:last])
        self._loss_sum += loss * (last - first)
        self._correct += correct

    def sums(self) -> tuple[float, int]:
        """See `Step`."""
        return self._loss_sum, self._correct
