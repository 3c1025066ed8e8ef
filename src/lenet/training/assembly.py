"""What a run trains with, from its settings: a model with first weights, and what changes them."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from lenet.data import Split
from lenet.engine import Predictor
from lenet.engine.checks import Floats
from lenet.models.build import modules
from lenet.models.historical import fan_in_uniform, root_fan_in_uniform
from lenet.models.lenet import he_normal, xavier_uniform
from lenet.networks import Network
from lenet.synthesis import distillation as teachers
from lenet.synthesis.extra_examples import further_digits
from lenet.training.checkpoint import Settings
from lenet.training.examples import Examples
from lenet.training.sdlm import SDLM
from lenet.training.sgd import SGD
from lenet.training.step import NativeStep, Step, TorchStep
from lenet.training.trainer import BatchTrainer, Trainer

_INITIALIZATIONS = {
    "xavier": xavier_uniform,
    "he": he_normal,
    "fan-in": fan_in_uniform,
    "root fan-in": root_fan_in_uniform,
}


def new_model(network: Network, settings: Settings) -> nn.Sequential:
    """Draw initial weights from the seed without disturbing PyTorch's global generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        model = nn.Sequential(modules(network))
        _INITIALIZATIONS[settings.recipe.initialization](model)
    return model


def new_trainer(
    settings: Settings,
    network: Network,
    model: nn.Module,
    split: Split,
) -> Trainer:
    """Return what trains the model on `split`."""
    recipe = settings.recipe
    if recipe.method == "sdlm":
        return SDLM(network, model, recipe, split, settings.seed, settings.engine)
    step: Step
    examples = _examples(settings, split)
    if settings.engine == "native":
        step = NativeStep(network, model, examples, recipe.normalization)
    else:
        step = TorchStep(network, model, examples, recipe.normalization)
    optimizer = SGD(model.parameters(), recipe.momentum, recipe.weight_decay)
    return BatchTrainer(recipe, step, optimizer, examples)


def _examples(settings: Settings, split: Split) -> Examples:
    recipe = settings.recipe
    further = targets = None
    if recipe.taught and settings.data == teachers.ABOUT:
        targets = teachers.targets(split, recipe.taught)
    if recipe.foreign:
        further = further_digits(
            split, recipe.foreign, recipe.flagged, recipe.cut_out, settings.seed
        )
    return Examples(split, recipe.distortion, settings.seed, further, targets)


def accuracy_of(
    settings: Settings, network: Network, model: nn.Module, split: Split
) -> Callable[[], float]:
    """Return the function that measures the model as it is then."""
    normalization = settings.recipe.normalization
    if settings.engine == "torch":
        return TorchStep(network, model, Examples(split), normalization).accuracy
    # The parameters change in place, and the predictor reads them where they lie.
    predictor = Predictor(network, parameters_of(network, model), normalization)

    def accuracy() -> float:
        answers = predictor.forward(split.images).argmax(axis=1)
        return int(np.count_nonzero(answers == split.labels)) / len(split)

    return accuracy


def parameters_of(network: Network, model: nn.Module) -> dict[str, Floats]:
    """Return the model's parameters by name; on the CPU they stay where they lie."""
    return {
        name: model.get_parameter(name).detach().cpu().numpy() for name in network.parameter_shapes
    }
