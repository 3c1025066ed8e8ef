"""Defines `Trainer`, what the training loop needs of a method, and `BatchTrainer`."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.training.examples import Examples
from lenet.training.recipe import Recipe
from lenet.training.step import Step


class Trainer(Protocol):
    """Changes the parameters of a model, image by image or batch by batch."""

    @property
    def images(self) -> int:
        """The number of images in an epoch."""
        ...

    @property
    def images_per_call(self) -> int:
        """The number of images for one call of `step`; the last call of an epoch has the rest."""
        ...

    def begin(
        self, epoch: int, order: NDArray[np.int64], step: int, sums: tuple[float, int]
    ) -> None:
        """Begin epoch `epoch`, from 0, or continue it, with its images in the order `order`.

        If it is continued, the method `step` was called `step` times, and `sums` are what the
        method `sums` returned after that.
        """
        ...

    def step(self, first: int, last: int) -> None:
        """Train on the images ``order[first:last]``."""
        ...

    def sums(self) -> tuple[float, int]:
        """Return the sum of the losses and the number of correct images in this epoch so far."""
        ...

    def state_dict(self) -> dict[str, Floats]:
        """Return what a checkpoint needs besides the parameters."""
        ...

    def load_state_dict(self, state: Mapping[str, Floats], /) -> None:
        """Restore what `state_dict` returned."""
        ...


class Optimizer(Protocol):
    """Changes parameters by their gradients: `lenet.training.sgd.SGD`, or that of PyTorch."""

    def step(self, learning_rate: float, /) -> None:
        """Take one step."""
        ...

    def state_dict(self) -> dict[str, Floats]:
        """Return what a checkpoint must keep."""
        ...

    def load_state_dict(self, state: Mapping[str, Floats], /) -> None:
        """Restore what `state_dict` returned."""
        ...


class BatchTrainer:
    """Gradient descent: one step of the optimizer after the gradients of each batch.

    Parameters
    ----------
    recipe
        Decides the batch size and the learning rates.
    step
        Computes the gradients on the images of `examples`.
    """

    def __init__(
        self, recipe: Recipe, step: Step, optimizer: Optimizer, examples: Examples
    ) -> None:
        self.images = len(examples.labels)
        self.images_per_call = recipe.batch_size
        self.sums = step.sums
        self.state_dict = optimizer.state_dict
        self.load_state_dict = optimizer.load_state_dict
        self._recipe = recipe
        self._step = step
        self._optimizer = optimizer
        self._examples = examples

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
