"""Computes a training step, by the native kernels or by NumPy: loss, correct images, gradients.

The images stay in memory as uint8, and a batch is a list of image numbers. The gradients are left
in arrays, where an optimizer reads them. `lenet.training.autograd` does the same by PyTorch.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.engine import Normalization, native, normalized
from lenet.engine.backward import loss_and_gradients
from lenet.engine.checks import Floats, check_labels
from lenet.networks import Network
from lenet.training.examples import Examples


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


class ArrayStep(ABC):
    """Leaves the gradients of each batch in arrays that stay where they are; a `Step`.

    Parameters
    ----------
    network
        Names the parameters.
    parameters
        Contiguous float32 arrays by name; they are read in place, so that later changes count.
    """

    def __init__(self, network: Network, parameters: Mapping[str, Floats]) -> None:
        self._values = {name: parameters[name] for name in network.parameter_shapes}
        self.gradients = {name: np.zeros_like(value) for name, value in self._values.items()}
        """The gradients of the last batch."""

    @abstractmethod
    def _compute(self, index: NDArray[np.int64]) -> tuple[float, int]:
        """Compute the gradients for these images; return the mean loss and how many are right."""

    def begin(self, order: NDArray[np.int64], loss_sum: float, correct: int) -> None:
        """See `Step`."""
        self._order = order
        self._loss_sum = loss_sum
        self._correct = correct

    def batch(self, first: int, last: int) -> None:
        """See `Step`."""
        loss, correct = self._compute(self._order[first:last])
        self._loss_sum += loss * (last - first)
        self._correct += correct

    def sums(self) -> tuple[float, int]:
        """See `Step`."""
        return self._loss_sum, self._correct


class NativeStep(ArrayStep):
    """Computes gradients by the native kernels.

    Parameters
    ----------
    network
        A network that `lenet.engine.family.covers`.
    parameters
        See `ArrayStep`.
    examples, normalization
        The images, which are not copied, and what maps their pixels to the network's input.
    """

    def __init__(
        self,
        network: Network,
        parameters: Mapping[str, Floats],
        examples: Examples,
        normalization: Normalization,
        threads: int | None = None,
    ) -> None:
        super().__init__(network, parameters)
        self._step = native.Plan(network).batches(
            native.Pointers(network, list(self._values.values())),
            native.Pointers(network, list(self.gradients.values())),
            normalization,
            examples.images,
            examples.labels,
            threads,
            targets=examples.targets,
        )

    def _compute(self, index: NDArray[np.int64]) -> tuple[float, int]:
        return self._step(index)


class NumpyStep(ArrayStep):
    """Computes gradients by `lenet.engine.backward`, for machines without the native engine.

    Parameters
    ----------
    network, parameters, examples, normalization
        See `NativeStep`. The examples have labels, and no targets.
    """

    def __init__(
        self,
        network: Network,
        parameters: Mapping[str, Floats],
        examples: Examples,
        normalization: Normalization,
    ) -> None:
        super().__init__(network, parameters)
        check_labels(network, examples.images, examples.labels)
        self._network, self._examples, self._normalization = network, examples, normalization

    def _compute(self, index: NDArray[np.int64]) -> tuple[float, int]:
        examples = self._examples
        loss, correct, gradients = loss_and_gradients(
            self._network,
            self._values,
            normalized(self._normalization, examples.images[index]),
            examples.labels[index],
        )
        for name, gradient in gradients.items():
            self.gradients[name][...] = gradient
        return loss, correct
