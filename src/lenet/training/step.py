"""Computes a training step, by PyTorch or the native kernels: loss, correct images, gradients.

The images stay in memory as uint8, and a batch is a list of image numbers. The gradients are left
in the model's parameters, where an optimizer reads them.
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
    """Computes the gradients of batches of an epoch's images."""

    def begin(self, order: NDArray[np.int64], loss_sum: float, correct: int) -> None:
        """Begin an epoch, or continue it, with its images in the order `order`, int64 ``[N]``.

        `Examples.begin` was called before. `loss_sum` and `correct` are the sums so far.
        """
        ...

    def batch(self, first: int, last: int) -> None:
        """Compute the gradients for the images ``order[first:last]``."""
        ...

    def sums(self) -> tuple[float, int]:
        """Return the sum of the losses and the number of correct images in this epoch so far."""
        ...


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


class NativeStep:
    """Computes gradients by the native kernels, in the memory of the model; a `Step`.

    Parameters
    ----------
    network
        A network that `lenet.engine.family.covers`.
    model
        On the CPU, with the network's parameters by name. The memory of their gradients is
        allocated once and overwritten at every step.
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
        self._step = native.Plan(network).batches(
            native.Pointers(network, [p.detach().numpy() for p in parameters]),
            native.Pointers(network, gradients),
            normalization,
            examples.images,
            examples.labels,
            threads,
            targets=examples.targets,
        )

    def begin(self, order: NDArray[np.int64], loss_sum: float, correct: int) -> None:
        """See `Step`."""
        self._order = order
        self._loss_sum = loss_sum
        self._correct = correct

    def batch(self, first: int, last: int) -> None:
        """See `Step`."""
        loss, correct = self._step(self._order[first:last])
        self._loss_sum += loss * (last - first)
        self._correct += correct

    def sums(self) -> tuple[float, int]:
        """See `Step`."""
        return self._loss_sum, self._correct
