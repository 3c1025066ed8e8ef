"""The training loop: epochs of shuffled batches, until done or told to stop."""

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from torch.optim import Optimizer

from lenet.errors import LenetError
from lenet.training.progress import Progress, TrainingListener
from lenet.training.recipe import Recipe
from lenet.training.step import TorchStep

_SECONDS_BETWEEN_NEWS = 0.1


class Interrupted(Exception):
    """Training was told to stop; its checkpoint is kept."""


class Diverged(LenetError):
    """The loss is no longer a number."""


def train(
    recipe: Recipe,
    seed: int,
    train_step: TorchStep,
    test_step: TorchStep,
    optimizer: Optimizer,
    progress: Progress,
    listener: TrainingListener,
    save: Callable[[], None],
    should_stop: Callable[[], bool],
) -> None:
    """Train from where `progress` stands to the recipe's last epoch.

    The same seed, data and machine give the same weights to the bit, stopped and resumed or not.

    Parameters
    ----------
    save
        Keeps a checkpoint; called after each epoch and before stopping.
    should_stop
        Asked after every step.

    Raises
    ------
    Interrupted
        `should_stop` said so.
    Diverged
        The loss is infinite or no number.
    """
    chance = _share_of_largest_class(test_step)
    while progress.epoch < recipe.epochs:
        _train_epoch(recipe, seed, train_step, optimizer, progress, listener, save, should_stop)
        line = progress.finish_epoch(len(train_step.labels), test_step.accuracy())
        listener.epoch(line)
        if line.test_accuracy <= chance + 0.01:
            listener.line(_learned_nothing(line.epoch, line.test_accuracy, recipe.epochs))
        save()


def _train_epoch(
    recipe: Recipe,
    seed: int,
    step: TorchStep,
    optimizer: Optimizer,
    progress: Progress,
    listener: TrainingListener,
    save: Callable[[], None],
    should_stop: Callable[[], bool],
) -> None:
    count = len(step.labels)
    device = step.labels.device
    order = torch.from_numpy(np.random.default_rng([seed, progress.epoch]).permutation(count))
    order = order.to(device)
    # Sums stay on the device: reading a number back would make a GPU wait at every step.
    sums = torch.tensor([progress.loss_sum, progress.correct], dtype=torch.float64, device=device)
    before = progress.seconds
    started = told = time.perf_counter()

    def read_sums() -> None:
        progress.loss_sum, progress.correct = float(sums[0]), int(sums[1])
        progress.seconds = before + time.perf_counter() - started
        if not math.isfinite(progress.loss_sum):
            raise Diverged(
                f"the loss became infinite or no number in epoch {progress.epoch + 1}: the "
                f"steps are too large; try a smaller one, --lr {recipe.learning_rate / 10:g}"
            )

    for start in range(progress.step * recipe.batch_size, count, recipe.batch_size):
        index = order[start : start + recipe.batch_size]
        loss, correct = step.loss_and_gradients(index)
        optimizer.step()
        sums += torch.stack([loss * len(index), correct])
        progress.step += 1
        if should_stop():
            read_sums()
            save()
            raise Interrupted
        if time.perf_counter() - told > _SECONDS_BETWEEN_NEWS:
            read_sums()
            listener.step(progress, min(start + recipe.batch_size, count))
            told = time.perf_counter()
    read_sums()


def _share_of_largest_class(step: TorchStep) -> float:
    return int(torch.bincount(step.labels).max()) / len(step.labels)


def _learned_nothing(epoch: int, accuracy: float, epochs: int) -> str:
    text = f"epoch {epoch} learned nothing: {accuracy:.1%} right is what guessing gives. "
    if epoch < epochs:
        return text + "With sigmoids the first epochs may pass so; it usually starts to learn soon."
    return text + "Try another --seed, more --epochs, or a smaller --lr."
