"""Trains the fully connected network (MLP) that a probe compares a trained network with."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from lenet.artifact import CONFIG, WEIGHTS, Artifact, load
from lenet.data import Dataset
from lenet.data.callbacks import DataCallbacks
from lenet.errors import LenetError
from lenet.networks import Network, network_named
from lenet.networks.layers import Activation
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.progress import Epoch
from lenet.training.recipe import Recipe
from lenet.training.recipes import CHAPTER, recipe_named

RELU, SIGMOID = "mlp-77", "mlp-77-sigmoid"
"""784-77-10 has 61,225 parameters, LeNet 61,706."""


def comparable_mlp(
    artifact: Artifact, data: Dataset, folder: Path, callbacks: DataCallbacks
) -> tuple[Artifact | None, str]:
    """Train an MLP with the recipe, seed and data of a trained network, or load it from `folder`.

    The MLP has sigmoids if the network has, otherwise ReLU. If the network's recipe is unknown or
    cannot train an MLP, the MLP has sigmoids and the recipe ``chapter`` (the textbook's).

    Parameters
    ----------
    data
        The data that `artifact` was trained on.
    folder
        The MLP's run folder. An MLP in it is used again if it was trained the same way, otherwise
        it is replaced.
    callbacks
        Receives messages, and each epoch as progress.

    Returns
    -------
    The MLP, and a sentence about how it was trained. None if the MLP reads another image size than
    the network; the sentence then says so.

    Raises
    ------
    LenetError
        The recipe ``chapter`` cannot train the MLP either.
    """
    network = network_named(SIGMOID)(classes=data.classes, in_channels=data.train.channels)
    if network.input_shape != artifact.network.input_shape:
        sizes = f"{_size(network)}, the network {_size(artifact.network)}"
        return None, f"no MLP to compare with: {network.name} reads {sizes}"
    seed = artifact.origin.get("seed", 0)

    def trained(recipe: Recipe) -> Artifact:
        stored = _stored(recipe, data, seed, folder)
        return stored or _train(recipe, data, seed, folder, callbacks)

    text = f"{network.name}, {network.parameters:,} parameters, recipe "
    recipe, reason = _recipe_of(artifact)
    if recipe is not None:
        try:
            return trained(recipe), text + recipe.name
        except LenetError as error:
            reason = f"the network's own cannot train it: {str(error).rstrip('.')}"
    return trained(replace(CHAPTER, network=SIGMOID)), f"{text}{CHAPTER.name} ({reason})"


def _recipe_of(artifact: Artifact) -> tuple[Recipe | None, str]:
    """Return the recipe of the network's training, for the MLP; or None and the reason."""
    stored: dict[str, Any] = artifact.origin.get("recipe", {})
    try:
        recipe = recipe_named(str(stored.get("name", "")))
    except LenetError:
        return None, "the network's recipe is unknown"
    kinds = [one.kind for one in artifact.network.layers if isinstance(one, Activation)]
    changed: dict[str, Any] = {"network": SIGMOID if "sigmoid" in kinds else RELU}
    for key, kind in (("epochs", int), ("batch_size", int), ("learning_rate", float)):
        value = stored.get(key)
        if type(value) is kind and value > 0:
            changed[key] = value
    return replace(recipe, **changed), ""


def _stored(recipe: Recipe, data: Dataset, seed: int, folder: Path) -> Artifact | None:
    """Return the MLP in `folder` if it was trained with this recipe, seed and data."""
    if not ((folder / CONFIG).is_file() and (folder / WEIGHTS).is_file()):
        return None
    try:
        mlp = load(folder)
    except LenetError:
        return None
    wanted = json.loads(json.dumps(replace(recipe, data=data.source).to_json()))
    same = mlp.origin.get("recipe") == wanted and mlp.origin.get("seed") == seed
    return mlp if same and mlp.origin.get("data_sha256") == data.sha256() else None


def _train(
    recipe: Recipe, data: Dataset, seed: int, folder: Path, callbacks: DataCallbacks
) -> Artifact:
    from lenet.training.run import run
    from lenet.training.start import start

    started = time.perf_counter()
    training = start(recipe, data, seed, callbacks=callbacks)
    folder.mkdir(parents=True, exist_ok=True)
    result = run(training, folder, _Epochs(callbacks, recipe.epochs))
    result.save_metrics(time.perf_counter() - started)
    return result.artifact


class _Epochs(TrainingCallbacks):
    """Reports each finished epoch as progress."""

    def __init__(self, callbacks: DataCallbacks, epochs: int) -> None:
        self._callbacks = callbacks
        self._epochs = epochs

    def on_message(self, text: str) -> None:
        self._callbacks.on_message(text)

    def on_epoch(self, epoch: Epoch) -> None:
        self._callbacks.on_progress("training an MLP", epoch.epoch, self._epochs, "epochs")


def _size(network: Network) -> str:
    channels, height, width = network.input_shape
    return f"{height}×{width} with {channels} channel{'s' if channels > 1 else ''}"
