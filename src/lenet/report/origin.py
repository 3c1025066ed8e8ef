"""Describes a network's origin: the command that trains it, and facts about its training."""

import json
import shlex
from collections.abc import Mapping
from typing import Any, cast

from lenet.training.recipe import JSON_NAMES
from lenet.training.recipes import RECIPES

# The settings of a recipe that `lenet train` has options for.
_OPTIONS = {
    "network": "--model",
    "epochs": "--epochs",
    "batch_size": "--batch-size",
    "learning_rate": "--lr",
    "validation": "--validation",
}


def command(origin: Mapping[str, Any], metrics: Mapping[str, Any]) -> str | None:
    """Return the command that trains the same network, or None.

    There is no such command if a script trained the network, or if the recipe has changed since.

    Parameters
    ----------
    origin
        The origin in the artifact.
    metrics
        The metrics of the run; if they are empty, the default device and engine are assumed.
    """
    recipe: dict[str, Any] = origin.get("recipe", {})
    known = RECIPES.get(recipe.get("name", ""))
    if known is None or "data" not in origin:
        return None
    usual: dict[str, Any] = json.loads(json.dumps(known.to_json()))
    used: dict[str, Any] = json.loads(json.dumps(recipe))
    differing = {key for key in usual.keys() | used.keys() if usual.get(key) != used.get(key)}
    if not differing <= {*_OPTIONS, "data"}:
        return None
    words = ["lenet", "train", str(origin["data"]), "--recipe", known.name]
    for key, option in _OPTIONS.items():
        if key in differing:
            words += [option, str(used[key])]
    words += ["--seed", str(origin.get("seed", 0))]
    for key, default in (("device", "cpu"), ("engine", "native")):
        if metrics.get(key, default) != default:
            words += [f"--{key}", str(metrics[key])]
    return shlex.join(words)


def sentence(origin: Mapping[str, Any]) -> str:
    """Return the origin in short: recipe, epochs, seed, version of lenet, date."""
    recipe: dict[str, Any] = origin.get("recipe", {})
    parts = [f"recipe {recipe['name']}"] if "name" in recipe else []
    if "epochs" in recipe:
        parts.append(f"{recipe['epochs']} epoch{'' if recipe['epochs'] == 1 else 's'}")
    parts += [f"{key} {origin[key]}" for key in ("seed", "lenet") if key in origin]
    if "date" in origin:
        parts.append(str(origin["date"]).partition("T")[0])
    return ", ".join(parts)


def facts(
    origin: Mapping[str, Any], metrics: Mapping[str, Any], processor: str | None
) -> list[tuple[str, str]]:
    """Return what is recorded about the training, as pairs of name and value.

    `origin` is the artifact's, `metrics` are the run's, and `processor` is the machine's, if known.
    """
    names = {"data": "data", "data_sha256": "SHA-256 of the data"}
    names |= {key: key for key in ("seed", "date", "lenet")}
    found = [(name, str(origin[key])) for key, name in names.items() if key in origin]
    found += [(key, str(metrics[key])) for key in ("engine", "device", "threads") if key in metrics]
    if processor is not None:
        found.append(("processor", processor))
    versions = metrics.get("versions", {})
    if versions:
        found.append(("versions", ", ".join(f"{name} {one}" for name, one in versions.items())))
    known = {*names, "recipe"}
    return found + [(key, _in_words(value)) for key, value in origin.items() if key not in known]


def settings(origin: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the recipe's settings, as pairs of name and value."""
    recipe: dict[str, Any] = origin.get("recipe", {})
    plain = {old: new for new, old in JSON_NAMES.items()}
    named = [("recipe", str(recipe["name"]))] if "name" in recipe else []
    return named + [
        (plain.get(key, key).replace("_", " "), _in_words(value))
        for key, value in recipe.items()
        if key not in ("name", "data", "network")
    ]


def _in_words(value: object) -> str:
    """Return a JSON value as text for people."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict():
            pairs = cast("dict[str, object]", value)
            return ", ".join(f"{key} {_in_words(one)}" for key, one in pairs.items()) or "none"
        case list() | tuple():
            return ", ".join(_in_words(one) for one in cast("list[object]", value))
        case float():
            return f"{value:g}"
        case _:
            return str(value)
