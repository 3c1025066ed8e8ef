"""A teacher's answers: of the very images that the pupil is shown, made once and kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lenet.artifact import load
from lenet.data import Dataset
from lenet.data.distort import Distortion
from lenet.data.fetch import cache_folder
from lenet.engine.probabilities import softmax
from lenet.training import recipe as recipes
from lenet.training.checkpoint import Settings
from lenet.training.device import resolve_engine
from lenet.training.examples import TEACHING_SEED, Examples
from lenet.training.loop import Interrupted
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import CHAPTER, MODERN, Distillation
from lenet.training.run import network_for, run
from lenet.training.teacher import teacher_answers

PUPIL = replace(
    MODERN,
    name="pupil",
    data="bars",
    epochs=4,
    distortion=Distortion(shift=1.0, scale=0.1, squeeze=0.0, shear=0.0),
    distillation=Distillation("slow", teachers=2, temperature=3.0, copies=3),
)


class Ear:
    """A `TrainingListener` that remembers what was worth a line."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.epochs = 0

    def step(self, progress: Progress, seen: int) -> None:
        pass

    def epoch(self, line: Epoch) -> None:
        self.epochs += 1

    def line(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture(autouse=True)
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(MODERN, name="slow", epochs=3, batch_size=20)
    monkeypatch.setitem(recipes.RECIPES, "slow", slow)


def folder() -> Path:
    (found,) = (cache_folder() / "teachers").iterdir()
    return found


def test_answers_are_the_mean_of_the_teachers_on_the_pupils_own_images(tiny: Dataset) -> None:
    answers = teacher_answers(PUPIL, tiny, Ear())
    assert answers is not None
    assert answers.shape == (3, 120, 4)
    teachers = [load(folder() / f"seed-{seed}") for seed in (0, 1)]
    examples = Examples(tiny.train, PUPIL.distortion, TEACHING_SEED, answers, 3.0)
    for epoch in (0, 2, 4):  # the fourth epoch shows the copy of the first again, and so on
        examples.begin(epoch)
        expected = np.mean(
            [softmax(one.forward(examples.images) / np.float32(3)) for one in teachers], axis=0
        )
        assert examples.targets is not None
        np.testing.assert_allclose(examples.targets.probabilities, expected, atol=1e-3)
        assert examples.targets.temperature == 3.0


def test_they_are_made_once(tiny: Dataset) -> None:
    first, second = Ear(), Ear()
    answers = teacher_answers(PUPIL, tiny, first)
    assert first.epochs == 6
    again = teacher_answers(PUPIL, tiny, second)
    assert second.epochs == 0
    assert second.lines == []
    assert answers is not None
    assert again is not None
    assert np.array_equal(answers, again)
    # What the answers depend on makes new ones; what they do not, does not.
    longer = replace(PUPIL, epochs=9, learning_rate=0.5)
    teacher_answers(longer, tiny, second)
    assert second.epochs == 0
    other = replace(PUPIL, distortion=replace(PUPIL.distortion or Distortion(0, 0, 0, 0), shift=2))
    teacher_answers(other, tiny, second)
    assert second.epochs == 6


def test_a_stopped_teacher_goes_on_where_it_stopped(tiny: Dataset, tmp_path: Path) -> None:
    left = iter([False] * 9 + [True])  # within the second epoch of the first teacher
    with pytest.raises(Interrupted):
        teacher_answers(PUPIL, tiny, Ear(), lambda: next(left))
    assert not (folder() / "answers.npy").exists()
    ear = Ear()
    answers = teacher_answers(PUPIL, tiny, ear)
    assert ear.epochs == 5
    recipe = recipes.RECIPES["slow"]
    engine = resolve_engine("auto", "cpu", network_for(recipe, tiny), recipe)
    settings = Settings(recipe, "bars", 0, "cpu", engine)
    whole = run(settings, tiny, tmp_path, Ear()).artifact
    for name, values in load(folder() / "seed-0").parameters.items():
        assert np.array_equal(values, whole.parameters[name])
    assert answers is not None


def test_a_recipe_without_a_teacher_has_no_answers(tiny: Dataset) -> None:
    assert teacher_answers(CHAPTER, tiny, Ear()) is None


def test_a_pupil_learns_from_the_answers_alone(tiny: Dataset, tmp_path: Path) -> None:
    """With labels that say nothing, its teachers' answers still teach it the classes."""
    patient = replace(PUPIL, epochs=30, learning_rate=0.005, batch_size=20)
    good = replace(recipes.RECIPES["slow"], epochs=20)
    recipes.RECIPES["slow"] = good
    answers = teacher_answers(patient, tiny, Ear())
    assert answers is not None
    labels = np.arange(len(tiny.train)) // 30  # the images' own are arange % 4
    mute = replace(tiny, train=replace(tiny.train, labels=labels))
    settings = Settings(patient, "bars", 0, "cpu", "torch")
    done = run(settings, mute, tmp_path, Ear(), answers=answers)
    assert done.metrics["test_accuracy"] > 0.9
