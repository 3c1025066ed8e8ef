"""Runs the training loop: epochs of shuffled batches, to the recipe's end or a requested stop."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lenet.errors import LenetError
from lenet.training import hints
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.progress import Progress
from lenet.training.recipe import Recipe
from lenet.training.trainer import Trainer

_SECONDS_BETWEEN_STEP_CALLBACKS = 0.1


class Interrupted(Exception):
    """A stop was requested. The checkpoint is kept."""


class Diverged(LenetError):
    """The loss or a parameter is infinite or NaN."""


@dataclass
class Loop:
    """The training loop. `run` trains to the last epoch and updates `progress` in place.

    The same seed, data, engine and machine give the same parameters to the bit, whether the run was
    stopped and resumed or not.

    Parameters
    ----------
    test_accuracy
        Returns the current accuracy on the test images.
    chance
        The accuracy of always answering the most frequent class.
    save, should_stop
        As for `lenet.training.training.Training.run`.
    """

    recipe: Recipe
    seed: int
    trainer: Trainer
    test_accuracy: Callable[[], float]
    chance: float
    progress: Progress
    callbacks: TrainingCallbacks
    save: Callable[[], None]
    should_stop: Callable[[], bool]

    def run(self) -> None:
        """Train to the recipe's last epoch; raises `Interrupted` or `Diverged`."""
        images = self.trainer.images
        self.callbacks.on_start(images)
        while self.progress.epoch < self.recipe.epochs:
            self._run_epoch()
            epoch = self.progress.finish_epoch(images, self.test_accuracy())
            self.callbacks.on_epoch(epoch)
            steps = math.ceil(images / self.trainer.images_per_call)
            if hint := hints.after_an_epoch(epoch, self.chance, self.recipe, steps):
                self.callbacks.on_message(hint)
            self.save()
            if self.should_stop():
                raise Interrupted

    def _run_epoch(self) -> None:
        trainer, progress = self.trainer, self.progress
        before = progress.seconds
        started = last_callback = time.perf_counter()

        def update_progress() -> None:
            progress.loss_sum, progress.correct = trainer.sums()
            progress.seconds = before + time.perf_counter() - started
            if not math.isfinite(progress.loss_sum):
                raise Diverged(
                    f"the loss became infinite or NaN in epoch {progress.epoch + 1}: the learning "
                    f"rate is too large; try --lr {self.recipe.learning_rate / 10:g}"
                )

        random = np.random.default_rng([self.seed, progress.epoch * self.recipe.shuffle])
        order = random.permutation(trainer.images)
        trainer.begin(progress.epoch, order, progress.step, (progress.loss_sum, progress.correct))
        per_call = trainer.images_per_call
        for first in range(progress.step * per_call, len(order), per_call):
            last = min(first + per_call, len(order))
            trainer.step(first, last)
            progress.step += 1
            if self.should_stop():
                update_progress()
                self.save()
                raise Interrupted
            if time.perf_counter() - last_callback > _SECONDS_BETWEEN_STEP_CALLBACKS:
                update_progress()
                self.callbacks.on_step(progress, last)
                last_callback = time.perf_counter()
        update_progress()
