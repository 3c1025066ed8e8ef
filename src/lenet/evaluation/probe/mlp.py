"""The fully connected network of like size that a trained network is held against."""

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lenet.artifact import CONFIG, WEIGHTS, Artifact, load
from lenet.data import Dataset
from lenet.data.callbacks import Listener
from lenet.errors import LenetError
from lenet.networks import Network, network_named
from lenet.networks.layers import Activation
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import CHAPTER, Recipe, recipe_named

RELU, SIGMOID = "mlp-77", "mlp-77-sigmoid"
"""784-77-10 has 61,225 parameters, LeNet 61,706."""


def mlp_beside(
    artifact: Artifact, data: Dataset, folder: Path, listener: Listener
) -> tuple[Artifact | None, str]:
    """Train the MLP by the recipe, seed and data of a trained network, or take it from `folder`.

    It has sigmoids if the network has, else ReLU. Where the network's recipe is unknown or cannot
    train an MLP, it has sigmoids and the chapter's recipe.

    Parameters
    ----------
    data
        What `artifact` was trained on.
    folder
        A run folder for the MLP. One from before is used again if it was trained the same way,
        and replaced if not.
    listener
        Hears of the training.

    Returns
    -------
    The MLP, and in one sentence how it was trained; None if the MLP reads another image size than
    the network, and the sentence says so.

    Raises
    ------
    LenetError
        The chapter's recipe cannot train it either.
    """
    network = network_named(SIGMOID)(classes=data.classes, in_channels=data.train.channels)
    if network.input_shape != artifact.network.input_shape:
        sizes = f"{_size(network)}, the network {_size(artifact.network)}"
        return None, f"no MLP beside it: {network.name} reads {sizes}"
    seed = artifact.origin.get("seed", 0)

    def trained(recipe: Recipe) -> Artifact:
        stored = _stored(recipe, data, seed, folder)
        return stored or _train(recipe, data, seed, folder, listener)

    text = f"{network.name}, {network.parameters:,} parameters, recipe "
    recipe, reason = _recipe_of(artifact)
    if recipe is not None:
        try:
            return trained(recipe), text + recipe.name
        except LenetError as error:
            reason = f"the network's own cannot train it: {str(error).rstrip('.')}"
    return trained(replace(CHAPTER, network=SIGMOID)), f"{text}{CHAPTER.name} ({reason})"


def _recipe_of(artifact: Artifact) -> tuple[Recipe | None, str]:
    """Return the recipe that a network says it was trained by, for the MLP, or None and why."""
    told: dict[str, Any] = artifact.origin.get("recipe", {})
    try:
        recipe = recipe_named(str(told.get("name", "")))
    except LenetError:
        return None, "the network does not say by which known recipe it was trained"
    sigmoid = any(
        isinstance(layer, Activation) and layer.kind == "sigmoid"
        for layer in artifact.network.layers
    )
    changed: dict[str, Any] = {"network": SIGMOID if sigmoid else RELU}
    for key, kind in (("epochs", int), ("batch_size", int), ("learning_rate", float)):
        value = told.get(key)
        if type(value) is kind and value > 0:
            changed[key] = value
    return replace(recipe, **changed), ""


def _stored(recipe: Recipe, data: Dataset, seed: int, folder: Path) -> Artifact | None:
    """Return the MLP in `folder` if it was trained by this recipe and seed on these data."""
    if not ((folder / CONFIG).is_file() and (folder / WEIGHTS).is_file()):
        return None
    try:
        mlp = load(folder)
    except LenetError:
        return None
    wanted = json.loads(json.dumps(asdict(replace(recipe, data=data.source))))
    same = mlp.origin.get("recipe") == wanted and mlp.origin.get("seed") == seed
    return mlp if same and mlp.origin.get("data_sha256") == data.sha256() else None


def _train(recipe: Recipe, data: Dataset, seed: int, folder: Path, listener: Listener) -> Artifact:
    from lenet.training.checkpoint import Settings
    from lenet.training.device import resolve_device, resolve_engine
    from lenet.training.run import network_for, run

    started = time.perf_counter()
    device = resolve_device("auto", recipe)
    engine = resolve_engine("auto", device, network_for(recipe, data), recipe)
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(recipe, data.source, seed, device, engine)
    result = run(settings, data, folder, _Epochs(listener, recipe.epochs))
    result.save_metrics(time.perf_counter() - started)
    return result.artifact


class _Epochs:
    """Tells a `Listener` of each epoch's end: a `lenet.training.progress.TrainingListener`."""

    def __init__(self, listener: Listener, epochs: int) -> None:
        self.listener = listener
        self.epochs = epochs

    def line(self, text: str) -> None:
        """Pass a line on."""
        self.listener.line(text)

    def step(self, progress: Progress, seen: int) -> None:
        """Nothing: an epoch takes a second."""

    def epoch(self, line: Epoch) -> None:
        """Say which epoch is done."""
        self.listener.progress("training an MLP", line.epoch, self.epochs, "epochs")


def _size(network: Network) -> str:
    channels, height, width = network.input_shape
    return f"{height}×{width} with {channels} channel{'s' if channels > 1 else ''}"
