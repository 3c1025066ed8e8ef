"""The teachers' answers: to each image its own, whatever is held out; Fashion-MNIST's alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lenet.data import Dataset, Split
from lenet.data.split import hold_out, split_off
from lenet.errors import LenetError
from lenet.synthesis import distillation as teachers
from lenet.training.assembly import new_model, new_trainer
from lenet.training.checkpoint import Settings
from lenet.training.examples import Examples
from lenet.training.recipe import RECIPES, recipe_named
from lenet.training.run import network_for

TAUGHT = recipe_named("fashion-record")


def test_they_are_probabilities_that_mostly_agree_with_the_labels(fashion: Dataset) -> None:
    found = teachers.answers(fashion.train)
    assert (found.shape, found.dtype) == ((60_000, 10), np.float32)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    # Not the labels said again: docs/records.md.
    right = found.argmax(axis=1) == fashion.train.labels
    assert 0.96 < right.mean() < 0.98


def test_of_what_they_had_not_learnt_they_knew_less(fashion: Dataset) -> None:
    parts = hold_out(fashion, 1 / 6, 0)
    assert parts.validation is not None
    learnt, other = (
        float((teachers.answers(part).argmax(axis=1) == part.labels).mean())
        for part in (parts.train, parts.validation)
    )
    assert 0.95 < other < learnt - 0.01
    # Afterwards they learnt it all.
    _, held = split_off(fashion.train.labels, 1 / 6, 0)
    after = teachers.answers(fashion.train)[held].argmax(axis=1)
    assert (after == parts.validation.labels).mean() > other + 0.005


def test_each_image_gets_its_own_in_any_order(fashion: Dataset) -> None:
    order = np.random.default_rng(0).permutation(60_000)
    images, labels = fashion.train.images[order], fashion.train.labels[order]
    for count in (500, 60_000):
        found = teachers.answers(Split(images[:count], labels[:count], fashion.classes))
        again = Split(images[:count][::-1], labels[:count][::-1], fashion.classes)
        assert np.array_equal(teachers.answers(again), found[::-1])
    assert np.array_equal(found, teachers.answers(fashion.train)[order])


def test_what_is_learnt_is_between_their_answers_and_the_labels(fashion: Dataset) -> None:
    data = hold_out(fashion, 0.99, 3).train
    answers, labels = teachers.answers(data), np.eye(10)[data.labels]
    for share in (0.0, 0.25, 1.0):
        found = teachers.targets(data, share)
        assert (found.shape, found.dtype) == ((len(data), 10), np.float32)
        assert found.flags.c_contiguous
        np.testing.assert_allclose(found - labels, share * (answers - labels), atol=1e-6)


def test_of_other_images_they_know_nothing(fashion: Dataset) -> None:
    with pytest.raises(LenetError, match="asked about fashion-mnist, not about these images"):
        teachers.answers(fashion.test)


@pytest.mark.parametrize(
    ("taught", "clothing", "known"),
    [(0.5, True, True), (0.5, False, False), (0.0, True, False)],
)
def test_who_is_taught_gets_answers_where_there_are_any(
    fashion: Dataset, tiny: Dataset, monkeypatch: pytest.MonkeyPatch,
    taught: float, clothing: bool, known: bool,
) -> None:  # fmt: skip
    shown: list[Examples] = []

    def examples(*given: Any) -> Examples:
        shown.append(Examples(*given))
        return shown[-1]

    monkeypatch.setattr("lenet.training.assembly.Examples", examples)
    data = hold_out(fashion, 0.99, 3) if clothing else tiny
    recipe = replace(TAUGHT, taught=taught)
    settings = Settings(recipe, data.source, 0, "cpu", "torch")
    network = network_for(recipe, data)
    new_trainer(settings, network, new_model(network, settings), data.train)
    targets = shown[0].targets
    if known:
        assert targets is not None
        assert np.array_equal(targets, teachers.targets(data.train, 0.5))
    else:
        assert targets is None


def test_only_who_asks_is_taught() -> None:
    taught = [recipe for recipe in RECIPES.values() if recipe.taught]
    assert [recipe.name for recipe in taught] == ["fashion-record"]
    # The teachers know no images but clothing.
    assert not any(recipe.foreign for recipe in taught)
