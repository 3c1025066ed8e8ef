"""LeNet and other classifiers on the same data, with the same split: error, size, work, time.

Everything is trained and measured on the CPU, with all processors that this process may use.
"""

import platform
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np

from lenet.data import Dataset, Split
from lenet.data.split import split_off
from lenet.engine import native
from lenet.engine.family import covers
from lenet.engine.sequence import covers as covers_sequence
from lenet.errors import LenetError
from lenet.evaluation.compare import classifiers
from lenet.evaluation.compare.classifiers import Cost, Trained
from lenet.evaluation.compare.comparison import REJECT_ERROR, Comparison, Result
from lenet.evaluation.compare.contestants import Contestant
from lenet.evaluation.reject import margin, rejected_for_error
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import Recipe, recipe_named
from lenet.version import __version__

QUICK_IMAGES = 10_000
"""Training images of a quick comparison."""

_ENGINES = {"native": "the native engine", "torch": "PyTorch", "numpy": "NumPy"}


class ComparisonListener(Protocol):
    """Hears how the comparison goes."""

    def begins(self, contestant: Contestant) -> None:
        """Hear that a classifier is going to be trained."""

    def measured(self, comparison: Comparison) -> None:
        """Hear of all that is measured so far, the newest last."""


def reduced(data: Dataset, images: int, seed: int) -> Dataset:
    """Keep about `images` training images, class by class, the same ones for the same seed."""
    if images >= len(data.train):
        return data
    labels = data.train.labels
    _, kept = split_off(labels, images / len(labels), seed)
    train = Split(data.train.images[kept], labels[kept], data.classes)
    return replace(data, train=train)


def compare(
    data: Dataset,
    contestants: Sequence[Contestant],
    seed: int,
    listener: ComparisonListener,
    train_images: int | None = None,
) -> Comparison:
    """Train each classifier on the training images and measure it on the test images.

    Parameters
    ----------
    seed
        For the networks' first weights and order of images, and for the forest.
    listener
        Hears of each classifier before and after.
    train_images
        Train on about so many, see `reduced`. A recipe of constant learning rate then takes as many
        steps as on all of them: the chapter's network stands still for the first hundreds, however
        many images there are.

    Raises
    ------
    ModuleNotFoundError
        PyTorch, or scikit-learn if one of its classifiers is wanted, is not installed; raised
        before anything is trained.
    LenetError
        A network that these images or classes do not fit, before anything is trained; or one that
        diverged.
    """
    from lenet.machine import processor
    from lenet.training.run import network_for

    for contestant in contestants:
        if contestant.recipe is not None:
            with _named(contestant):
                network_for(_recipe(contestant), data)
    all_images = len(data.train)
    if train_images is not None:
        data = reduced(data, train_images, seed)
    others = any(one.recipe is None for one in contestants)
    if others:
        classifiers.require()
    packages = ("torch", "numpy", *(("scikit-learn",) if others else ()))
    comparison = Comparison(
        data=data.name,
        source=data.source,
        train_images=len(data.train),
        test_images=len(data.test),
        seed=seed,
        machine=processor(),
        threads=native.default_threads(),
        versions={
            "lenet": __version__,
            "python": platform.python_version(),
            **{package: version(package) for package in packages},
        },
    )
    for contestant in contestants:
        listener.begins(contestant)
        with _named(contestant):
            if contestant.recipe is None:
                result = _other(contestant.name, data, seed)
            else:
                recipe = _recipe(contestant, all_images / len(data.train))
                result = _network(contestant.name, recipe, data, seed)
        comparison = replace(comparison, results=(*comparison.results, result))
        listener.measured(comparison)
    return comparison


def _other(name: str, data: Dataset, seed: int) -> Result:
    started = time.perf_counter()
    trained = classifiers.train(name, data.train, seed)
    seconds = time.perf_counter() - started
    return _measured(name, trained, "scikit-learn", seconds, None, data.test)


def _network(name: str, recipe: Recipe, data: Dataset, seed: int) -> Result:
    from lenet.training.checkpoint import Settings
    from lenet.training.device import resolve_engine
    from lenet.training.run import network_for, run

    network = network_for(recipe, data)
    engine = resolve_engine("auto", "cpu", network, recipe)
    settings = Settings(recipe, data.source, seed, "cpu", engine)
    with tempfile.TemporaryDirectory() as folder:
        done = run(settings, data, Path(folder), _Silent())
    kernels = native.available() and (covers(network) or covers_sequence(network))
    trained = Trained(
        done.artifact.forward,
        Cost(network.parameters, network.multiply_accumulates),
        _ENGINES["native" if kernels else "numpy"],
    )
    seconds = done.metrics["train_seconds"]
    return _measured(name, trained, _ENGINES[engine], seconds, recipe.epochs, data.test)


def _recipe(contestant: Contestant, factor: float = 1.0) -> Recipe:
    recipe = recipe_named(str(contestant.recipe))
    epochs = round(factor * recipe.epochs) if recipe.schedule == (1.0,) else recipe.epochs
    return replace(recipe, network=contestant.network or recipe.network, epochs=epochs)


@contextmanager
def _named(contestant: Contestant) -> Generator[None, None, None]:
    """Say whose mistake it is, and how to go on without."""
    try:
        yield
    except LenetError as error:
        raise LenetError(
            f"{contestant.name}: {error} (--only with other classifiers leaves it out)"
        ) from error


def _measured(
    name: str,
    trained: Trained,
    trained_by: str,
    train_seconds: float,
    epochs: int | None,
    test: Split,
) -> Result:
    trained.scores(test.images[:1])  # what is set up at the first call is no part of an answer
    started = time.perf_counter()
    scores = trained.scores(test.images)
    seconds = time.perf_counter() - started
    right = np.argmax(scores, axis=1) == test.labels
    return Result(
        name=name,
        wrong=int(np.count_nonzero(~right)),
        images=len(test),
        parameters=trained.cost.parameters,
        multiply_accumulates=trained.cost.multiply_accumulates,
        comparisons=trained.cost.comparisons,
        epochs=epochs,
        train_seconds=train_seconds,
        prediction_seconds=seconds / len(test),
        rejected=rejected_for_error(margin(scores), right, REJECT_ERROR),
        computed_by=", ".join(dict.fromkeys([trained_by, trained.answered_by])),
    )


class _Silent:
    def step(self, progress: Progress, seen: int) -> None:
        pass

    def epoch(self, line: Epoch) -> None:
        pass

    def line(self, text: str) -> None:
        pass
