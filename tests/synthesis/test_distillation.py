"""The teachers' probabilities: to each image its own, whatever its data is called and holds out."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lenet.data import Dataset, Split
from lenet.data.callbacks import DataCallbacks
from lenet.data.split import hold_out, split_off
from lenet.engine.checks import Floats
from lenet.synthesis.distillation import targets, teacher_probabilities
from lenet.training.examples import Examples
from lenet.training.recipes import RECIPES, recipe_named
from lenet.training.start import start

RECIPE = recipe_named("fashion-record")


def known(split: Split) -> Floats:
    """Return the probabilities of images that the teachers know."""
    found = teacher_probabilities(split)
    assert found is not None
    return found


class Recorder(DataCallbacks):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_message(self, text: str) -> None:
        self.lines.append(text)


def test_they_are_probabilities_that_mostly_agree_with_the_labels(fashion: Dataset) -> None:
    found = known(fashion.train)
    assert (found.shape, found.dtype) == ((60_000, 10), np.float32)
    assert found.min() >= 0
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    # Not the labels said again: docs/lab/records.md.
    right = found.argmax(axis=1) == fashion.train.labels
    assert 0.96 < right.mean() < 0.98


def test_of_what_they_had_not_learnt_they_knew_less(fashion: Dataset) -> None:
    parts = hold_out(fashion, 1 / 6, 0)
    assert parts.validation is not None
    learnt, other = (
        float((known(part).argmax(axis=1) == part.labels).mean())
        for part in (parts.train, parts.validation)
    )
    assert 0.95 < other < learnt - 0.01
    # Afterwards they learnt it all.
    _, held = split_off(fashion.train.labels, 1 / 6, 0)
    after = known(fashion.train)[held].argmax(axis=1)
    assert (after == parts.validation.labels).mean() > other + 0.005


def test_each_image_gets_its_own_in_any_order(fashion: Dataset) -> None:
    order = np.random.default_rng(0).permutation(60_000)
    images, labels = fashion.train.images[order], fashion.train.labels[order]
    for count in (500, 60_000):
        found = known(Split(images[:count], labels[:count], fashion.classes))
        again = Split(images[:count][::-1], labels[:count][::-1], fashion.classes)
        assert np.array_equal(known(again), found[::-1])
    assert np.array_equal(found, known(fashion.train)[order])


def test_the_targets_lie_between_their_probabilities_and_the_labels(fashion: Dataset) -> None:
    data = hold_out(fashion, 0.99, 3).train
    probabilities, labels = known(data), np.eye(10)[data.labels]
    for share in (0.0, 0.25, 1.0):
        found = targets(data, probabilities, share)
        assert (found.shape, found.dtype) == ((len(data), 10), np.float32)
        assert found.flags.c_contiguous
        np.testing.assert_allclose(found - labels, share * (probabilities - labels), atol=1e-6)


def renamed(split: Split, new_of: list[int], classes: int) -> Split:
    """Give class k the number ``new_of[k]``."""
    return Split(
        split.images, np.array(new_of)[split.labels], tuple(f"c{k}" for k in range(classes))
    )


def test_in_another_order_of_the_classes_the_columns_are_permuted(fashion: Dataset) -> None:
    part = hold_out(fashion, 0.99, 3).train
    order = [3, 0, 9, 1, 8, 2, 4, 7, 5, 6]
    found = known(renamed(part, order, 10))
    assert found.flags.c_contiguous
    np.testing.assert_allclose(found[:, order], known(part), rtol=1e-6)


@pytest.mark.parametrize(
    ("new_of", "classes"),
    [
        ([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], 5),  # two classes became one
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 8], 9),
        ([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 11),  # a class without images
    ],
)
def test_of_other_classes_they_know_nothing(
    fashion: Dataset, new_of: list[int], classes: int
) -> None:
    part = hold_out(fashion, 0.99, 3).train
    assert teacher_probabilities(renamed(part, new_of, classes)) is None


def test_a_class_cut_in_two_is_another_one(fashion: Dataset) -> None:
    part = hold_out(fashion, 0.99, 3).train
    labels = part.labels.copy()
    labels[np.flatnonzero(labels == 4)[::2]] = 10
    assert teacher_probabilities(Split(part.images, labels, (*part.classes, "coat 2"))) is None


def test_one_wrong_label_is_another_division(fashion: Dataset) -> None:
    part = hold_out(fashion, 0.99, 3).train
    labels = part.labels.copy()
    labels[0] = (labels[0] + 1) % 10
    assert teacher_probabilities(Split(part.images, labels, part.classes)) is None


def test_of_other_images_they_know_nothing(fashion: Dataset, tiny: Dataset) -> None:
    assert teacher_probabilities(fashion.test) is None
    assert teacher_probabilities(tiny.train) is None
    part = hold_out(fashion, 0.99, 3).train
    images = part.images.copy()
    images[-1, 14, 14] ^= 1
    assert teacher_probabilities(Split(images, part.labels, part.classes)) is None
    larger = np.pad(part.images, ((0, 0), (2, 2), (2, 2)))
    assert teacher_probabilities(Split(larger, part.labels, part.classes)) is None


@pytest.mark.parametrize(
    ("distillation", "clothing", "with_teachers"),
    [
        (0.5, True, True),
        (0.5, False, False),
        pytest.param(0.0, True, False, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("name", ["mine", pytest.param("fashion-mnist", marks=pytest.mark.slow)])
def test_the_images_decide_whether_a_recipe_with_distillation_has_teachers(
    fashion: Dataset,
    tiny: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    distillation: float,
    clothing: bool,
    with_teachers: bool,
    name: str,
) -> None:
    shown: list[Examples] = []

    def examples(*given: Any) -> Examples:
        shown.append(Examples(*given))
        return shown[-1]

    monkeypatch.setattr("lenet.training.assembly.Examples", examples)
    few = hold_out(fashion, 0.99, 3) if clothing else tiny
    data = replace(few, name=name, source=name, validation=None)
    recipe, recorder = replace(RECIPE, distillation=distillation, epochs=2), Recorder()
    training = start(recipe, data, device="cpu", engine="torch", callbacks=recorder)
    found = shown[0].targets
    if with_teachers:
        assert found is not None
        assert np.array_equal(found, targets(data.train, known(data.train), 0.5))
    else:
        assert found is None
    assert training.settings.recipe.distillation == (0.5 if with_teachers else 0.0)
    # Who asks for what the teachers do not know is told so, and the labels alone are learned.
    assert len(recorder.lines) == (distillation > 0 and not with_teachers)
    assert all("left out" in line for line in recorder.lines)
    training.run()
    assert training.progress.epoch == 2
    assert training.artifact().origin["recipe"]["taught"] == (0.5 if with_teachers else 0.0)


def test_one_recipe_has_teachers() -> None:
    with_teachers = [recipe for recipe in RECIPES.values() if recipe.distillation]
    assert [recipe.name for recipe in with_teachers] == ["fashion-record"]
    # The teachers know no images but clothing.
    assert not any(recipe.extra_examples for recipe in with_teachers)
