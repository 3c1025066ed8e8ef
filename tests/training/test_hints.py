"""What is said of a training that learned nothing, and of one that did."""

from dataclasses import replace

import pytest
from tests.conftest import bars

from lenet.data import Dataset
from lenet.training import hints
from lenet.training.progress import Epoch
from lenet.training.recipe import Recipe
from lenet.training.recipes import RECIPES, recipe_named
from lenet.training.start import start

CHAPTER, MODERN = recipe_named("chapter"), recipe_named("modern")
OWN = replace(recipe_named("own"), steps=100)
TRAINED = [one for one in RECIPES.values() if one.initialization == "he"]


@pytest.mark.parametrize("recipe", [CHAPTER, replace(CHAPTER, network="modern")])
@pytest.mark.parametrize(("train", "test"), [(0.1, 0.1), (0.12, 0.2), (0.05, 0.3)])
def test_a_recipe_that_learned_nothing_names_the_one_that_works(
    recipe: Recipe, train: float, test: float
) -> None:
    said = hints.at_the_end(Epoch(10, 2.3, train, test, 1.0), 0.1, 0.1, recipe)
    assert said is not None
    assert said.startswith(f"the network learned nothing: {train:.1%} of the training images")
    assert "use --recipe own" in said


@pytest.mark.parametrize("recipe", TRAINED)
def test_a_recipe_that_works_is_not_sent_to_itself(recipe: Recipe) -> None:
    said = hints.at_the_end(Epoch(10, 2.3, 0.1, 0.1, 1.0), 0.1, 0.1, recipe)
    assert said is not None
    assert "--recipe" not in said
    assert "try another --seed, more --epochs, or a smaller --lr" in said


def test_test_images_of_other_classes_are_another_fault() -> None:
    said = hints.at_the_end(Epoch(10, 0.1, 0.98, 0.1, 1.0), 0.1, 0.1, CHAPTER)
    assert said is not None
    assert said.startswith("the network learned its training images (98.0% correct), but")
    assert "--recipe" not in said


@pytest.mark.parametrize(
    ("train", "test", "chance"), [(0.9, 0.8, 0.1), (0.2, 0.15, 0.1), (0.97, 0.97, 0.9)]
)
def test_nothing_is_said_of_one_that_learned(train: float, test: float, chance: float) -> None:
    assert hints.at_the_end(Epoch(10, 1.0, train, test, 1.0), chance, chance, CHAPTER) is None


@pytest.mark.parametrize(
    ("recipe", "number", "accuracy", "steps", "said"),
    [
        (CHAPTER, 1, 0.1, 235, "it usually starts soon"),
        (CHAPTER, 1, 0.1, 24, "In 240 steps recipe chapter may never start; use --recipe own"),
        (MODERN, 1, 0.1, 10, "It may still start."),
        (CHAPTER, 1, 0.3, 24, None),
        (CHAPTER, 2, 0.1, 24, None),  # once is enough
        (replace(CHAPTER, epochs=1), 1, 0.1, 24, None),  # what is said at the end is enough
    ],
)
def test_the_first_epoch_says_what_to_expect(
    recipe: Recipe, number: int, accuracy: float, steps: int, said: str | None
) -> None:
    found = hints.after_an_epoch(Epoch(number, 2.3, 0.1, accuracy, 1.0), 0.1, recipe, steps)
    assert (said is None) == (found is None)
    assert (said or "") in (found or "")


def test_small_data_gets_the_hint_and_following_it_helps() -> None:
    data = Dataset("bars", "bars", bars(120, 4), bars(40, 4, seed=1))
    begun = start(CHAPTER, data)
    begun.run()
    assert "use --recipe own" in (begun.hint() or "")
    followed = start(OWN, data)
    followed.run()
    assert followed.hint() is None
    assert followed.progress.history[-1].test_accuracy > 0.9
