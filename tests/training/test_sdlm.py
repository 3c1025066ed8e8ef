"""The method of 1998, Appendix C, and the distorted training set of its page 11."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.training.runs import Recorder, run

from lenet.artifact import WEIGHTS, load
from lenet.data import Dataset, Split
from lenet.engine import backward, native, normalized
from lenet.networks import NETWORKS, Network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.radial_basis import RadialBasis, characters_for
from lenet.networks.subsampling import Subsampling
from lenet.synthesis.distort import Distortion
from lenet.training import checkpoint
from lenet.training.checkpoint import Settings
from lenet.training.data_and_network import network_for
from lenet.training.device import choose_engine
from lenet.training.first_weights import first_weights
from lenet.training.loop import Interrupted
from lenet.training.recipe import Recipe, SecondOrder
from lenet.training.recipes import LECUN1998, RECIPES
from lenet.training.sdlm import SDLM, distorted

ENGINES = ["numpy", *(["native"] if native.available() else [])]


def small(
    classes: int | tuple[str, ...] = 10, in_channels: int = 1, gaussian: bool = False
) -> Network:
    """A network of 1998's layers that NumPy trains in milliseconds."""
    names = classes if isinstance(classes, tuple) else tuple(str(n) for n in range(classes))
    squash = partial(Activation, kind="scaled tanh")
    last = (
        (Linear("F6", 84), squash("F6_squash"), RadialBasis("o", characters_for(names), 10.0))
        if gaussian
        else (Linear("o", len(names)), squash("o_squash"))
    )
    layers = (
        Convolution("C1", 4, 4, stride=4),
        squash("C1_squash"),
        Subsampling("S2", "sum"),
        squash("S2_squash"),
        Convolution("C3", 6, 2, bias="unit", table=("XX.X..", ".XX.X.", "..XX.X", "X..XXX")),
        squash("C3_squash"),
        Flatten("flatten"),
        *last,
    )
    return Network("small", (in_channels, 28, 28), layers)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NETWORKS, "small", small)
    monkeypatch.setitem(NETWORKS, "gaussian", partial(small, gaussian=True))


# The recipe's own; and all that there is, which each engine must show alike.
DISTORTION = RECIPES["lecun1998-distorted"].distortion or Distortion(0, 0, 0, 0)
EVERYTHING = replace(DISTORTION, rotation=10, elastic=0.7, flip=True, blur=0.5, thickness=0.3)
RECIPE = replace(
    LECUN1998,
    network="small",
    data="bars",
    epochs=3,
    learning_rate=0.002,
    second_order=SecondOrder(curvature_scale=1.0),
)


def distortion(asked: bool) -> Distortion | None:
    return EVERYTHING if asked else None


def settings(recipe: Recipe = RECIPE, engine: str = ENGINES[-1], seed: int = 0) -> Settings:
    return Settings(recipe, "bars", seed, "cpu", engine)


def folder(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.mkdir()
    return path


def make(
    split: Split, engine: str, recipe: Recipe = RECIPE, seed: int = 0
) -> tuple[SDLM, dict[str, NDArray[np.float32]], Network]:
    network = NETWORKS[recipe.network](classes=split.classes)
    values = first_weights(network, "root fan-in", 1)
    return SDLM(network, values, recipe, split, seed, engine), values, network


def rates(trainer: SDLM) -> dict[str, NDArray[np.float32]]:
    return trainer.state_dict()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("network", ["small", "gaussian"])
@pytest.mark.parametrize(("epoch", "curvature_scale"), [(0, 1.0), (2, 1.0), (0, 4.0)])
def test_rates_are_eta_over_mu_and_the_curvature_of_all_of_a_few_images(
    tiny: Dataset, engine: str, network: str, epoch: int, curvature_scale: float
) -> None:
    recipe = replace(RECIPE, network=network, second_order=SecondOrder(curvature_scale))
    trainer, values, definition = make(tiny.train, engine, recipe)
    trainer.begin(epoch, np.arange(120)[::-1].copy(), 0, (0.0, 0))
    pixels = normalized(recipe.normalization, tiny.train.images)
    h = backward.curvature(definition, values, pixels, tiny.train.labels)
    eta = 0.002 * (1.0, 1.0, 0.4)[epoch]
    found = rates(trainer)
    assert list(found) == list(h)
    for name, value in found.items():
        expected = eta / (0.02 + curvature_scale * h[name])
        np.testing.assert_allclose(value, expected, rtol=1e-3, err_msg=name)
        assert (value > 0).all()
        assert (value <= eta / 0.02 * (1 + 1e-6)).all()


def numbered(count: int) -> Split:
    """Images that say which they are."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.arange(count) % 256, np.arange(count) // 256
    return Split(images, np.arange(count) % 4, ("a", "b", "c", "d"))


def test_of_many_images_500_are_taken_others_in_each_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[list[int]] = []
    split = numbered(600)

    def spy(network: Network, values: Any, pixels: Any, labels: Any, discriminative: bool) -> Any:
        assert not discriminative
        stored = np.rint((pixels - RECIPE.normalization.offset) / RECIPE.normalization.scale)
        which = stored[:, 0, 0, 0] + 256 * stored[:, 0, 0, 1]
        taken.append(which.astype(int).tolist())
        assert np.array_equal(labels, split.labels[taken[-1]])
        return {
            name: np.ones(shape, np.float32) for name, shape in network.parameter_shapes.items()
        }

    monkeypatch.setattr("lenet.training.sdlm.backward.curvature", spy)
    trainer, _, _ = make(split, "numpy")
    for epoch in (0, 1, 0):
        trainer.begin(epoch, np.arange(600), 0, (0.0, 0))
    assert [len(set(one)) for one in taken] == [500] * 3
    assert set(taken[0]) != set(taken[1])
    assert taken[0] == taken[2]
    np.testing.assert_allclose(rates(trainer)["C1.weight"], 0.002 / 1.02, rtol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_within_a_pass_the_rates_stay(tiny: Dataset, engine: str) -> None:
    trainer, _, _ = make(tiny.train, engine)
    order = np.arange(120)
    trainer.begin(0, order, 0, (0.0, 0))
    before = rates(trainer)
    trainer.step(0, 50)
    trainer.begin(0, order, 1, trainer.sums())
    trainer.step(50, 120)
    after = rates(trainer)
    for name, value in before.items():
        assert np.array_equal(value, after[name])
    trainer.begin(1, order, 0, (0.0, 0))
    assert any(not np.array_equal(before[name], value) for name, value in rates(trainer).items())


@pytest.mark.parametrize("engine", ENGINES)
def test_each_image_is_a_step_of_every_weight_at_its_own_rate(tiny: Dataset, engine: str) -> None:
    trainer, values, network = make(tiny.train, engine)
    order = np.array([5, 3, 5, 60])
    trainer.begin(0, order, 0, (10.0, 1))
    own = {name: value.astype(np.float64) for name, value in values.items()}
    steps, loss, correct = rates(trainer), 10.0, 1
    for number in order:
        pixels = normalized(RECIPE.normalization, tiny.train.images[[number]])
        one = backward.loss_and_gradients(
            network,
            own,  # pyright: ignore[reportArgumentType] float64, to be exact
            pixels,
            tiny.train.labels[[number]],
        )
        loss, correct = loss + one[0], correct + one[1]
        for name, value in own.items():
            value -= steps[name] * one[2][name]
    trainer.step(0, 4)
    assert trainer.sums() == (pytest.approx(loss, rel=1e-4), correct)
    for name, value in values.items():
        np.testing.assert_allclose(value, own[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shuffle", [False, True])
def test_the_order_is_the_same_in_every_pass_unless_shuffled(
    tiny: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shuffle: bool
) -> None:
    orders: list[list[int]] = []
    begin = SDLM.begin

    def spy(self: SDLM, epoch: int, order: NDArray[np.int64], step: int, sums: Any) -> None:
        orders.append(order.tolist())
        begin(self, epoch, order, step, sums)

    monkeypatch.setattr(SDLM, "begin", spy)
    for seed in (0, 1):
        path = folder(tmp_path, str(seed))
        run(settings(replace(RECIPE, shuffle=shuffle), seed=seed), tiny, path, Recorder())
    assert all(sorted(order) == list(range(120)) for order in orders)
    assert (orders[0] == orders[1] == orders[2]) is not shuffle
    assert orders[0] != orders[3]
    assert orders[0] != list(range(120))


@pytest.mark.skipif(not native.available(), reason="the engine was not built here")
@pytest.mark.parametrize("network", ["small", "gaussian"])
@pytest.mark.parametrize("distort", [False, True])
def test_both_engines_train_to_nearly_the_same_weights(
    tiny: Dataset, tmp_path: Path, network: str, distort: bool
) -> None:
    recipe = replace(
        RECIPE, network=network, distortion=distortion(distort), epochs=2, learning_rate=0.0005
    )
    results = [
        run(settings(recipe, engine), tiny, folder(tmp_path, engine), Recorder())
        for engine in ENGINES
    ]
    for name, ours in results[0].artifact.parameters.items():
        theirs = results[1].artifact.parameters[name]
        assert np.linalg.norm(ours - theirs) < 1e-3 * np.linalg.norm(theirs), name
    losses = [result.metrics["train_loss"] for result in results]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


class StopAfter:
    """Asks to stop the n-th time it is asked; that is after each call and each epoch."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == 0


# 40 images, 15 a call: three calls an epoch, the last one of ten images. Then the epoch's end.
@pytest.mark.parametrize(
    "times", [1, 3, 4, *(pytest.param(times, marks=pytest.mark.slow) for times in (2, 5, 8, 11))]
)
@pytest.mark.parametrize("distort", [False, True])
@pytest.mark.parametrize("engine", ENGINES)
def test_stopped_at_any_call_and_resumed_it_ends_with_the_same_bits(
    tiny: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    distort: bool,
    engine: str,
) -> None:
    monkeypatch.setattr(SDLM, "images_per_call", 15)
    data = fitting(RECIPE, tiny)
    whole, halved = folder(tmp_path, "whole"), folder(tmp_path, "halved")
    asked = settings(replace(RECIPE, distortion=distortion(distort)), engine)
    recorder = Recorder()
    run(asked, data, whole, recorder)
    with pytest.raises(Interrupted):
        run(asked, data, halved, Recorder(), StopAfter(times))
    assert not (halved / WEIGHTS).exists()
    resumed = run(asked, data, halved, Recorder(), resumed=checkpoint.load(halved))
    assert (halved / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()
    for ours, theirs in zip(resumed.history, recorder.epochs, strict=True):
        assert replace(ours, seconds=0) == replace(theirs, seconds=0)


@pytest.mark.parametrize("network", ["small", "gaussian"])
def test_it_learns(tiny: Dataset, tmp_path: Path, network: str) -> None:
    recipe = replace(RECIPE, network=network, epochs=12, schedule=(1.0,))
    result = run(settings(recipe), tiny, tmp_path, Recorder())
    assert result.metrics["test_accuracy"] > 0.9
    assert result.history[-1].train_loss < 0.5 * result.history[0].train_loss
    assert result.metrics["threads"] == 1


def fitting(recipe: Recipe, tiny: Dataset) -> Dataset:
    """Return forty of the images, at the size that the recipe's network reads."""
    size = NETWORKS[recipe.network]().input_shape[1]

    def cut(split: Split) -> Split:
        first = (28 - size) // 3  # the bars are in the upper half
        kept = split.images[:40, first : first + size, first : first + size]
        return Split(kept.copy(), split.labels[:40], split.classes)

    return Dataset("bars", "bars", cut(tiny.train), cut(tiny.test))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        *((name, "auto") for name in RECIPES),
        *((name, "numpy") for name, recipe in RECIPES.items() if recipe.method == "sdlm"),
    ],
)
def test_every_recipe_trains(tiny: Dataset, tmp_path: Path, name: str, wanted: str) -> None:
    recipe = replace(RECIPES[name], data="bars", epochs=1, extra_examples=None)
    data = fitting(recipe, tiny)
    network = network_for(recipe, data)
    engine = choose_engine(wanted, "cpu", network, recipe)
    starts = replace(recipe, learning_rate=1e-30)
    first = run(settings(starts, engine), data, folder(tmp_path, "start"), Recorder())
    result = run(settings(recipe, engine), data, folder(tmp_path, "run"), Recorder())
    assert result.metrics["engine"] == engine
    assert result.metrics["model"] == network.name
    for key, value in result.artifact.parameters.items():
        assert np.isfinite(value).all()
        assert not np.array_equal(value, first.artifact.parameters[key]), key
    answers = load(tmp_path / "run").forward(data.test.images).argmax(axis=1)
    assert (answers == data.test.labels).mean() == result.metrics["test_accuracy"]


def same(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> list[bool]:
    return [np.array_equal(a, b) for a, b in zip(one, other, strict=True)]


def test_each_image_goes_through_its_ten_versions_twice_in_twenty_passes(tiny: Dataset) -> None:
    images = tiny.train.images[:25]
    passes = [distorted(images, DISTORTION, 3, epoch) for epoch in range(20)]
    for number in range(25):
        versions = [one[number].tobytes() for one in passes]
        assert len(set(versions)) == 10
        assert versions[:10] == versions[10:]
        # One of the ten is the image itself.
        assert versions[:10].count(images[number].tobytes()) == 1
    for one in passes:
        # A tenth of a pass are originals: of 25 images two or three.
        assert sum(same(one, images)) in (2, 3)
        assert one.shape == images.shape
        assert one.dtype == np.uint8


def test_distortions_follow_from_the_seed(tiny: Dataset) -> None:
    images = tiny.train.images[:30]
    before = images.copy()
    assert np.array_equal(distorted(images, DISTORTION, 3, 4), distorted(images, DISTORTION, 3, 4))
    # Another seed changes all but the originals.
    assert sum(same(distorted(images, DISTORTION, 3, 4), distorted(images, DISTORTION, 4, 4))) == 3
    assert np.array_equal(images, before)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_distorting_recipe_shows_the_passes_own_images(
    tiny: Dataset, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(RECIPE, distortion=DISTORTION)
    shown = distorted(tiny.train.images, DISTORTION, seed=0, epoch=1)
    trained: list[dict[str, NDArray[np.float32]]] = []
    for split, asked in (
        (tiny.train, recipe),
        (Split(shown, tiny.train.labels, tiny.train.classes), RECIPE),
        (tiny.train, RECIPE),
    ):
        trainer, values, _ = make(split, engine, asked)
        trainer.begin(1, np.arange(120), 0, (0.0, 0))
        trainer.step(0, 120)
        trained.append(values)
    for name, value in trained[0].items():
        assert np.array_equal(value, trained[1][name])
        assert not np.array_equal(value, trained[2][name])
