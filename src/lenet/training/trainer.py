"""What the loop asks of a way to train: go through the images of an epoch, a few at each call."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.training.examples import Examples
from lenet.training.recipe import Recipe
from lenet.training.sgd import SGD
from lenet.training.step import Step


class Trainer(Protocol):
    """Changes a model's parameters, image by image or batch by batch."""

    @property
    def images(self) -> int:
        """How many there are in an epoch."""
        ...

    @property
    def images_a_call(self) -> int:
        """How many images `step` is best given at once."""
        ...

    def begin(
        self, epoch: int, order: NDArray[np.int64], step: int, sums: tuple[float, int]
    ) -> None:
        """Take the epoch's order of images; `step` and `sums` say where it goes on half-way."""
        ...

    def step(self, first: int, last: int) -> None:
        """Train on places `first` to `last` of the order."""
        ...

    def sums(self) -> tuple[float, int]:
        """Return the sum of the images' losses, and how many were named right, in this epoch."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must keep besides the parameters."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        ...


class BatchTrainer:
    """Gradient descent: a step of the optimizer after the gradients of each batch.

    Parameters
    ----------
    recipe
        Batch size and learning rates.
    step
        Leaves the gradients where the optimizer finds them.
    examples
        What `step` computes on.
    """

    def __init__(self, recipe: Recipe, step: Step, optimizer: SGD, examples: Examples) -> None:
        self._recipe = recipe
        self._step = step
        self._optimizer = optimizer
        self._examples = examples

    @property
    def images(self) -> int:
        """See `Trainer`."""
        return len(self._examples.labels)

    @property
    def images_a_call(self) -> int:
        """See `Trainer`."""
        return self._recipe.batch_size

    def begin(
        self, epoch: int, order: NDArray[np.int64], step: int, sums: tuple[float, int]
    ) -> None:
        """See `Trainer`."""
        self._epoch = epoch
        self._examples.begin(epoch)
        self._step.begin(order, *sums)

    def step(self, first: int, last: int) -> None:
        """See `Trainer`."""
        self._step.batch(first, last)
        self._optimizer.step(self._recipe.rate(self._epoch + first / self.images))

    def sums(self) -> tuple[float, int]:
        """See `Trainer`."""
        return self._step.sums()

    def state_dict(self) -> dict[str, Any]:
        """See `Trainer`."""
        return self._optimizer.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """See `Trainer`."""
        self._optimizer.load_state_dict(state)
