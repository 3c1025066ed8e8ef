"""Starts or resumes a training: from a recipe and data to a `Training`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np

from lenet.artifact import Artifact, load
from lenet.calibration.calibration import Calibration
from lenet.calibration.fit import calibrate
from lenet.data import Dataset, load_data
from lenet.data.callbacks import SILENT, DataCallbacks
from lenet.data.load import DataLike
from lenet.data.split import Split, hold_out
from lenet.engine import native
from lenet.engine.checks import Floats
from lenet.engine.losses import PLACE_CODE_SLOPE, loss_of
from lenet.errors import LenetError
from lenet.networks import Network, network_named
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Pictures
from lenet.synthesis import distillation
from lenet.training import hints
from lenet.training.assembly import accuracy_of, new_trainer, new_weights
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.checkpoint import Checkpoint, Settings
from lenet.training.cross_fit import cross_fitted
from lenet.training.device import choose_device, choose_engine
from lenet.training.loop import Diverged, Loop
from lenet.training.own_data import fitted, shown, smoothed
from lenet.training.progress import Progress
from lenet.training.recipe import Recipe
from lenet.training.start_from import check_data, keep_weights, recipe_from, source_named
from lenet.training.trainer import Trainer
from lenet.training.weights import Weights
from lenet.version import __version__


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
) -> "Training":
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
    data = _loaded(recipe, data, seed, callbacks, pixels, pictures)
    if first is not None:
        check_data(first, data, str(weights_from))
    recipe = fitted(recipe, data)
    data = _with_validation(recipe, data, seed, callbacks)
    network = network_for(recipe, data) if network is None else network
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
) -> "Training":
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
    data = _loaded(recipe, source, seed, callbacks, settings.pixels, settings.pictures)
    data = _with_validation(recipe, data, seed, callbacks)
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


def network_for(recipe: Recipe, data: Dataset) -> Network:
    """Return the recipe's network for the data's classes and channels.

    Raises
    ------
    LenetError
        The network or the recipe does not fit the data.
    """
    distortion, extra = recipe.distortion, recipe.extra_examples
    if distortion is not None and recipe.method == "sdlm" and data.train.channels != 1:
        raise LenetError(f"recipe {recipe.name} distorts grey images only")
    if distortion is not None and distortion.flip and data.pictures in ("digits", "numbers"):
        raise LenetError(
            f"recipe {recipe.name} mirrors images, and a mirrored digit is no digit; "
            "use --recipe digits-record or another one"
        )
    define = network_named(recipe.network)
    network = define(classes=data.classes, in_channels=data.train.channels)
    if extra is not None and (network.rubbish is None or data.pictures != "digits"):
        raise LenetError(
            f'recipe {recipe.name} needs digits and a network with a class "none"; '
            f"{network.name} on {data.source} does not fit"
        )
    return network


def _loaded(
    recipe: Recipe,
    data: DataLike,
    seed: int,
    callbacks: DataCallbacks,
    pixels: PixelRange,
    pictures: Pictures | None,
) -> Dataset:
    if not isinstance(data, Dataset):
        _, height, width = network_named(recipe.network)().input_shape
        return load_data(data, (height, width), seed, callbacks, pixels, pictures)
    return data if pictures is None else replace(data, pictures=pictures)


def _with_validation(recipe: Recipe, data: Dataset, seed: int, callbacks: DataCallbacks) -> Dataset:
    if recipe.validation and data.validation is None:
        data = hold_out(data, recipe.validation, seed)
    elif data.validation is not None:
        callbacks.on_message(
            f"{data.name}: calibrated on its own {len(data.validation):,} validation images"
        )
    return data


def _training(
    settings: Settings,
    data: Dataset,
    network: Network,
    callbacks: DataCallbacks,
    source: Artifact | None,
) -> "Training":
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
    weights = _first_weights(settings, data, network, source)
    train = data.train
    if recipe.repeats > 1 or recipe.balance:
        indices = shown(recipe, train.labels)
        train, targets = train.take(indices), None if targets is None else targets[indices]
    trainer = new_trainer(settings, network, weights, train, targets, callbacks)
    chance = _chance(train)
    return Training(settings, data, network, weights, trainer, Progress(), chance, source)


def _first_weights(
    settings: Settings, data: Dataset, network: Network, source: Artifact | None
) -> Weights:
    weights = new_weights(network, settings)
    if source is not None:
        keep_weights(weights, network, data.classes, source)
    return weights


def _chance(split: Split) -> float:
    """Return the accuracy of always answering the most frequent class."""
    return int(np.bincount(split.labels).max()) / len(split)


@dataclass
class Training:
    """A network in training.

    Parameters
    ----------
    data
        The training and test images, and the validation images if the recipe holds some out.
    network, weights
        The definition, and what holds the parameters.
    chance
        The accuracy on the images of an epoch of always answering the most frequent class.
    source
        The trained network that the first weights are from; None for random ones.
    best
        The parameters of the best epoch so far, if the recipe asks for the best epoch.
    """

    settings: Settings
    data: Dataset
    network: Network
    weights: Weights
    trainer: Trainer
    progress: Progress
    chance: float = 0.0
    source: Artifact | None = None
    best: Mapping[str, Floats] = field(default_factory=dict[str, Floats])

    @cached_property
    def data_sha256(self) -> str:
        """The hash of the training and test images and labels."""
        return self.data.sha256()

    def run(
        self,
        callbacks: TrainingCallbacks | None = None,
        save: Callable[[], None] = lambda: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train to the recipe's last epoch.

        Parameters
        ----------
        save
            Writes a checkpoint; called after each epoch and before stopping.
        should_stop
            Called after every step; True stops the training.

        Raises
        ------
        lenet.training.loop.Interrupted
            `should_stop` returned True.
        lenet.training.loop.Diverged
            The loss or a parameter is infinite or NaN.
        """
        settings, test = self.settings, self.data.test
        loop = Loop(
            settings.recipe,
            settings.seed,
            self.trainer,
            self._keeping_best(accuracy_of(settings, self.network, self.weights, test)),
            _chance(test),
            self.progress,
            callbacks or TrainingCallbacks(),
            save,
            should_stop,
        )
        loop.run()
        # The last update comes after the last loss that was checked.
        if not self.weights.are_finite():
            raise Diverged("the last step left parameters that are NaN; try a smaller --lr")

    def _keeping_best(self, test_accuracy: Callable[[], float]) -> Callable[[], float]:
        """Return what measures the epoch and, if asked, keeps its parameters if it is the best."""
        if not self.settings.recipe.best_epoch or self.data.validation is None:
            return test_accuracy
        accuracy = accuracy_of(self.settings, self.network, self.weights, self.data.validation)
        progress = self.progress

        def measured() -> float:
            if (found := accuracy()) > progress.best_accuracy:
                progress.best_epoch, progress.best_accuracy = progress.epoch + 1, found
                self.best = {name: value.copy() for name, value in self.weights.arrays().items()}
            return test_accuracy()

        return measured

    def hint(self) -> str | None:
        """Return what to do if the finished training has learned nothing; else None."""
        last, data = self.progress.history[-1], self.data
        return hints.at_the_end(last, _chance(data.test), self.chance, self.settings.recipe)

    def checkpoint(self) -> Checkpoint:
        """Return all that `resume` needs; the arrays may share the memory of the training."""
        parameters, trainer = self.weights.arrays(), self.trainer.state_dict()
        return Checkpoint(
            self.settings, self.data_sha256, self.progress, parameters, trainer, self.best
        )

    def snapshot(self) -> Artifact:
        """Return the network as it is now, not calibrated.

        On the CPU its parameters share the training's memory, so training goes on changing them.
        """
        recipe = self.settings.recipe
        return Artifact(
            network=self.network,
            parameters=self.weights.arrays(),
            classes=self.data.classes,
            normalization=recipe.normalization,
            origin={
                "data": self.data.source,
                "data_sha256": self.data_sha256,
                **({} if self.data.pixels == "auto" else {"pixels": self.data.pixels}),
                "recipe": replace(recipe, data=self.data.source).to_json(),
                "seed": self.settings.seed,
                **({"from": self.settings.weights_from} if self.settings.weights_from else {}),
                "lenet": __version__,
                "date": datetime.now(UTC).isoformat(timespec="seconds"),
            },
            pictures=self.data.pictures,
        )

    def artifact(self) -> Artifact:
        """Return the trained network, calibrated on the validation images if there are any."""
        artifact, recipe, validation = self.snapshot(), self.settings.recipe, self.data.validation
        if self.best:
            artifact = replace(artifact, parameters=self.best)
        if validation is not None:
            scores = artifact.forward(validation.images)
            negatives = recipe.extra_examples is not None
            calibration = calibrate(self.network, scores, validation.labels, negatives)
        elif recipe.second_order.discriminative and loss_of(self.network) == "squared error":
            # Squashed outputs that minimise equation 9 are posteriors at this temperature.
            calibration = Calibration(temperature=1 / PLACE_CODE_SLOPE)
        elif recipe.cross_fit and loss_of(self.network) != "squared error":
            settings, data, network = self.settings, self.data, self.network
            first = _first_weights(settings, data, network, self.source)
            calibration = cross_fitted(settings, network, first, data.train)
        else:
            return artifact
        return replace(artifact, calibration=calibration)
