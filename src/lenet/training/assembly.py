"""Builds the parts of a training: the model, its trainer, and the measure of its accuracy."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from lenet.data import Split
from lenet.data.callbacks import DataCallbacks
from lenet.engine import Predictor
from lenet.engine.checks import Floats
from lenet.models.build import modules
from lenet.models.historical import fan_in_uniform, root_fan_in_uniform
from lenet.models.lenet import he_normal, xavier_uniform
from lenet.networks import Network
from lenet.synthesis.extra_examples import extra_examples
from lenet.training.checkpoint import Settings
from lenet.training.examples import Examples
from lenet.training.sdlm import SDLM
from lenet.training.sgd import SGD
from lenet.training.step import NativeStep, TorchStep
from lenet.training.trainer import BatchTrainer, Trainer

_INITIALIZATIONS = {
    "xavier": xavier_uniform,
    "he": he_normal,
    "fan-in": fan_in_uniform,
    "root fan-in": root_fan_in_uniform,
}


def new_model(network: Network, settings: Settings) -> nn.Sequential:
    """Return a torch module with random first parameters, which depend on the seed alone.

    PyTorch's global generator is not changed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = nn.Sequential(modules(network))
        _INITIALIZATIONS[settings.recipe.initialization](model)
    return model.to(settings.device)


def new_trainer(
    settings: Settings,
    network: Network,
    model: nn.Module,
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
    recipe = settings.recipe
    if recipe.method == "sdlm":
        return SDLM(network, model, recipe, split, settings.seed, settings.engine)
    extra = None
    if recipe.extra_examples is not None:
        extra = extra_examples(split, recipe.extra_examples, settings.seed, callbacks)
    examples = Examples(split, recipe.distortion, settings.seed, extra, targets)
    engine = NativeStep if settings.engine == "native" else TorchStep
    step = engine(network, model, examples, recipe.normalization)
    optimizer = SGD(model.parameters(), recipe.momentum, recipe.weight_decay)
    return BatchTrainer(recipe, step, optimizer, examples)


def accuracy_of(
    settings: Settings, network: Network, model: nn.Module, split: Split
) -> Callable[[], float]:
    """Return a function that measures the current accuracy of the model on `split`."""
    normalization = settings.recipe.normalization
    if settings.engine == "torch":
        return TorchStep(network, model, Examples(split), normalization).accuracy
    # Training changes the parameters in place, and the predictor reads them in place.
    predictor = Predictor(network, parameters_of(network, model), normalization)

    def accuracy() -> float:
        predictions = predictor.forward(split.images).argmax(axis=1)
        return int(np.count_nonzero(predictions == split.labels)) / len(split)

    return accuracy


def parameters_of(network: Network, model: nn.Module) -> dict[str, Floats]:
    """Return the model's parameters by name; on the CPU they share the model's memory."""
    return {
        name: model.get_parameter(name).detach().cpu().numpy() for name in network.parameter_shapes
    }
