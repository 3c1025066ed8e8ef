"""The training loop: epochs of shuffled batches, until done or told to stop."""

import math
import time
from collections.abc import Callable

import numpy as np

from lenet.data import Dataset
from lenet.errors import LenetError
from lenet.training.progress import Progress, TrainingListener
from lenet.training.recipe import Recipe
from lenet.training.trainer import Trainer

_SECONDS_BETWEEN_NEWS = 0.1


class Interrupted(Exception):
    """Training was told to stop; its checkpoint is kept."""


class Diverged(LenetError):
    """The loss is no longer a number."""


def train(
    recipe: Recipe,
    seed: int,
    data: Dataset,
    trainer: Trainer,
    test_accuracy: Callable[[], float],
    progress: Progress,
    listener: TrainingListener,
    save: Callable[[], None],
    should_stop: Callable[[], bool],
) -> None:
    """Train from where `progress` stands to the recipe's last epoch.

    The same seed, data, engine and machine give the same weights to the bit, stopped and resumed
    or not.

    Parameters
    ----------
    trainer
        Trains on the training images of `data`.
    test_accuracy
        Returns the share of the test images that the model names right.
    save
        Keeps a checkpoint; called after each epoch and before stopping.
    should_stop
        Asked after every step and every epoch.

    Raises
    ------
    Interrupted
        `should_stop` said so.
    Diverged
        The loss is infinite or no number.
    """
    chance = int(np.bincount(data.test.labels).max()) / len(data.test)
    count = trainer.images
    while progress.epoch < recipe.epochs:
        _train_epoch(recipe, seed, count, trainer, progress, listener, save, should_stop)
        line = progress.finish_epoch(count, test_accuracy())
        listener.epoch(line)
        if line.test_accuracy <= chance + 0.01:
            listener.line(_learned_nothing(line.epoch, line.test_accuracy, recipe.epochs))
        save()
        if should_stop():
            raise Interrupted


def _train_epoch(
    recipe: Recipe,
    seed: int,
    count: int,
    trainer: Trainer,
    progress: Progress,
    listener: TrainingListener,
    save: Callable[[], None],
    should_stop: Callable[[], bool],
) -> None:
    before = progress.seconds
    started = told = time.perf_counter()

    def take_stock() -> None:
        progress.loss_sum, progress.correct = trainer.sums()
        progress.seconds = before + time.perf_counter() - started
        if not math.isfinite(progress.loss_sum):
            raise Diverged(
                f"the loss became infinite or no number in epoch {progress.epoch + 1}: the "
                f"steps are too large; try a smaller one, --lr {recipe.learning_rate / 10:g}"
            )

    order = np.random.default_rng([seed, progress.epoch * recipe.shuffle]).permutation(count)
    at_once = trainer.images_a_call
    trainer.begin(progress.epoch, order, progress.step, (progress.loss_sum, progress.correct))
    for first in range(progress.step * at_once, count, at_once):
        last = min(first + at_once, count)
        trainer.step(first, last)
        progress.step += 1
        if should_stop():
            take_stock()
            save()
            raise Interrupted
        if time.perf_counter() - told > _SECONDS_BETWEEN_NEWS:
            take_stock()
            listener.step(progress, last)
            told = time.perf_counter()
    take_stock()


def _learned_nothing(epoch: int, accuracy: float, epochs: int) -> str:
    text = f"epoch {epoch} learned nothing: {accuracy:.1%} right is what guessing gives. "
    if epoch < epochs:
        return text + "First epochs may pass so, with sigmoids; it usually starts to learn soon."
    return text + "Try another --seed, more --epochs, or a smaller --lr."
