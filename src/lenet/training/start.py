"""Starts or resumes a training: from a recipe and data to a `Training`."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lenet.artifact import Artifact, load
from lenet.data import Dataset
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.load import DataLike
from lenet.engine import native
from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks import Network
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Pictures
from lenet.synthesis import distillation
from lenet.training.assembly import new_trainer, new_weights
from lenet.training.checkpoint import Checkpoint, Settings
from lenet.training.data_and_network import check_fits, loaded, network_for, with_validation
from lenet.training.device import choose_device, choose_engine
from lenet.training.own_data import fitted, shown, smoothed
from lenet.training.progress import Progress
from lenet.training.recipe import Recipe
from lenet.training.start_from import check_data, recipe_from, source_named
from lenet.training.training import Training, chance_of


def start(
    recipe: Recipe,
    data: DataLike,
    seed: int = 0,
    device: str = "auto",
    engine: str = "auto",
    network: Network | None = None,
    callbacks: DataCallbacks = SILENT,
    pixels: PixelRange = "auto",
    pictures: Pictures | None = None,
    weights_from: str | Path | None = None,
) -> Training:
    """Return a new training: load the data, check the recipe, and make the first parameters.

    Parameters
    ----------
    data
        A data set, or what `lenet.load_data` takes.
    seed
        Seed of the first parameters, of the order of the images, and of all random changes to them.
    device
        ``cpu``, ``cuda`` or ``auto``.
    engine
        ``native``, ``torch``, ``numpy`` or ``auto``: see `lenet.training.device`.
    network
        By default the recipe's network for the data's classes and channels.
    pixels
        The range of the pixels of arrays, for `lenet.load_data`.
    pictures
        What the images are, for `lenet.load_data`; by default what the data set says.
    weights_from
        A run folder, or the name of a network that ships: training goes on from its weights, with
        its layers and its normalization instead of the recipe's. Classes may be others.

    Raises
    ------
    LenetError
        The data cannot be loaded, or the recipe does not fit the data, the device or the engine; or
        no training can go on from the network `weights_from`.
    """
    source, first = "", None
    if weights_from is not None:
        if network is not None:
            raise LenetError("weights_from names the network; leave out network")
        source, first = source_named(weights_from)
        recipe = recipe_from(recipe, first, str(weights_from))
    data = loaded(recipe, network, data, seed, callbacks, pixels, pictures)
    if first is not None:
        check_data(first, data, str(weights_from))
    recipe = fitted(recipe, data)
    data = with_validation(recipe, data, seed, callbacks)
    if network is None:
        network = network_for(recipe, data)
    else:
        check_fits(network, data)
    if engine == "auto" and not native.available():
        callbacks.on_message(native.missing())
    device = choose_device(device, recipe, engine)
    engine = choose_engine(engine, device, network, recipe)
    settings = Settings(
        recipe, data.source, seed, device, engine, data.pixels, pictures, weights_from=source
    )
    return _training(settings, data, network, callbacks, first)


def resume(
    checkpoint: Checkpoint,
    folder: Path,
    epochs: int,
    data: Dataset | None = None,
    callbacks: DataCallbacks = SILENT,
) -> Training:
    """Continue a training from its checkpoint.

    Parameters
    ----------
    folder
        The run folder, for error messages.
    epochs
        Epochs in all, not fewer than are finished.
    data
        The data of the run; None loads it again.

    Raises
    ------
    LenetError
        The data has changed or cannot be loaded, the number of epochs is not possible, or this
        machine lacks the device or engine of the run.
    """
    settings, finished = checkpoint.settings, checkpoint.progress.epoch
    recipe = settings.recipe
    if epochs < finished:
        raise LenetError(f"{folder} has {finished} epochs already, more than {epochs}")
    if epochs > recipe.epochs and recipe.schedule == "cosine":
        raise LenetError(
            f"recipe {recipe.name} ends at a learning rate of zero and cannot be continued with "
            "more epochs; start it again with more --epochs"
        )
    recipe = replace(recipe, epochs=epochs)
    first = load(settings.weights_from) if settings.weights_from else None
    source, seed = data or settings.data, settings.seed
    data = loaded(recipe, None, source, seed, callbacks, settings.pixels, settings.pictures)
    data = with_validation(recipe, data, seed, callbacks)
    network = network_for(recipe, data)
    choose_device(settings.device, recipe)
    choose_engine(settings.engine, settings.device, network, recipe)
    training = _training(replace(settings, recipe=recipe), data, network, callbacks, first)
    if training.data_sha256 != checkpoint.data_sha256:
        raise LenetError(f"{data.source} is no longer the data that {folder} was begun with")
    begun = training.checkpoint()
    fits = _shapes(begun.parameters) == _shapes(checkpoint.parameters)
    if checkpoint.progress.best_epoch:
        fits = fits and _shapes(begun.parameters) == _shapes(checkpoint.best)
    trainer, place = training.trainer, checkpoint.progress
    seen = place.step * trainer.images_per_call  # the last step may be smaller
    fits = fits and seen < trainer.images + trainer.images_per_call
    fits = fits and place.correct <= trainer.images
    if not fits or _shapes(begun.trainer) != _shapes(checkpoint.trainer):
        raise LenetError(
            f"the checkpoint in {folder} is not of the network and the recipe that it names; "
            "start the run again"
        )
    training.weights.load(checkpoint.parameters)
    training.trainer.load_state_dict(checkpoint.trainer)
    training.progress = checkpoint.progress
    training.best = checkpoint.best
    return training


def _shapes(arrays: Mapping[str, Floats]) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in arrays.items()}


def _training(
    settings: Settings,
    data: Dataset,
    network: Network,
    callbacks: DataCallbacks,
    source: Artifact | None,
) -> Training:
    recipe, targets = settings.recipe, None
    if recipe.distillation:
        probabilities = distillation.teacher_probabilities(data.train)
        if probabilities is not None:
            targets = distillation.targets(data.train, probabilities, recipe.distillation)
        else:
            callbacks.on_message(
                f"recipe {recipe.name}: distillation is left out, since the teachers do not know "
                "these images; the network learns from the labels alone"
            )
            settings = replace(settings, recipe=replace(recipe, distillation=0.0))
    elif recipe.smoothing:
        targets = smoothed(data.train.labels, network, recipe.smoothing)
    weights = new_weights(network, settings, data.classes, source)
    train = data.train
    if recipe.repeats > 1 or recipe.balance:
        indices = shown(recipe, train.labels)
        train, targets = train.take(indices), None if targets is None else targets[indices]
    trainer = new_trainer(settings, network, weights, train, targets, callbacks)
    chance = chance_of(train)
    return Training(settings, data, network, weights, trainer, Progress(), chance, source)
