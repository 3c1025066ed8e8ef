"""Stochastic diagonal Levenberg-Marquardt: a step after each image, with a rate for each weight.

Source: LeCun, Bottou, Bengio, Haffner, Proc. IEEE 86(11), 1998, Appendix C, pages 41 and 42. Before
each pass over the training set, the second derivative h of the loss by each weight is estimated on
500 images (`lenet.engine.backward.curvature`); the weight's rate in that pass is
``eta / (mu + h)``, or with a recipe's caution c, ``eta / (mu + c h)``.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from lenet.data import Split
from lenet.engine import backward, native, normalized
from lenet.engine.sequence import Mode, SequencePlan
from lenet.networks import Network
from lenet.synthesis.distort import Distortion
from lenet.training.recipe import Recipe

MU = 0.02  # page 10
CURVATURE_IMAGES = 500

_VERSIONS = 10  # of each image: itself, and nine distorted


class SDLM:
    """Trains a network's parameters in place; see `lenet.training.trainer.Trainer`.

    Parameters
    ----------
    network
        With squashed or Gaussian outputs.
    model
        On the CPU, with the network's parameters by name.
    recipe
        Its method is ``sdlm``.
    split
        The training images; grey if the recipe distorts them.
    seed
        Of the 500 images and the distortions.
    engine
        ``native``, for networks that `lenet.engine.sequence.covers` knows, or ``numpy``.
    """

    images_a_call = 500

    def __init__(
        self, network: Network, model: nn.Module, recipe: Recipe, split: Split, seed: int,
        engine: str,
    ) -> None:  # fmt: skip
        self._network = network
        self._recipe = recipe
        self._split = split
        self.images = len(split)
        self._seed = seed
        self._values = {
            name: model.get_parameter(name).detach().numpy() for name in network.parameter_shapes
        }
        self._rates = {name: np.zeros_like(value) for name, value in self._values.items()}
        self._plan: SequencePlan | None = None
        if engine == "native":
            self._plan = SequencePlan(network)
            self._parameters = native.Pointers(network, list(self._values.values()))
            self._others = native.Pointers(network, list(self._rates.values()))

    def begin(
        self, epoch: int, order: NDArray[np.int64], step: int, sums: tuple[float, int]
    ) -> None:
        """See `Trainer`; at the epoch's first step the rates are set anew."""
        self._order = order
        self._loss_sum, self._correct = sums
        self._images = self._split.images
        if self._recipe.distortion is not None:
            self._images = distorted(self._images, self._recipe.distortion, self._seed, epoch)
        self._images = np.ascontiguousarray(self._images)  # once, and not at every call
        if step == 0:
            count = min(CURVATURE_IMAGES, len(order))
            random = np.random.default_rng([self._seed, epoch, 1])
            self._set_rates(random.permutation(len(order))[:count], self._recipe.rate(epoch))

    def _set_rates(self, index: NDArray[np.int64], eta: float) -> None:
        if self._plan is not None:
            self._learn(Mode.CURVATURE, index)
            curvatures: Mapping[str, NDArray[np.float32]] = self._rates
        else:
            pixels = normalized(self._recipe.normalization, self._images[index])
            labels = self._split.labels[index]
            curvatures = backward.curvature(
                self._network, self._values, pixels, labels, self._recipe.discriminative
            )
        for name, rate in self._rates.items():
            rate[:] = eta / (MU + self._recipe.caution * curvatures[name])

    def step(self, first: int, last: int) -> None:
        """See `Trainer`: a step after each of the images."""
        index = self._order[first:last]
        if self._plan is not None:
            loss, correct = self._learn(Mode.TRAIN, index)
        else:
            loss, correct = self._learn_in_numpy(index)
        self._loss_sum += loss
        self._correct += correct

    def _learn(self, mode: Mode, index: NDArray[np.int64]) -> tuple[float, int]:
        assert self._plan is not None
        return self._plan.learn(
            mode, self._parameters, self._others, self._recipe.normalization,
            self._images, self._split.labels, index, self._recipe.discriminative,
        )  # fmt: skip

    def _learn_in_numpy(self, index: NDArray[np.int64]) -> tuple[float, int]:
        total, right = 0.0, 0
        for number in index:
            pixels = normalized(self._recipe.normalization, self._images[number : number + 1])
            loss, correct, gradients = backward.loss_and_gradients(
                self._network, self._values, pixels, self._split.labels[number : number + 1],
                discriminative=self._recipe.discriminative,
            )  # fmt: skip
            for name, value in self._values.items():
                value -= self._rates[name] * gradients[name]
            total += loss
            right += correct
        return total, right

    def sums(self) -> tuple[float, int]:
        """See `Trainer`."""
        return self._loss_sum, self._correct

    def state_dict(self) -> dict[str, Any]:
        """Return the rates of this pass, which depend on the weights that it began with."""
        return {name: torch.from_numpy(rate.copy()) for name, rate in self._rates.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        for name, rate in self._rates.items():
            rate[:] = state[name].numpy()


def distorted(
    images: NDArray[np.uint8], distortion: Distortion, seed: int, epoch: int
) -> NDArray[np.uint8]:
    """Return one of each image's ten versions, another one each epoch.

    Of the 600,000 images of the paper's distorted set (page 11), 60,000 are the originals. A pass
    is as long as without them and takes one version of each image; in twenty passes each comes up
    twice.
    """
    version = (np.arange(len(images)) + epoch) % _VERSIONS
    result = images.copy()
    for number in range(1, _VERSIONS):
        chosen = np.flatnonzero(version == number)
        random = np.random.default_rng([seed, number, epoch % _VERSIONS, 2])
        result[chosen] = distortion(images[chosen], random)
    return result
