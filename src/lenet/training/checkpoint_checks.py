"""Checks the values in a checkpoint, so that a corrupt one is noticed before training goes on."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple
from hashlib import sha256

import numpy as np

from lenet.engine.checks import Floats
from lenet.training.progress import Progress
from lenet.training.recipe import Recipe

_MOST = 1 << 40  # steps, images and the like; far more than anybody trains
_MOST_DISTORTION = 1000.0


def digest(text: str, arrays: Mapping[str, Floats]) -> str:
    """Return the SHA-256 of a text and of arrays with their names, in the order of the names."""
    whole = sha256(text.encode("utf-8", "surrogatepass"))
    for name in sorted(arrays):
        whole.update(f"\n{name} {arrays[name].shape}\n".encode("utf-8", "surrogatepass"))
        whole.update(np.ascontiguousarray(arrays[name]).data)
    return whole.hexdigest()


def check_recipe(recipe: Recipe) -> None:
    """Raise a ValueError if a value of a recipe cannot be trained with; their types are right."""
    schedule = () if isinstance(recipe.schedule, str) else recipe.schedule
    for name, value, low, high in (
        ("epochs", recipe.epochs, 1, _MOST),
        ("batch_size", recipe.batch_size, 1, _MOST),
        ("repeats", recipe.repeats, 1, _MOST),
        ("steps", recipe.steps, 0, _MOST),
        ("learning_rate", recipe.learning_rate, 0, 3.4e38),
        ("weight_decay", recipe.weight_decay, 0, 3.4e38),
        ("momentum", recipe.momentum, 0, 1),
        ("warmup", recipe.warmup, 0, _MOST),
        ("validation", recipe.validation, 0, 1),
        ("distillation", recipe.distillation, 0, 1),
        ("smoothing", recipe.smoothing, 0, 1),
        ("balance", recipe.balance, 0, 1),
        ("curvature_scale", recipe.second_order.curvature_scale, 0, _MOST),
        *(("schedule", factor, 0, 3.4e38) for factor in schedule),
        *(("distortion", one, 0, _MOST_DISTORTION) for one in _numbers(recipe.distortion)),
        *(("extra examples", one, 0, 100) for one in _numbers(recipe.extra_examples)),
    ):
        if not low <= value <= high:
            raise ValueError(f"the recipe's {name} is {value}")
    if recipe.schedule == ():
        raise ValueError("the recipe has no schedule")


def _numbers(part: object) -> Iterable[float]:
    return () if part is None else astuple(part)  # pyright: ignore[reportArgumentType] a dataclass


def check_progress(progress: Progress) -> None:
    """Raise a ValueError if the epochs and sums cannot be those of a training."""
    if [epoch.epoch for epoch in progress.history] != list(range(1, progress.epoch + 1)):
        raise ValueError("the epochs are not numbered in order")
    for name, value, most in (
        ("step", progress.step, _MOST),
        ("correct", progress.correct, _MOST),
        ("seconds", progress.seconds, _MOST),
        ("best_epoch", progress.best_epoch, progress.epoch),
    ):
        if not 0 <= value <= most:
            raise ValueError(f"the {name} of the progress is {value}")


def check_arrays(arrays: Mapping[str, Floats]) -> None:
    """Raise a ValueError unless all arrays are float32 and finite."""
    for name, value in arrays.items():
        if value.dtype != np.float32:
            raise ValueError(f"{name} is not float32")
        if not np.isfinite(value).all():
            raise ValueError(f"{name} holds values that are infinite or NaN")
