"""Defines a recipe: everything that decides how a network is trained, in a few values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import cos, pi
from typing import Any, Literal

from lenet.engine import Normalization
from lenet.errors import LenetError
from lenet.synthesis.distort import Distortion
from lenet.synthesis.extra_examples import ExtraExamples

Method = Literal["sgd", "sdlm"]
Initialization = Literal["xavier", "he", "fan-in", "root fan-in"]
Schedule = tuple[float, ...] | Literal["cosine"]

JSON_NAMES = {
    "negatives": "foreign",
    "flagged_ones": "flagged",
    "digit_crops": "cut_out",
    "distillation": "taught",
    "curvature_scale": "caution",
}
"""Fields whose key in ``config.json`` and in checkpoints is an older name."""


@dataclass(frozen=True)
class SecondOrder:
    """Settings of the method ``sdlm`` alone (`lenet.training.sdlm`).

    Parameters
    ----------
    curvature_scale
        The factor by which the estimated second derivatives are multiplied. It stands for the terms
        that a diagonal estimate leaves out.
    discriminative
        True: networks with squashed outputs minimise equation 9 of 1998, as networks with Gaussian
        outputs always do. False: they minimise the squared error (`lenet.engine.losses`).
    """

    curvature_scale: float = 1.0
    discriminative: bool = False


@dataclass(frozen=True)
class Recipe:
    """How to train a network. The network's last layer decides the loss (`lenet.engine.losses`).

    Parameters
    ----------
    name
        The recipe's name on the command line; it is also part of the run folder's name.
    network
        A name in `lenet.networks.NETWORKS`.
    data
        The data set to train on by default: a name in `lenet.data.catalog.CATALOG`.
    epochs
        Passes over the training images, or over `repeats` times as many. 0: `steps` decides.
    batch_size
        Images per step. The last step of an epoch takes the images that are left.
    learning_rate
        The rate of the first epoch, before `schedule` changes it.
    normalization
        Maps a pixel of 0 to 255 to the network's input.
    method
        ``sgd``: stochastic gradient descent, with momentum if `momentum` is not 0. ``sdlm``: the
        stochastic diagonal Levenberg-Marquardt method of 1998, one image per step.
    schedule
        Factors of the learning rate, one per epoch; the last one applies to all later epochs. Or
        ``cosine``: the factor falls from 1 at the first step to 0 after the last.
    momentum, weight_decay
        For ``sgd``, as PyTorch defines them.
    initialization
        ``xavier``, as in the textbook; ``he``, for ReLU; ``fan-in``, as in the papers of 1989 to
        1998; ``root fan-in``, as in the software of their authors.
    shuffle
        True: every epoch has a new random order of images. False: one random order for all epochs,
        as in the papers.
    distortion
        Random distortions of the training images, new in every epoch; None for none. With
        ``sdlm``, nine of ten versions of an image are distorted, as in the 1998 paper.
    warmup
        Epochs in which the learning rate rises from almost 0 to the scheduled rate.
    extra_examples
        Images that are shown besides the training images; None for none. Only for digits, and for
        networks with a class "none".
    distillation
        The share, 0 to 1, of a teacher's probabilities in the training targets; the labels have the
        rest (`lenet.synthesis.distillation`).
    validation
        The share of the training images that is held out to calibrate the network; 0 for none.
    second_order
        Settings of ``sdlm``.
    smoothing
        The share of each target, 0 to 1, that is divided equally among all classes (label
        smoothing); the label's class has the rest.
    steps
        Steps of the whole training, whatever the number of images. If `epochs` is 0,
        `lenet.training.own_data` computes it and `repeats` from this when the data is known.
    repeats
        How often an epoch shows each image, each time distorted anew. It keeps epochs, and the
        evaluations after them, few where images are few.
    balance
        How much more often images of rare classes are shown: the number of images of a class to
        the power ``-balance``, 0 to 1. At 0 all are shown equally often, at 1 all classes are.
    cross_fit
        True: without validation images, the network is calibrated on the scores that a second
        network, trained on four fifths of the images, gives the other fifth
        (`lenet.training.cross_fit`).
    best_epoch
        True: the parameters of the epoch with the most correct validation images are kept, not
        those of the last.

    Examples
    --------
    >>> from lenet.training.recipes import recipe_named
    >>> recipe = recipe_named("chapter")
    >>> recipe.epochs, recipe.batch_size, recipe.learning_rate
    (10, 256, 0.9)
    """

    name: str
    network: str
    data: str
    epochs: int
    batch_size: int
    learning_rate: float
    normalization: Normalization = Normalization()
    method: Method = "sgd"
    schedule: Schedule = (1.0,)
    momentum: float = 0.0
    weight_decay: float = 0.0
    initialization: Initialization = "xavier"
    shuffle: bool = True
    distortion: Distortion | None = None
    warmup: float = 0.0
    extra_examples: ExtraExamples | None = None
    distillation: float = 0.0
    validation: float = 0.0
    second_order: SecondOrder = SecondOrder()
    smoothing: float = 0.0
    steps: int = 0
    repeats: int = 1
    balance: float = 0.0
    cross_fit: bool = False
    best_epoch: bool = False

    def rate(self, epoch: float) -> float:
        """Return the learning rate after `epoch` epochs, which may be a fraction.

        Examples
        --------
        >>> from lenet.training.recipes import recipe_named
        >>> recipe_named("modern").rate(10.0)  # halfway through a cosine of 20 epochs
        0.01
        """
        highest = self.learning_rate
        if epoch < self.warmup:
            highest *= (epoch + 0.01) / (self.warmup + 0.01)
        if self.schedule == "cosine":
            return highest * (1 + cos(pi * epoch / self.epochs)) / 2
        return highest * self.schedule[min(int(epoch), len(self.schedule) - 1)]

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back.

        The fields of `extra_examples` and `second_order` stand among those of the recipe.
        """
        table = asdict(self)
        table.update(table.pop("extra_examples") or asdict(ExtraExamples(0.0)))
        table.update(table.pop("second_order"))
        return {JSON_NAMES.get(key, key): value for key, value in table.items()}

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> "Recipe":
        """Build a recipe from the values that `to_json` returns.

        Raises
        ------
        LenetError
            A key is missing or unknown.
        """
        plain = {old: new for new, old in JSON_NAMES.items()}
        values = {plain.get(key, key): value for key, value in table.items()}
        try:
            extra = ExtraExamples(**_taken(values, ExtraExamples))
            second_order = SecondOrder(**_taken(values, SecondOrder))
            recipe = cls(**values, second_order=second_order)
            schedule = recipe.schedule
            return replace(
                recipe,
                extra_examples=extra if extra.negatives else None,
                normalization=Normalization(**table["normalization"]),
                distortion=table["distortion"] and Distortion(**table["distortion"]),
                schedule=schedule if isinstance(schedule, str) else tuple(schedule),
            )
        except (TypeError, KeyError) as error:
            raise LenetError(f"not a recipe of this version of lenet: {error}") from error


def _taken(values: dict[str, Any], kind: type[ExtraExamples | SecondOrder]) -> dict[str, Any]:
    """Remove the values of the fields of `kind` from `values`, and return them."""
    return {one.name: values.pop(one.name) for one in fields(kind)}
