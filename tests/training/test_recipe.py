import json
import math
from dataclasses import replace
from itertools import pairwise

import pytest

from lenet.errors import LenetError
from lenet.networks import NETWORKS
from lenet.synthesis.distort import Distortion
from lenet.training.recipe import Recipe, Schedule
from lenet.training.recipes import CHAPTER, LECUN1998, RECIPES, recipe_named

# Proc. IEEE 86(11), 1998, page 10: 0.0005 for two passes, 0.0002 for three, 0.0001 for three,
# 0.00005 for four, 0.00001 thereafter; twenty passes.
RATES = [0.0005] * 2 + [0.0002] * 3 + [0.0001] * 3 + [0.00005] * 4 + [0.00001] * 8


@pytest.mark.parametrize("name", ["lecun1998", "lecun1998-distorted"])
def test_the_1998_rates_are_the_papers(name: str) -> None:
    recipe = recipe_named(name)
    assert [recipe.rate(n) for n in range(recipe.epochs)] == pytest.approx(RATES, rel=1e-12)
    # Whoever trains on goes on with the last.
    assert recipe.rate(35) == pytest.approx(0.00001)
    assert (recipe.batch_size, recipe.method, recipe.shuffle) == (1, "sdlm", False)


def test_the_1998_pixels_are_the_papers() -> None:
    assert LECUN1998.normalization(0.0) == pytest.approx(-0.1)
    assert LECUN1998.normalization(255.0) == pytest.approx(1.175)
    grey = recipe_named("lecun1989").normalization
    assert [grey(0.0), grey(127.5), grey(255.0)] == pytest.approx([-1, 0, 1])


def test_the_passes_are_the_papers() -> None:
    assert [recipe_named(name).epochs for name in ("lecun1998", "lenet1-1989", "lecun1989")] == [
        20,
        30,
        23,
    ]


def test_a_rate_holds_for_the_whole_of_its_epoch() -> None:
    recipe = replace(CHAPTER, learning_rate=2.0, schedule=(1.0, 0.5))
    assert [recipe.rate(e) for e in (0, 0.999, 1, 1.5, 2, 7)] == [2, 2, 1, 1, 1, 1]
    assert CHAPTER.rate(9.9) == 0.9


def test_a_cosine_falls_from_the_first_step_to_nearly_nothing() -> None:
    recipe = replace(CHAPTER, epochs=4, learning_rate=0.3, schedule="cosine")
    places = [0, 1, 2, 3, 4]
    half = math.sqrt(2) / 2
    expected = [0.3, 0.15 * (1 + half), 0.15, 0.15 * (1 - half), 0]
    assert [recipe.rate(p) for p in places] == pytest.approx(expected, abs=1e-12)
    steps = [recipe.rate(step / 100) for step in range(400)]
    assert steps == sorted(steps, reverse=True)
    assert 0 < steps[-1] < 0.3 * 1e-4


@pytest.mark.parametrize("schedule", ["cosine", (1.0,), (1.0, 0.5, 0.25, 0.125)])
@pytest.mark.parametrize("warmup", [0.5, 1.0, 2.5])
def test_a_warmup_rises_to_what_the_schedule_says(schedule: Schedule, warmup: float) -> None:
    plain = replace(CHAPTER, epochs=4, learning_rate=0.3, schedule=schedule)
    recipe = replace(plain, warmup=warmup)
    # Not from 0: the first step of all is one, too.
    assert 0 < recipe.rate(0) < 0.03 * plain.rate(0)
    shares = [recipe.rate(e / 100) / plain.rate(e / 100) for e in range(400)]
    rising = round(warmup * 100)
    assert shares[rising:] == [1.0] * (400 - rising)
    steps = [b - a for a, b in pairwise(shares[: rising + 1])]
    assert steps == pytest.approx([1 / (100 * warmup + 1)] * rising)


def test_without_a_warmup_the_first_step_is_a_whole_one() -> None:
    assert CHAPTER.warmup == 0
    assert CHAPTER.rate(0) == 0.9


@pytest.mark.parametrize("name", ["lecun1989", "lecun1998"])
def test_the_papers_distorted_set_is_affine_alone(name: str) -> None:
    found = recipe_named(f"{name}-distorted").distortion
    assert found is not None
    assert found == Distortion(found.shift, found.scale, found.squeeze, found.shear)
    assert min(found.shift, found.scale, found.squeeze, found.shear) > 0
    assert recipe_named(name).distortion is None


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_found_by_its_name_and_names_a_network(name: str) -> None:
    recipe = recipe_named(name)
    assert recipe.name == name
    assert recipe.network in NETWORKS
    # One image a step is what the method means.
    assert recipe.method == "sgd" or recipe.batch_size == 1


def test_an_unknown_recipe_gets_a_suggestion() -> None:
    with pytest.raises(LenetError, match="Did you mean 'lecun1998'"):
        recipe_named("lecun98")


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_comes_back_from_json(name: str) -> None:
    recipe = recipe_named(name)
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_json_has_the_older_names_at_one_level() -> None:
    table = recipe_named("digits").to_json()
    assert isinstance(table["foreign"], float)
    assert isinstance(table["cut_out"], int)
    assert {"flagged", "taught", "caution", "discriminative"} <= set(table)
    assert not {"extra_examples", "second_order", "distillation"} & set(table)
    for wrong in ({**table, "more": 1}, {k: v for k, v in table.items() if k != "caution"}):
        with pytest.raises(LenetError, match="not a recipe of this version of lenet"):
            Recipe.from_json(wrong)
