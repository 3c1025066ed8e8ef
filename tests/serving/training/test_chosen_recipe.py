"""Which recipe and network a training on the page has: those of `lenet train` by default."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenet.data import Dataset, Split
from lenet.networks import network_named
from lenet.networks.layers import Activation, Pooling
from lenet.serving.training.chosen_recipe import in_the_pages_words, network_of, recipe_of
from lenet.serving.training.job import TrainingSettings
from lenet.training import hints
from lenet.training.own_data import fitted
from lenet.training.progress import Epoch
from lenet.training.recipes import CHAPTER, OWN, recipe_for

SETTINGS = Path(__file__).parents[3] / "web/src/views/train/settings.ts"


def blank(count: int) -> Dataset:
    split = Split(np.zeros((count, 28, 28), np.uint8), np.arange(count) % 10, tuple("0123456789"))
    return Dataset("blank", "mnist", split, split, "digits")


def settings(**values: Any) -> dict[str, Any]:
    return TrainingSettings.model_validate(values).model_dump()


@pytest.mark.parametrize("data", ["fashion-mnist", "mnist", "usps"])
def test_the_defaults_are_those_of_the_command(data: str) -> None:
    wanted = recipe_for(data)
    found = recipe_of(settings(data=data))
    assert found.to_json() == {**wanted.to_json(), "data": data}
    network = network_of(settings(data=data), found, blank(20))
    assert network.layers == network_named(wanted.network)(classes=10).layers


@pytest.mark.parametrize(
    ("values", "name", "initialization", "layers"),
    [
        ({"recipe": "own"}, "own", "he", ("relu", "max")),
        ({"data": "mnist", "recipe": "chapter"}, "chapter", "xavier", ("sigmoid", "average")),
        ({"activation": "relu", "pooling": "max"}, "chapter", "he", ("relu", "max")),
        ({"data": "mnist", "activation": "tanh"}, "own", "xavier", ("tanh", "max")),
        ({"data": "mnist", "pooling": "avg"}, "own", "he", ("relu", "average")),
    ],
)
def test_a_setting_replaces_the_recipes(
    values: dict[str, Any], name: str, initialization: str, layers: tuple[str, str]
) -> None:
    recipe = recipe_of(settings(learning_rate=0.3, epochs=2, batch_size=7, **values))
    assert (recipe.name, recipe.initialization) == (name, initialization)
    assert (recipe.learning_rate, recipe.epochs, recipe.batch_size) == (0.3, 2, 7)
    layers_of = network_of(settings(**values), recipe, blank(20)).layers
    kinds = {one.kind for one in layers_of if isinstance(one, Activation | Pooling)}
    assert kinds == set(layers)


def test_the_pages_values_are_those_of_the_recipes() -> None:
    text = SETTINGS.read_text(encoding="utf-8")
    for name, recipe in (("CHAPTER", CHAPTER), ("OWN", fitted(OWN, blank(60_000)))):
        body = re.findall(rf"export const {name}: TrainingSettings = {{(.*?)^}}", text, re.S | re.M)
        values = dict(re.findall(r"(\w+): '?([^',]+)'?,", body[0]))
        assert values["recipe"] == recipe.name
        for field in ("learning_rate", "epochs", "batch_size"):
            assert float(values[field]) == getattr(recipe, field), (name, field)


@pytest.mark.parametrize("recipe", [CHAPTER, OWN])
def test_a_hint_names_no_option_of_the_command(recipe: Any) -> None:
    hint = hints.at_the_end(Epoch(1, 2.3, 0.1, 0.1, 1.0), 0.1, 0.1, recipe)
    assert hint is not None
    assert "--" in hint
    assert "--" not in in_the_pages_words(hint)
