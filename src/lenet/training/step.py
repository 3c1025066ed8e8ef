"""Computes a training step by the native kernels: loss, correct images, gradients.

The images stay in memory as uint8, and a batch is a list of image numbers. The gradients are left
in arrays, where an optimizer reads them. `lenet.training.autograd` does the same by PyTorch.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.engine import Normalization, native
from lenet.engine.checks import Floats
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


class NativeStep:
    """Computes gradients by the native kernels; a `Step`.

    Parameters
    ----------
    network
        A network that `lenet.engine.family.covers`.
    parameters
        Contiguous float32 arrays by name; they are read in place, so that later changes count.
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
        values = {name: parameters[name] for name in network.parameter_shapes}
        self.gradients = {name: np.zeros_like(value) for name, value in values.items()}
        """The gradients of the last batch, in arrays that stay where they are."""
        self._step = native.Plan(network).batches(
            native.Pointers(network, list(values.values())),
            native.Pointers(network, list(self.gradients.values())),
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
