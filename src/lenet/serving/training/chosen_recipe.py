"""Chooses the recipe and the network of a training on the page, as `lenet train` does."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lenet.data import Dataset
from lenet.networks import Network
from lenet.networks.layers import PoolingKind
from lenet.networks.lenet import lenet_network
from lenet.training.recipe import Recipe
from lenet.training.recipes import recipe_for, recipe_named

_CHANGES = ("data", "epochs", "batch_size", "learning_rate")
_POOLING: dict[str, PoolingKind] = {"avg": "average", "max": "max"}
_OPTIONS = {
    "--recipe own": "the recipe “own data”",
    "--seed": "seed",
    "--epochs": "epochs",
    "--lr": "learning rate",
}


def recipe_of(settings: Mapping[str, Any]) -> Recipe:
    """Return the recipe for some settings; by default the chapter's for its data, else ``own``.

    Parameters
    ----------
    settings
        The fields of `lenet.serving.training.job.TrainingSettings`; None is the recipe's own value.

    Examples
    --------
    >>> from lenet.serving.training.job import TrainingSettings
    >>> recipe_of(TrainingSettings(data="usps", epochs=3).model_dump()).name
    'own'
    """
    name = settings["recipe"]
    recipe = recipe_named(name) if name else recipe_for(settings["data"])
    changes = {key: settings[key] for key in _CHANGES if settings[key] is not None}
    if settings["activation"] is not None:  # He's initialization is for ReLU
        changes["initialization"] = "he" if settings["activation"] == "relu" else "xavier"
    return replace(recipe, **changes)


def network_of(settings: Mapping[str, Any], recipe: Recipe, data: Dataset) -> Network:
    """Return the network for some settings; by default the recipe's."""
    modern = recipe_named(recipe.name).network == "modern"
    activation = settings["activation"] or ("relu" if modern else "sigmoid")
    pooling = settings["pooling"] or ("max" if modern else "avg")
    kind, channels = _POOLING[pooling], data.train.channels
    return lenet_network(activation, kind, classes=data.classes, in_channels=channels)


def in_the_pages_words(hint: str) -> str:
    """Return a hint with the names of the page's fields instead of the command's options.

    Examples
    --------
    >>> in_the_pages_words("try another --seed, more --epochs, or a smaller --lr")
    'try another seed, more epochs, or a smaller learning rate'
    """
    return re.sub("|".join(_OPTIONS), lambda found: _OPTIONS[found[0]], hint)
