"""How a network was made: the command that makes it again, and all that is known of its origin."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from lenet.training.recipe import RECIPES

# What `lenet train` takes, by the name it has in a recipe.
_OPTIONS = {
    "network": "--model",
    "epochs": "--epochs",
    "batch_size": "--batch-size",
    "learning_rate": "--lr",
    "validation": "--validation",
}
# Said by the command, the network's name or the data.
_SAID_ELSEWHERE = {"name", "data", "network"}


def command(origin: Mapping[str, Any], metrics: Mapping[str, Any]) -> str | None:
    """Return the command that trains the same network; None if none does.

    A network that was made otherwise (by a script, by a recipe that has changed since) has no
    command.

    Parameters
    ----------
    origin
        Of the artifact.
    metrics
        Of the run; without them the engine is the default.
    """
    recipe: dict[str, Any] = origin.get("recipe", {})
    known = RECIPES.get(recipe.get("name", ""))
    if known is None or "data" not in origin:
        return None
    usual: dict[str, Any] = json.loads(json.dumps(asdict(known)))
    used: dict[str, Any] = json.loads(json.dumps(recipe))
    differing = {key for key in usual.keys() | used.keys() if usual.get(key) != used.get(key)}
    if not differing <= {*_OPTIONS, "data"}:
        return None
    words = ["lenet", "train", str(origin["data"]), "--recipe", known.name]
    for key, option in _OPTIONS.items():
        if key in differing:
            words += [option, str(used[key])]
    words += ["--seed", str(origin.get("seed", 0))]
    if metrics.get("device", "cpu") != "cpu":
        words += ["--device", str(metrics["device"])]
    if metrics.get("engine", "native") != "native":
        words += ["--engine", str(metrics["engine"])]
    return shlex.join(words)


def sentence(origin: Mapping[str, Any]) -> str:
    """Say in short where a network comes from."""
    recipe: dict[str, Any] = origin.get("recipe", {})
    parts = [f"recipe {recipe['name']}"] if "name" in recipe else []
    if "epochs" in recipe:
        parts.append(f"{recipe['epochs']} epochs")
    parts += [f"{key} {origin[key]}" for key in ("seed", "lenet") if key in origin]
    if "date" in origin:
        parts.append(str(origin["date"]).partition("T")[0])
    return ", ".join(parts)


def facts(
    origin: Mapping[str, Any], metrics: Mapping[str, Any], processor: str | None
) -> list[tuple[str, str]]:
    """Return what is known of how a network was made, as pairs of name and value."""
    found: list[tuple[str, str]] = []
    for key, name in (
        ("data", "data"), ("data_sha256", "SHA-256 of the data"), ("seed", "seed"),
        ("date", "date"), ("lenet", "lenet"),
    ):  # fmt: skip
        if key in origin:
            found.append((name, str(origin[key])))
    for key in ("engine", "device", "threads"):
        if key in metrics:
            found.append((key, str(metrics[key])))
    if processor is not None:
        found.append(("processor", processor))
    versions = metrics.get("versions", {})
    if versions:
        found.append(("versions", ", ".join(f"{name} {one}" for name, one in versions.items())))
    known = {"data", "data_sha256", "seed", "date", "lenet", "recipe"}
    found += [(key, _said(value)) for key, value in origin.items() if key not in known]
    return found


def settings(origin: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the recipe's settings, as pairs of name and value."""
    recipe: dict[str, Any] = origin.get("recipe", {})
    named = [("recipe", str(recipe["name"]))] if "name" in recipe else []
    return named + [
        (key.replace("_", " "), _said(value))
        for key, value in recipe.items()
        if key not in _SAID_ELSEWHERE
    ]


def _said(value: object) -> str:
    """Write a plain value in words."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict():
            pairs = cast("dict[str, object]", value)
            return ", ".join(f"{key} {_said(one)}" for key, one in pairs.items()) or "none"
        case list() | tuple():
            many = list(cast("list[object]", value))
            return ", ".join(_said(one) for one in many)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
