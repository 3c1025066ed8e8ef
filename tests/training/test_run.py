import csv
import math
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from tests.conftest import bars
from tests.training.runs import Recorder, run

from lenet.artifact import WEIGHTS, load
from lenet.calibration.fit import calibrate
from lenet.data import Dataset, Split
from lenet.data.split import hold_out
from lenet.engine import native
from lenet.errors import LenetError
from lenet.evaluation import evaluate
from lenet.networks import (
    NETWORKS,
    lecun1998_network,
    lenet_network,
    mlp_network,
    modern_network,
)
from lenet.networks.layers import Activation
from lenet.pictures.types import Images, Labels
from lenet.synthesis.distort import Distortion
from lenet.synthesis.extra_examples import ExtraExamples
from lenet.training import checkpoint
from lenet.training.checkpoint import Settings
from lenet.training.data_and_network import network_for
from lenet.training.device import choose_device, choose_engine
from lenet.training.loop import Diverged, Interrupted
from lenet.training.recipe import Recipe
from lenet.training.recipes import CHAPTER, LECUN1998, MODERN, recipe_named
from lenet.training.run import HISTORY, METRICS, create_folder
from lenet.training.start import start

RECIPE = replace(CHAPTER, data="bars", epochs=3, batch_size=16, learning_rate=0.5)

# All that there is.
DISTORTION = Distortion(
    shift=2,
    scale=0.1,
    squeeze=0.1,
    shear=0.1,
    rotation=10,
    elastic=0.7,
    flip=True,
    blur=0.5,
    thickness=0.3,
)

ENGINES = ["torch", *(["native"] if native.available() else [])]


class StopAfter:
    """Asks to stop at a step, counted from the beginning."""

    def __init__(self, step: int) -> None:
        self.left = step

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == 0


def settings(recipe: Recipe = RECIPE, seed: int = 0, engine: str = "torch") -> Settings:
    return Settings(recipe, "bars", seed, "cpu", engine)


def weights(folder: Path) -> bytes:
    return (folder / WEIGHTS).read_bytes()


def folder(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.mkdir()
    return path


@pytest.mark.parametrize("engine", ENGINES)
def test_a_seed_gives_the_same_bits_again_and_another_seed_others(
    tiny: Dataset, tmp_path: Path, engine: str
) -> None:
    folders = [folder(tmp_path, name) for name in "abc"]
    for path, seed in zip(folders, (0, 0, 1), strict=True):
        run(settings(seed=seed, engine=engine), tiny, path, Recorder())
    assert weights(folders[0]) == weights(folders[1]) != weights(folders[2])


# 120 images in batches of 16: eight steps an epoch, the last one of eight images.
@pytest.mark.parametrize("step", [1, 7, 8, 9, 16, 23])
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("distortion", [None, DISTORTION], ids=["plain", "distorted"])
def test_stopped_at_any_step_and_resumed_it_ends_with_the_same_bits(
    tiny: Dataset, tmp_path: Path, step: int, distortion: Distortion | None, engine: str
) -> None:
    whole, halved = folder(tmp_path, "whole"), folder(tmp_path, "halved")
    recorder = Recorder()
    asked = settings(replace(RECIPE, distortion=distortion, warmup=0.7), engine=engine)
    run(asked, tiny, whole, recorder)
    with pytest.raises(Interrupted):
        run(asked, tiny, halved, Recorder(), StopAfter(step))
    assert not (halved / WEIGHTS).exists()
    kept = checkpoint.load(halved)
    assert kept.settings == asked
    resumed = run(asked, tiny, halved, Recorder(), resumed=kept)
    assert weights(halved) == weights(whole)
    for ours, theirs in zip(resumed.history, recorder.epochs, strict=True):
        assert replace(ours, seconds=0) == replace(theirs, seconds=0)


def test_a_finished_run_can_be_trained_further(tiny: Dataset, tmp_path: Path) -> None:
    short, long = folder(tmp_path, "short"), folder(tmp_path, "long")
    run(settings(), tiny, short, Recorder())
    more = settings(replace(RECIPE, epochs=5))
    # Whoever finds metrics.json takes the run for complete: it goes before training goes on.
    (short / METRICS).write_text("{}")
    with pytest.raises(Interrupted):
        run(more, tiny, short, Recorder(), StopAfter(1), resumed=checkpoint.load(short))
    assert not (short / METRICS).exists()
    run(more, tiny, short, Recorder(), resumed=checkpoint.load(short))
    run(more, tiny, long, Recorder())
    assert weights(short) == weights(long)


@pytest.mark.parametrize("engine", ENGINES)
def test_it_learns_and_its_files_agree_with_each_other(
    tiny: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setitem(NETWORKS, "quick", partial(lenet_network, "relu", "max"))
    recipe = replace(RECIPE, network="quick", epochs=40, learning_rate=0.05)
    result = run(settings(recipe, engine=engine), tiny, tmp_path, Recorder())
    assert result.metrics["engine"] == engine
    assert result.metrics["test_accuracy"] > 0.9
    assert evaluate(load(tmp_path), tiny.test).accuracy == result.metrics["test_accuracy"]
    with (tmp_path / HISTORY).open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "train_loss", "train_accuracy", "test_accuracy", "seconds"]
    assert [int(row["epoch"]) for row in rows] == list(range(1, 41))
    assert float(rows[-1]["train_loss"]) == pytest.approx(result.metrics["train_loss"], abs=1e-6)
    assert result.metrics["examples_per_second"] == pytest.approx(
        120 * 40 / result.metrics["train_seconds"]
    )
    assert result.artifact.origin["data_sha256"] == tiny.sha256()


@pytest.mark.parametrize("engine", ENGINES)
def test_extra_examples_count_as_images(
    tiny: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    extra = bars(60, 4, seed=2)

    def extra_examples(*_: object) -> tuple[Images, Labels]:
        return extra.images, extra.labels

    monkeypatch.setattr("lenet.training.assembly.extra_examples", extra_examples)
    monkeypatch.setitem(NETWORKS, "or-none", partial(modern_network, rubbish=0.0))
    recipe = replace(RECIPE, network="or-none", extra_examples=ExtraExamples(0.5))
    recorder = Recorder()
    data = replace(tiny, pictures="digits")
    result = run(settings(recipe, engine=engine), data, tmp_path, recorder)
    assert recorder.images == 180
    seconds = result.metrics["train_seconds"]
    assert result.metrics["examples_per_second"] == pytest.approx(180 * 3 / seconds)


@pytest.mark.parametrize("engine", ENGINES)
def test_loss_and_accuracy_are_means_over_images_not_batches(
    tiny: Dataset, tmp_path: Path, engine: str
) -> None:
    # With a vanishing step the weights stand still, so the epoch's mean is the network's own.
    recipe = replace(RECIPE, epochs=1, learning_rate=1e-30, batch_size=50)
    result = run(settings(recipe, engine=engine), tiny, tmp_path, Recorder())
    answers = evaluate(result.artifact, tiny.train)
    right = answers.probabilities[np.arange(120), answers.labels]
    assert result.metrics["train_loss"] == pytest.approx(-np.log(right).mean(), rel=1e-5)
    assert result.metrics["train_accuracy"] == pytest.approx(answers.accuracy)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loss_that_is_no_number_stops_with_advice(
    tiny: Dataset, tmp_path: Path, engine: str
) -> None:
    with pytest.raises(Diverged, match=r"epoch 1: .* try --lr 1e\+37"):
        run(
            settings(replace(RECIPE, learning_rate=1e38), engine=engine), tiny, tmp_path, Recorder()
        )
    assert not (tmp_path / WEIGHTS).exists()
    assert checkpoint.load(tmp_path).progress.epoch == 0


def test_an_epoch_that_learned_nothing_is_said_so(tiny: Dataset, tmp_path: Path) -> None:
    recorder = Recorder()
    run(settings(replace(RECIPE, epochs=3, learning_rate=1e-30)), tiny, tmp_path, recorder)
    (line,) = recorder.lines  # once, not after each epoch
    assert line.startswith("epoch 1 learned nothing: 25.0% correct is what guessing gives. In ")
    assert "use --recipe own" in line


def test_other_data_than_the_run_was_begun_with_is_refused(tiny: Dataset, tmp_path: Path) -> None:
    run(settings(replace(RECIPE, epochs=1)), tiny, tmp_path, Recorder())
    swapped = Dataset("bars", "bars", tiny.test, tiny.train)
    with pytest.raises(LenetError, match="no longer the data"):
        run(settings(), swapped, tmp_path, Recorder(), resumed=checkpoint.load(tmp_path))


def test_folders_are_numbered_when_taken(tmp_path: Path) -> None:
    made = [create_folder(None, tmp_path / "runs", "chapter-mnist").name for _ in range(3)]
    assert made == ["chapter-mnist", "chapter-mnist-2", "chapter-mnist-3"]


def test_a_named_folder_is_never_overwritten(tmp_path: Path) -> None:
    wanted = tmp_path / "a" / "b"
    assert create_folder(wanted, tmp_path, "x") == wanted
    assert create_folder(wanted, tmp_path, "x") == wanted  # empty: nothing to lose
    (wanted / "file").touch()
    with pytest.raises(LenetError, match="exists already"):
        create_folder(wanted, tmp_path, "x")
    with pytest.raises(LenetError, match="exists already"):
        create_folder(wanted / "file", tmp_path, "x")


@pytest.mark.skipif(not native.available(), reason="the engine was not built here")
@pytest.mark.parametrize("distortion", [None, DISTORTION], ids=["plain", "distorted"])
def test_both_engines_train_to_the_same_weights(
    tiny: Dataset, tmp_path: Path, distortion: Distortion | None
) -> None:
    recipe = replace(RECIPE, distortion=distortion)
    results = [
        run(settings(recipe, engine=e), tiny, folder(tmp_path, e), Recorder()) for e in ENGINES
    ]
    for name, ours in results[0].artifact.parameters.items():
        np.testing.assert_allclose(ours, results[1].artifact.parameters[name], atol=1e-5)


def test_the_engine_is_chosen_by_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    known, unknown = lenet_network(), lenet_network(channels=(6,))
    monkeypatch.setattr("lenet.engine.native.available", lambda: True)
    assert choose_engine("auto", "cpu", known, CHAPTER) == "native"
    assert choose_engine("torch", "cpu", known, CHAPTER) == "torch"
    assert choose_engine("auto", "cpu", unknown, CHAPTER) == "torch"
    assert choose_engine("auto", "cuda", known, CHAPTER) == "torch"
    with pytest.raises(LenetError, match="on the CPU only"):
        choose_engine("native", "cuda", known, CHAPTER)
    with pytest.raises(LenetError, match="does not know lenet"):
        choose_engine("native", "cpu", unknown, CHAPTER)
    assert choose_engine("numpy", "cpu", known, CHAPTER) == "numpy"
    with pytest.raises(LenetError, match="learns from its teachers' probabilities"):
        choose_engine("numpy", "cpu", known, recipe_named("fashion-record"))
    with pytest.raises(LenetError, match="one image at a time; leave out --batch-size"):
        choose_engine(
            "auto", "cpu", lecun1998_network(), replace(recipe_named("lecun1998"), batch_size=64)
        )
    # The kernels of one method do not serve the other.
    with pytest.raises(LenetError, match="does not know lecun1998"):
        choose_engine("native", "cpu", lecun1998_network(), CHAPTER)
    monkeypatch.setattr("lenet.engine.native.available", lambda: False)
    assert choose_engine("auto", "cpu", known, CHAPTER) == "torch"
    monkeypatch.setattr("lenet.training.device.find_spec", Mock(return_value=None))
    assert choose_engine("auto", "cpu", known, CHAPTER) == "numpy"
    with pytest.raises(LenetError, match=r'engine torch needs PyTorch, .*"torch>=2'):
        choose_engine("torch", "cpu", known, CHAPTER)
    with pytest.raises(LenetError, match="a GPU needs PyTorch"):
        choose_device("cuda", CHAPTER)
    with pytest.raises(LenetError, match=r"was not built .* five times as long"):
        choose_engine("native", "cpu", known, CHAPTER)


@pytest.mark.parametrize("name", ["lecun1998", "lecun1998-distorted", "lenet1", "lecun1989"])
def test_one_image_at_a_time_has_engines_of_its_own(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    recipe = recipe_named(name)
    network = NETWORKS[recipe.network]()
    monkeypatch.setattr("lenet.engine.native.available", lambda: True)
    assert choose_engine("auto", "cpu", network, recipe) == "native"
    assert choose_engine("native", "cpu", network, recipe) == "native"
    with pytest.raises(LenetError, match=f"{name} has no PyTorch engine; leave out --engine"):
        choose_engine("torch", "cpu", network, recipe)
    # Squashed, but with sigmoids between: NumPy alone knows it.
    other = mlp_network((5,), "sigmoid")
    squashed = replace(other, layers=(*other.layers, Activation("end", "scaled tanh")))
    assert choose_engine("auto", "cpu", squashed, recipe) == "numpy"
    with pytest.raises(LenetError, match="does not know mlp-5"):
        choose_engine("native", "cpu", squashed, recipe)
    for engine in ("auto", "native", "numpy"):
        with pytest.raises(LenetError, match=f"{name} is for .* not for lenet"):
            choose_engine(engine, "cpu", lenet_network(), recipe)
    monkeypatch.setattr("lenet.engine.native.available", lambda: False)
    assert choose_engine("auto", "cpu", network, recipe) == "numpy"
    with pytest.raises(LenetError, match="was not built"):
        choose_engine("native", "cpu", network, recipe)


def test_the_device_is_one_that_is_there_and_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert choose_device("auto", CHAPTER) == choose_device("cpu", CHAPTER) == "cpu"
    with pytest.raises(LenetError, match="no CUDA device"):
        choose_device("cuda", CHAPTER)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert choose_device("auto", CHAPTER) == choose_device("auto", CHAPTER, "native") == "cpu"
    assert choose_device("auto", CHAPTER, "torch") == choose_device("cuda", CHAPTER) == "cuda"
    assert choose_device("cpu", CHAPTER) == "cpu"
    assert choose_device("auto", LECUN1998, "torch") == choose_device("cpu", LECUN1998) == "cpu"
    with pytest.raises(LenetError, match=r"lecun1998 learns from one image .* on the CPU only"):
        choose_device("cuda", LECUN1998)


def test_what_is_no_digit_is_shown_only_beside_digits(tiny: Dataset) -> None:
    recipe = recipe_named("digits-record")
    with pytest.raises(
        LenetError, match='digits-record needs digits and a network with a class "none"'
    ):
        network_for(recipe, tiny)
    digits = replace(tiny, pictures="digits")
    assert network_for(recipe, digits).rubbish == 0.0
    with pytest.raises(LenetError, match="modern on bars does not fit"):
        network_for(replace(recipe, network="modern"), digits)


@pytest.mark.parametrize("engine", ENGINES)
def test_held_out_images_calibrate_and_do_not_train(
    tiny: Dataset, tmp_path: Path, engine: str
) -> None:
    recipe = replace(MODERN, data="bars", epochs=12, batch_size=10, validation=0.25)
    data = hold_out(tiny, recipe.validation, 3)
    assert data.validation is not None
    assert len(data.train) + len(data.validation) == len(tiny.train)
    done = run(Settings(recipe, "bars", 3, "cpu", engine), data, tmp_path, Recorder())
    scores = done.artifact.forward(data.validation.images)
    expected = calibrate(done.artifact.network, scores, data.validation.labels)
    assert done.artifact.calibration == expected
    assert expected.temperature is not None
    assert load(tmp_path).calibration == expected


def test_validation_images_that_come_with_the_data_calibrate(tiny: Dataset, tmp_path: Path) -> None:
    recipe = replace(MODERN, data="bars", epochs=2, batch_size=10, validation=0.25)
    data = replace(tiny, validation=bars(40, 4, seed=2))
    training = start(recipe, data, 3, "cpu")
    assert len(training.data.train) == len(tiny.train)  # none are held out as well
    done = run(training.settings, data, tmp_path, Recorder())
    assert data.validation is not None
    scores = done.artifact.forward(data.validation.images)
    expected = calibrate(done.artifact.network, scores, data.validation.labels)
    assert done.artifact.calibration == expected


def test_digits_are_not_mirrored(tiny: Dataset) -> None:
    recipe = recipe_named("fashion-record")
    assert network_for(recipe, tiny).name
    with pytest.raises(LenetError, match="fashion-record mirrors images"):
        network_for(recipe, replace(tiny, pictures="digits"))


def test_colour_images_are_not_distorted(tiny: Dataset) -> None:
    def colour(split: Split) -> Split:
        return Split(split.images[..., None].repeat(3, axis=3), split.labels, split.classes)

    data = Dataset("bars", "bars", colour(tiny.train), colour(tiny.test))
    assert network_for(LECUN1998, data).input_shape == (3, 28, 28)
    with pytest.raises(LenetError, match="lecun1998-distorted distorts grey images only"):
        network_for(recipe_named("lecun1998-distorted"), data)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("step", [1, 8, 9])
def test_momentum_is_kept_over_a_stop(
    tiny: Dataset, tmp_path: Path, step: int, engine: str
) -> None:
    recipe = replace(
        RECIPE, epochs=2, momentum=0.9, weight_decay=0.01, learning_rate=0.05, schedule="cosine"
    )
    whole, halved = folder(tmp_path, "whole"), folder(tmp_path, "halved")
    asked = settings(recipe, engine=engine)
    run(asked, tiny, whole, Recorder())
    with pytest.raises(Interrupted):
        run(asked, tiny, halved, Recorder(), StopAfter(step))
    run(asked, tiny, halved, Recorder(), resumed=checkpoint.load(halved))
    assert weights(halved) == weights(whole)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_distortion_shows_other_images_to_training_alone(
    tiny: Dataset, tmp_path: Path, engine: str
) -> None:
    # With a vanishing step the weights stand still: what differs is what they were shown.
    recipe = replace(RECIPE, epochs=2, learning_rate=1e-30)
    plain, other = (
        run(
            settings(replace(recipe, distortion=one), engine=engine),
            tiny,
            folder(tmp_path, name),
            Recorder(),
        )
        for name, one in (("plain", None), ("other", DISTORTION))
    )
    assert plain.history[0].train_loss == pytest.approx(plain.history[1].train_loss)
    losses = [line.train_loss for line in (*other.history, plain.history[0])]
    assert len({round(loss, 5) for loss in losses}) == 3
    assert plain.metrics["test_accuracy"] == other.metrics["test_accuracy"]
    assert other.artifact.origin["recipe"]["distortion"] == asdict(DISTORTION)
    assert Distortion(**load(tmp_path / "other").origin["recipe"]["distortion"]) == DISTORTION


def test_the_chapters_recipe_is_the_chapters() -> None:
    recipe = recipe_named("chapter")
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (10, 256, 0.9)
    assert math.isclose(recipe.normalization(255.0), 1.0)
    with pytest.raises(LenetError, match="Did you mean 'chapter'"):
        recipe_named("chaptr")
