import json
import shlex
from dataclasses import replace
from typing import Any

import click
import pytest

from lenet.cli.train import command as train
from lenet.report.origin import command, facts, sentence, settings
from lenet.training.recipe import Recipe
from lenet.training.recipes import CHAPTER, RECIPES


def of(recipe: Recipe, **more: Any) -> dict[str, Any]:
    """What an artifact's config.json keeps."""
    kept = {"data": recipe.data, "recipe": recipe.to_json(), "seed": 3, **more}
    return json.loads(json.dumps(kept))


CHANGED = replace(CHAPTER, epochs=2, learning_rate=0.5, batch_size=64, validation=0.1)
CPU = {"device": "cpu", "engine": "native"}


@pytest.mark.parametrize(
    ("origin", "metrics", "line"),
    [
        (of(CHAPTER), {}, "lenet train fashion-mnist --recipe chapter --seed 3"),
        (of(CHAPTER), CPU, "lenet train fashion-mnist --recipe chapter --seed 3"),
        (
            of(CHANGED),
            CPU,
            "lenet train fashion-mnist --recipe chapter --epochs 2 --batch-size 64 "
            "--lr 0.5 --validation 0.1 --seed 3",
        ),
        (
            of(replace(CHAPTER, data="/a b/it's", network="mlp")),
            {},
            "lenet train '/a b/it'\"'\"'s' --recipe chapter --model mlp --seed 3",
        ),
        (
            of(CHAPTER),
            {"device": "cuda", "engine": "torch"},
            "lenet train fashion-mnist --recipe chapter --seed 3 --device cuda --engine torch",
        ),
        # Made by a script, by a recipe that is no longer, by one that was another.
        ({}, {}, None),
        ({"data": "mnist"}, {}, None),
        (of(replace(CHAPTER, name="gone")), {}, None),
        (of(replace(CHAPTER, momentum=0.5)), {}, None),
        (of(CHAPTER) | {"recipe": {"name": "chapter"}}, {}, None),
        (of(CHAPTER) | {"recipe": CHAPTER.to_json() | {"new": 1}}, {}, None),
    ],
)
def test_the_command_by_hand(
    origin: dict[str, Any], metrics: dict[str, Any], line: str | None
) -> None:
    assert command(origin, metrics) == line


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_lenet_train_understands_the_command(recipe: Recipe) -> None:
    line = command(of(replace(recipe, epochs=recipe.epochs + 1, validation=0.25)), CPU)
    assert line is not None
    context: click.Context = train.make_context("train", shlex.split(line)[2:])
    given = {key: value for key, value in context.params.items() if value is not None}
    assert given["data"] == recipe.data
    assert given["recipe"] == recipe.name
    assert given["epochs"] == recipe.epochs + 1
    assert given["validation"] == 0.25
    assert given["seed"] == 3


def test_all_that_is_known_is_said() -> None:
    origin = of(RECIPES["fashion-record"], date="2026-01-02T03:04:05+00:00", further={"x": [1, 2]})
    assert sentence(origin) == "recipe fashion-record, 300 epochs, seed 3, 2026-01-02"
    known = dict(facts(origin, {**CPU, "threads": 2, "versions": {"numpy": "2"}}, "a chip"))
    assert known["processor"] == "a chip"
    assert known["versions"] == "numpy 2"
    assert known["further"] == "x 1, 2"
    said = dict(settings(origin))
    assert said["shuffle"] == "yes"
    assert said["distortion"].startswith("shift 1, scale 0.04")
    assert said["learning rate"] == "0.1"
    assert (sentence({}), facts({}, {}, None), settings({})) == ("", [], [])
