"""Builds the parts of a training: the weights, their trainer, and the measure of accuracy."""

from collections.abc import Callable

import numpy as np

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.data.callbacks import DataCallbacks
from lenet.engine import Predictor
from lenet.engine.checks import Floats
from lenet.networks import Network
from lenet.synthesis.extra_examples import extra_examples
from lenet.training.checkpoint import Settings
from lenet.training.examples import Examples
from lenet.training.first_weights import first_weights
from lenet.training.sdlm import SDLM
from lenet.training.sgd import SGD
from lenet.training.start_from import keep_weights
from lenet.training.step import NativeStep, NumpyStep
from lenet.training.trainer import BatchTrainer, Trainer
from lenet.training.weights import Weights


def new_weights(
    network: Network,
    settings: Settings,
    classes: tuple[str, ...] = (),
    source: Artifact | None = None,
) -> Weights:
    """Return first parameters for the chosen engine.

    They are random, and depend on the seed alone; or `source`'s, wherever `classes` are the same.
    """
    first = first_weights(network, settings.recipe.initialization, settings.seed)
    if settings.engine == "torch":
        from lenet.training.autograd import TorchWeights

        weights = TorchWeights(network, first, settings.device)
    else:
        weights = Weights(first)
    if source is not None:
        keep_weights(weights, network, classes, source)
    return weights


def new_trainer(
    settings: Settings,
    network: Network,
    weights: Weights,
    split: Split,
    targets: Floats | None,
    callbacks: DataCallbacks,
) -> Trainer:
    """Return the trainer of the recipe's method and the chosen engine.

    `split` holds the training images. `targets` are probabilities to learn instead of the labels,
    float32 ``[N, classes]``, or None; the method ``sdlm`` ignores them. `callbacks` receive the
    progress of making the recipe's extra examples (`lenet.synthesis.extra_examples`: negatives,
    ones with a flag, crops from cheques).
    """
    recipe, parameters = settings.recipe, weights.arrays()
    if recipe.method == "sdlm":
        return SDLM(network, parameters, recipe, split, settings.seed, settings.engine)
    extra = None
    if recipe.extra_examples is not None:
        extra = extra_examples(split, recipe.extra_examples, settings.seed, callbacks)
    examples = Examples(split, recipe.distortion, settings.seed, extra, targets)
    momentum, decay = recipe.momentum, recipe.weight_decay
    if settings.engine != "torch":
        kind = NativeStep if settings.engine == "native" else NumpyStep
        step = kind(network, parameters, examples, recipe.normalization)
        optimizer = SGD(parameters, step.gradients, momentum, decay)
        return BatchTrainer(recipe, step, optimizer, examples)
    from lenet.training.autograd import TorchSGD, TorchStep, TorchWeights

    assert isinstance(weights, TorchWeights)
    step = TorchStep(network, weights.model, examples, recipe.normalization)
    return BatchTrainer(recipe, step, TorchSGD(weights.model, momentum, decay), examples)


def accuracy_of(
    settings: Settings, network: Network, weights: Weights, split: Split
) -> Callable[[], float]:
    """Return a function that measures the current accuracy of the weights on `split`."""
    normalization = settings.recipe.normalization
    if settings.engine == "torch":
        from lenet.training.autograd import TorchStep, TorchWeights

        assert isinstance(weights, TorchWeights)
        return TorchStep(network, weights.model, Examples(split), normalization).accuracy
    # Training changes the parameters in place, and the predictor reads them in place.
    predictor = Predictor(network, weights.arrays(), normalization)

    def accuracy() -> float:
        predictions = predictor.forward(split.images).argmax(axis=1)
        return int(np.count_nonzero(predictions == split.labels)) / len(split)

    return accuracy
