"""Checks what Python code gives for a training: the recipe and its fields, and the seeds."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from math import isfinite
from typing import Any

from lenet.errors import LenetError, did_you_mean
from lenet.networks import network_name
from lenet.training.recipe import Recipe
from lenet.training.recipes import recipe_for, recipe_named

_OTHER_NAMES = {"lr": "learning_rate", "model": "network", "batch": "batch_size"}


def chosen_recipe(
    recipe: str | Recipe | None, changes: Mapping[str, Any], data: object = None
) -> Recipe:
    """Return a recipe with some of its fields changed.

    Parameters
    ----------
    recipe
        A name or an alias of a recipe, or a `Recipe`; None is the one for `data`.
    changes
        Fields of `Recipe` with their new values.
    data
        What is learned, for `lenet.training.recipes.recipe_for`.

    Raises
    ------
    LenetError
        There is no such recipe or field, or a value is not possible.

    Examples
    --------
    >>> chosen_recipe("lenet5", {"epochs": 2}).epochs
    2
    """
    if recipe is None:
        chosen = recipe_for(data)
    else:
        chosen = recipe if isinstance(recipe, Recipe) else recipe_named(recipe)
    known = [one.name for one in fields(Recipe)]
    for name in changes:
        if name not in known:
            meant = _OTHER_NAMES.get(name)
            hint = f" Did you mean {meant!r}?" if meant else did_you_mean(name, known)
            raise LenetError(f"a recipe has no field {name!r}; it has {', '.join(known)}.{hint}")
    changed = replace(chosen, **changes)
    _check(changed, changes)
    return replace(changed, network=network_name(changed.network))


def checked_seed(seed: object) -> int:
    """Return a seed as an int; `LenetError` if it is not a whole number from 0 to 2^32 - 1."""
    try:
        number = int(seed.__index__())  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType] of any integer
    except (AttributeError, TypeError):
        number = -1
    if not 0 <= number < 1 << 32:
        raise LenetError(f"a seed is a whole number from 0 to 4294967295, {seed!r} is not")
    return number


def checked_seeds(seeds: Iterable[object]) -> list[int]:
    """Return seeds as a list; `LenetError` if there are none, or one occurs twice."""
    found = [checked_seed(seed) for seed in seeds]
    if not found or len(set(found)) < len(found):
        raise LenetError(f"seeds must be different whole numbers, such as range(10), not {found}")
    return found


def _check(recipe: Recipe, changes: Mapping[str, Any]) -> None:
    for name in ("epochs", "batch_size"):
        value: object = getattr(recipe, name)
        # A recipe of 0 epochs leaves them to its steps.
        least = 0 if name == "epochs" and recipe.steps and name not in changes else 1
        if type(value) is not int or value < least:
            raise LenetError(f"{name} must be a whole number of at least 1, not {value!r}")
    for name, low, high in (
        ("learning_rate", 0.0, 3.4e38),
        ("validation", 0.0, 1.0),
        ("momentum", 0.0, 1.0),
        ("distillation", 0.0, 1.0),
    ):
        value = getattr(recipe, name)
        if not isinstance(value, int | float) or not isfinite(value) or not low <= value < high:
            raise LenetError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")
    if recipe.learning_rate == 0:
        raise LenetError("learning_rate must be more than 0")
