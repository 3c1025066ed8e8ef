"""Trains by stochastic diagonal Levenberg-Marquardt: each image a step, each weight a rate.

Source: LeCun, Bottou, Bengio, Haffner, Proc. IEEE 86(11), 1998, Appendix C, pages 41 and 42. Before
each pass over the training set, the second derivative h of the loss by each weight is estimated on
500 images (`lenet.engine.backward.curvature`). The weight's rate in that pass is
``eta / (mu + c h)``: eta is the recipe's learning rate, mu is `MU`, and c is the recipe's
`curvature_scale` (1 in the paper).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lenet.data import Split
from lenet.engine import backward, native, normalized
from lenet.engine.checks import Floats
from lenet.engine.sequence import Mode, SequencePlan
from lenet.networks import Network
from lenet.pictures.types import Images
from lenet.synthesis.distort import Distortion
from lenet.training.recipe import Recipe

MU = 0.02  # page 10
CURVATURE_IMAGES = 500

_VERSIONS = 10  # versions of each image: the original and nine distorted ones


class SDLM:
    """Trains parameters in place; a `lenet.training.trainer.Trainer`.

    Parameters
    ----------
    network
        A network with squashed or Gaussian outputs.
    parameters
        Contiguous float32 arrays by name; they are changed in place.
    recipe
        A recipe with the method ``sdlm``.
    split
        The training images; grey if the recipe distorts them.
    seed
        Selects the 500 images, and the distortions.
    engine
        ``native``, for networks that `lenet.engine.sequence.covers`, or ``numpy``.
    """

    images_per_call = 500

    def __init__(
        self,
        network: Network,
        parameters: Mapping[str, Floats],
        recipe: Recipe,
        split: Split,
        seed: int,
        engine: str,
    ) -> None:
        self.images = len(split)
        self._network = network
        self._recipe = recipe
        self._discriminative = recipe.second_order.discriminative
        self._split = split
        self._seed = seed
        self._values = {name: parameters[name] for name in network.parameter_shapes}
        self._rates = {name: np.zeros_like(value) for name, value in self._values.items()}
        self._plan = SequencePlan(network) if engine == "native" else None
        if self._plan is not None:
            self._value_pointers = native.Pointers(network, list(self._values.values()))
            self._rate_pointers = native.Pointers(network, list(self._rates.values()))

    def begin(
        self, epoch: int, order: NDArray[np.int64], step: int, sums: tuple[float, int]
    ) -> None:
        """See `Trainer`; computes the rates at the first step of an epoch."""
        self._order = order
        self._loss_sum, self._correct = sums
        images = self._split.images
        if self._recipe.distortion is not None:
            images = distorted(images, self._recipe.distortion, self._seed, epoch)
        self._images = np.ascontiguousarray(images)  # here, so that no call has to copy
        if step == 0:
            random = np.random.default_rng([self._seed, epoch, 1])
            chosen = random.permutation(len(order))[:CURVATURE_IMAGES]
            self._set_rates(chosen, self._recipe.rate(epoch))

    def _set_rates(self, index: NDArray[np.int64], eta: float) -> None:
        curvatures: Mapping[str, Floats] = self._rates
        if self._plan is not None:
            self._run(self._plan, Mode.CURVATURE, index)  # writes the curvatures into the rates
        else:
            pixels = normalized(self._recipe.normalization, self._images[index])
            labels = self._split.labels[index]
            curvatures = backward.curvature(
                self._network, self._values, pixels, labels, self._discriminative
            )
        for name, rate in self._rates.items():
            rate[:] = eta / (MU + self._recipe.second_order.curvature_scale * curvatures[name])

    def step(self, first: int, last: int) -> None:
        """See `Trainer`; changes all parameters after each image."""
        index = self._order[first:last]
        if self._plan is not None:
            loss, correct = self._run(self._plan, Mode.TRAIN, index)
        else:
            loss, correct = self._train_in_numpy(index)
        self._loss_sum += loss
        self._correct += correct

    def _run(self, plan: SequencePlan, mode: Mode, index: NDArray[np.int64]) -> tuple[float, int]:
        return plan.learn(
            mode,
            self._value_pointers,
            self._rate_pointers,
            self._recipe.normalization,
            self._images,
            self._split.labels,
            index,
            self._discriminative,
        )

    def _train_in_numpy(self, index: NDArray[np.int64]) -> tuple[float, int]:
        loss_sum, correct_sum = 0.0, 0
        for number in index:
            pixels = normalized(self._recipe.normalization, self._images[number : number + 1])
            labels = self._split.labels[number : number + 1]
            loss, correct, gradients = backward.loss_and_gradients(
                self._network, self._values, pixels, labels, discriminative=self._discriminative
            )
            for name, value in self._values.items():
                value -= self._rates[name] * gradients[name]
            loss_sum += loss
            correct_sum += correct
        return loss_sum, correct_sum

    def sums(self) -> tuple[float, int]:
        """See `Trainer`."""
        return self._loss_sum, self._correct

    def state_dict(self) -> dict[str, Floats]:
        """Return the rates of this pass; they depend on the parameters at its beginning."""
        return {name: rate.copy() for name, rate in self._rates.items()}

    def load_state_dict(self, state: Mapping[str, Floats]) -> None:
        """Restore what `state_dict` returned."""
        for name, rate in self._rates.items():
            rate[:] = state[name]


def distorted(images: Images, distortion: Distortion, seed: int, epoch: int) -> Images:
    """Return one of the ten versions of each image; the next epoch gets the next version.

    The paper's distorted training set (page 11) has 600,000 images; 60,000 are the originals. Here
    a pass shows one version of each image, so twenty passes show each version twice.
    """
    version = (np.arange(len(images)) + epoch) % _VERSIONS
    result = images.copy()
    for number in range(1, _VERSIONS):
        chosen = np.flatnonzero(version == number)
        random = np.random.default_rng([seed, number, epoch % _VERSIONS, 2])
        result[chosen] = distortion(images[chosen], random)
    return result
