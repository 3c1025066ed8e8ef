"""The recipe for own data: how it fits any number of images, and what calibrates it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import bars
from tests.training.runs import Recorder, run

from lenet.artifact import WEIGHTS, load
from lenet.calibration.calibration import UNCALIBRATED
from lenet.data import Dataset, Split
from lenet.engine import native
from lenet.errors import LenetError
from lenet.networks import network_named
from lenet.training import checkpoint
from lenet.training.checkpoint import Settings
from lenet.training.loop import Interrupted
from lenet.training.own_data import MOST_EPOCHS, fitted, shown, smoothed
from lenet.training.recipe import Recipe
from lenet.training.recipes import CHAPTER, OWN, OWN_MANY, RECIPES, recipe_for
from lenet.training.start import resume, start

SHORT = replace(OWN, steps=60)


def blank(count: int, classes: int = 10) -> Dataset:
    split = Split(
        np.zeros((count, 28, 28), np.uint8),
        np.arange(count) % classes,
        tuple(map(str, range(classes))),
    )
    return Dataset("blank", "blank", split, split)


@pytest.mark.parametrize("count", [10, 97, 200, 5_000, 9_999, 10_000, 60_000, 400_000])
def test_any_number_of_images_gets_the_same_steps_but_sees_each_image_once(count: int) -> None:
    recipe = fitted(OWN, blank(count))
    images = count * (1 - recipe.validation)
    steps = recipe.epochs * recipe.repeats * images / recipe.batch_size
    wanted = OWN.steps if count < 10_000 else OWN_MANY.steps
    assert recipe.steps == 0
    assert 1 <= recipe.epochs <= MOST_EPOCHS <= 50
    if images < wanted * recipe.batch_size:  # as near as whole epochs allow
        assert abs(steps / wanted - 1) <= max(0.1, images / recipe.batch_size / wanted / 2)
    else:
        assert (recipe.epochs, recipe.repeats) == (1, 1)


def test_epochs_that_were_asked_for_are_kept() -> None:
    recipe = fitted(replace(OWN, epochs=3), blank(200))
    assert (recipe.epochs, recipe.repeats, recipe.steps) == (3, 1, 0)


def test_fields_that_were_changed_are_kept_for_many_images_too() -> None:
    many = fitted(replace(OWN, learning_rate=0.01), blank(20_000))
    assert (many.learning_rate, many.batch_size) == (0.01, OWN_MANY.batch_size)


@pytest.mark.parametrize("recipe", [one for one in RECIPES.values() if one.epochs])
def test_other_recipes_stay_as_they_are(recipe: Recipe) -> None:
    assert fitted(recipe, blank(50_000)) == recipe


@pytest.mark.parametrize(
    ("count", "own", "changes", "held_out", "cross_fit"),
    [
        (200, False, {}, 0.0, True),
        (20_000, False, {}, 0.1, False),
        (100_000, False, {}, 0.02, False),
        (200, True, {}, 0.0, False),  # the data's own validation images calibrate
        (200, False, {"validation": 0.3}, 0.3, False),
        (200, False, {"best_epoch": True}, 0.1, False),
    ],
)
def test_what_calibrates(
    count: int, own: bool, changes: dict[str, float], held_out: float, cross_fit: bool
) -> None:
    data = blank(count)
    data = replace(data, validation=data.test) if own else data
    recipe = fitted(replace(OWN, **changes), data)
    assert (recipe.validation, recipe.cross_fit) == (pytest.approx(held_out), cross_fit)


@pytest.mark.parametrize(("pictures", "flip"), [("plain", 0), ("digits", 0), ("clothing", 1)])
def test_only_clothing_is_mirrored(pictures: str, flip: int) -> None:
    data = replace(blank(20), pictures=pictures)  # pyright: ignore[reportArgumentType] a text in a table
    distortion = fitted(OWN, data).distortion
    assert distortion is not None
    assert distortion.flip == flip


@pytest.mark.parametrize(
    ("counts", "balance", "repeats", "expected"),
    [
        ((4, 4), 0.5, 3, (12, 12)),
        ((8, 2), 0.0, 1, (8, 2)),
        ((8, 2), 0.5, 1, (8, 4)),  # (8 / 2) ** 0.5 times as often
        ((8, 2), 1.0, 2, (16, 16)),
        ((9, 4), 0.5, 1, (9, 6)),  # 1.5 times: every other image once more
        ((5_000, 1), 1.0, 1, (5_000, 20)),  # not more often than this
    ],
)
def test_rare_classes_are_shown_more_often(
    counts: tuple[int, int], balance: float, repeats: int, expected: tuple[int, int]
) -> None:
    labels = np.repeat([0, 1], counts)
    indices = shown(replace(OWN, balance=balance, repeats=repeats), labels)
    assert tuple(np.bincount(labels[indices])) == expected
    assert (np.unique(indices) == np.arange(len(labels))).all()


def test_an_epoch_has_no_more_images_than_fit_into_memory() -> None:
    with pytest.raises(LenetError, match="repeats, 3,000,000, must be smaller for 50 images"):
        shown(replace(OWN, repeats=3_000_000), np.zeros(50, np.int64))


def test_smoothed_targets_are_probabilities_and_none_gets_nothing() -> None:
    network = network_named("modern-or-none")(classes=4)
    targets = smoothed(np.array([2]), network, 0.2)
    assert targets[0].tolist() == pytest.approx([0.05, 0.05, 0.85, 0.05, 0.0])


def test_only_the_chapters_data_gets_the_chapters_recipe(tiny: Dataset) -> None:
    assert [recipe_for(one) for one in (None, "fashion-mnist")] == [CHAPTER] * 2
    assert [recipe_for(one) for one in ("mnist", "scans", Path("fashion-mnist"), tiny)] == [OWN] * 4


def test_a_few_uneven_images_are_learned_and_calibrated(tmp_path: Path) -> None:
    many = bars(120, 4)
    kept = np.flatnonzero((many.labels > 0) | (np.arange(120) < 24))
    data = Dataset("bars", "bars", many.take(kept), bars(80, 4, seed=1))
    done = run(Settings(SHORT, "bars", 0, "cpu", "native"), data, tmp_path)
    assert done.history[-1].test_accuracy > 0.9
    assert len(done.history) <= 50
    assert done.artifact.calibration.temperature != 1
    assert done.artifact.origin["recipe"]["epochs"] == len(done.history)


@pytest.mark.parametrize("changes", [{}, {"best_epoch": True}])
def test_a_stopped_run_ends_with_the_same_bits(changes: dict[str, bool], tmp_path: Path) -> None:
    data = Dataset("bars", "bars", bars(60, 3), bars(30, 3, seed=1))
    wanted = Settings(replace(SHORT, **changes), "bars", 0, "cpu", "native")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    run(wanted, data, whole)
    steps = iter(range(1_000))
    with pytest.raises(Interrupted):
        run(wanted, data, parts, should_stop=lambda: next(steps) > 25)
    stopped = checkpoint.load(parts)
    assert stopped.settings.recipe.steps == 0
    run(stopped.settings, data, parts, resumed=stopped)
    assert (whole / WEIGHTS).read_bytes() == (parts / WEIGHTS).read_bytes()


# After the last epoch the loop asks once; then the second training asks at its start and each step.
@pytest.mark.parametrize("call", [2, 3, 4])
def test_the_second_training_stops_at_the_next_step(call: int, tmp_path: Path) -> None:
    data = Dataset("bars", "bars", bars(60, 3), bars(30, 3, seed=1))
    short = replace(SHORT, steps=0, epochs=2)
    wanted = Settings(short, "bars", 0, "cpu", "native" if native.available() else "numpy")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    run(wanted, data, whole)
    asked = 0
    recorder = Recorder()

    def stop() -> bool:
        nonlocal asked
        asked += len(recorder.epochs) == 2
        return asked >= call

    with pytest.raises(Interrupted):
        run(wanted, data, parts, recorder, should_stop=stop)
    assert asked == call
    assert not (parts / WEIGHTS).exists()
    stopped = checkpoint.load(parts)
    assert stopped.progress.epoch == 2
    done = run(stopped.settings, data, parts, resumed=stopped)
    assert (whole / WEIGHTS).read_bytes() == (parts / WEIGHTS).read_bytes()
    assert done.artifact.calibration == load(whole).calibration != UNCALIBRATED


def test_the_best_epoch_is_that_of_the_held_out_images(tmp_path: Path) -> None:
    data = Dataset("bars", "bars", bars(60, 3), bars(30, 3, seed=1))
    training = start(replace(SHORT, best_epoch=True, epochs=4), data)
    seen: list[tuple[float, bytes]] = []
    validation = training.data.validation
    assert validation is not None

    def save() -> None:
        parameters = training.snapshot()
        answers = parameters.forward(validation.images).argmax(axis=1)
        accuracy = int(np.count_nonzero(answers == validation.labels)) / len(validation)
        seen.append((accuracy, b"".join(v.tobytes() for v in parameters.parameters.values())))

    training.run(save=save)
    best = max(range(4), key=lambda number: seen[number][0])
    kept = training.artifact()
    assert training.progress.best_epoch == best + 1
    assert b"".join(v.tobytes() for v in kept.parameters.values()) == seen[best][1]


def test_colour_images_are_learned_too() -> None:
    def colour(split: Split) -> Split:
        return Split(split.images[..., None].repeat(3, axis=3), split.labels, split.classes)

    data = Dataset("bars", "bars", colour(bars(60, 3)), colour(bars(30, 3, seed=1)))
    training = start(replace(SHORT, steps=40), data)
    training.run()
    assert training.progress.history[-1].test_accuracy > 0.5
    assert resume(training.checkpoint(), Path("run"), training.progress.epoch, data).network
