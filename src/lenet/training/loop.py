"""The training loop: epochs of shuffled batches, until done or told to stop."""

import math
import time
from collections.abc import Callable

import numpy as np

from lenet.data import Dataset
from lenet.errors import LenetError
from lenet.training.progress import Progress, TrainingListener
from lenet.training.recipe import Recipe
from lenet.training.sgd import SGD
from lenet.training.step import Step

_SECONDS_BETWEEN_NEWS = 0.1


class Interrupted(Exception):
    """Training was told to stop; its checkpoint is kept."""


class Diverged(LenetError):
    """The loss is no longer a number."""


def train(
    recipe: Recipe,
    seed: int,
    data: Dataset,
    step: Step,
    test: Step,
    optimizer: SGD,
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
    step, test
        Compute on the training and the test images of `data`.
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
    count = len(data.train)
    while progress.epoch < recipe.epochs:
        _train_epoch(recipe, seed, count, step, optimizer, progress, listener, save, should_stop)
        line = progress.finish_epoch(count, test.accuracy())
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
    step: Step,
    optimizer: SGD,
    progress: Progress,
    listener: TrainingListener,
    save: Callable[[], None],
    should_stop: Callable[[], bool],
) -> None:
    before = progress.seconds
    started = told = time.perf_counter()

    def take_stock() -> None:
        progress.loss_sum, progress.correct = step.sums()
        progress.seconds = before + time.perf_counter() - started
        if not math.isfinite(progress.loss_sum):
            raise Diverged(
                f"the loss became infinite or no number in epoch {progress.epoch + 1}: the "
                f"steps are too large; try a smaller one, --lr {recipe.learning_rate / 10:g}"
            )

    order = np.random.default_rng([seed, progress.epoch]).permutation(count)
    step.begin(order, progress.loss_sum, progress.correct)
    for first in range(progress.step * recipe.batch_size, count, recipe.batch_size):
        last = min(first + recipe.batch_size, count)
        step.batch(first, last)
        optimizer.step()
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
        return text + "With sigmoids the first epochs may pass so; it usually starts to learn soon."
    return text + "Try another --seed, more --epochs, or a smaller --lr."
