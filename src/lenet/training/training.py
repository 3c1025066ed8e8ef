"""Defines `Training`: a network while it trains, and what the trained network is saved as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

from lenet.artifact import Artifact
from lenet.data import Dataset
from lenet.data.split import Split
from lenet.engine.checks import Floats
from lenet.networks import Network
from lenet.training import hints
from lenet.training.assembly import accuracy_of
from lenet.training.best_epoch import keeping_best
from lenet.training.calibrated import calibration_of
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.checkpoint import Checkpoint, Settings
from lenet.training.loop import Diverged, Loop
from lenet.training.progress import Progress
from lenet.training.trainer import Trainer
from lenet.training.weights import Weights
from lenet.version import __version__


def chance_of(split: Split) -> float:
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
            self._measure_of_an_epoch(),
            chance_of(test),
            self.progress,
            callbacks or TrainingCallbacks(),
            save,
            should_stop,
        )
        loop.run()
        # The last update comes after the last loss that was checked.
        if not self.weights.are_finite():
            raise Diverged("the last step left parameters that are NaN; try a smaller --lr")

    def _measure_of_an_epoch(self) -> Callable[[], float]:
        def accuracy(split: Split) -> Callable[[], float]:
            return accuracy_of(self.settings, self.network, self.weights, split)

        def keep(parameters: Mapping[str, Floats]) -> None:
            self.best = parameters

        on_test, validation = accuracy(self.data.test), self.data.validation
        if not self.settings.recipe.best_epoch or validation is None:
            return on_test
        return keeping_best(accuracy(validation), on_test, self.progress, self.weights, keep)

    def hint(self) -> str | None:
        """Return what to do if the finished training has learned nothing; else None."""
        last, data = self.progress.history[-1], self.data
        return hints.at_the_end(last, chance_of(data.test), self.chance, self.settings.recipe)

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

    def artifact(
        self, calibrate: bool = True, should_stop: Callable[[], bool] = lambda: False
    ) -> Artifact:
        """Return the trained network.

        Parameters
        ----------
        calibrate
            Calibrate it as its recipe asks, which can take a second training.
        should_stop
            Called after every step of a second training; True stops it.

        Raises
        ------
        lenet.training.loop.Interrupted
            `should_stop` returned True.
        """
        artifact = self.snapshot()
        if self.best:
            artifact = replace(artifact, parameters=self.best)
        if not calibrate:
            return artifact
        settings, data, source = self.settings, self.data, self.source
        calibration = calibration_of(artifact, settings, data, source, should_stop)
        return artifact if calibration is None else replace(artifact, calibration=calibration)
