"""Trains LeNet and other classifiers on the same data; measures error, size, work and time.

Everything runs on the CPU, on all processors that this process may use.
"""

import platform
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np

from lenet.data import Dataset, Split
from lenet.data.split import split_off
from lenet.engine import native
from lenet.engine.plan import plan_for
from lenet.errors import LenetError
from lenet.evaluation.compare import classifiers
from lenet.evaluation.compare.classifiers import Cost, Trained
from lenet.evaluation.compare.comparison import Comparison, ComparisonCallbacks, Result
from lenet.evaluation.compare.contestants import Contestant
from lenet.evaluation.reject import REJECT_ERROR, margin, rejected_for_error
from lenet.training.recipe import Recipe
from lenet.training.recipes import recipe_named
from lenet.version import __version__

QUICK_IMAGES = 10_000
"""Training images of a quick comparison."""

_ENGINES = {"native": "the native engine", "torch": "PyTorch", "numpy": "NumPy"}


def reduced(data: Dataset, images: int, seed: int) -> Dataset:
    """Return the data with about `images` random training images, the same share of each class."""
    if images >= len(data.train):
        return data
    labels = data.train.labels
    _, kept = split_off(labels, images / len(labels), seed)
    return replace(data, train=Split(data.train.images[kept], labels[kept], data.classes))


def compare(
    data: Dataset,
    contestants: Sequence[Contestant],
    seed: int,
    callbacks: ComparisonCallbacks,
    train_images: int | None = None,
) -> Comparison:
    """Train each classifier on the training images and measure it on the test images.

    Parameters
    ----------
    seed
        Seed of the networks' first parameters and order of images, and of the forest.
    callbacks
        Called before and after each classifier.
    train_images
        Train on about this number of images, see `reduced`. A recipe with a constant learning rate
        then takes as many steps as on all images: the textbook's LeNet does not improve in its
        first hundreds of steps, whatever the number of images.

    Raises
    ------
    ModuleNotFoundError
        scikit-learn is not installed, and one of its classifiers is wanted; raised before anything
        is trained.
    LenetError
        A network does not fit the images or classes (raised before anything is trained), or its
        training diverged.
    """
    from lenet.machine import processor
    from lenet.training.data_and_network import network_for

    for contestant in contestants:
        if contestant.recipe is not None:
            with _named(contestant):
                network_for(_recipe(contestant), data)
    all_images = len(data.train)
    if train_images is not None:
        data = reduced(data, train_images, seed)
    packages = ["torch", "numpy"] if find_spec("torch") else ["numpy"]
    if any(one.recipe is None for one in contestants):
        classifiers.require()
        packages.append("scikit-learn")
    versions = {"lenet": __version__, "python": platform.python_version()}
    comparison = Comparison(
        data=data.name,
        source=data.source,
        train_images=len(data.train),
        test_images=len(data.test),
        seed=seed,
        machine=processor(),
        threads=native.default_threads(),
        versions=versions | {package: version(package) for package in packages},
    )
    for contestant in contestants:
        callbacks.on_start(contestant)
        with _named(contestant):
            if contestant.recipe is None:
                result = _other(contestant.name, data, seed)
            else:
                recipe = _recipe(contestant, all_images / len(data.train))
                result = _network(contestant.name, recipe, data, seed)
        comparison = replace(comparison, results=(*comparison.results, result))
        callbacks.on_result(comparison)
    return comparison


def _other(name: str, data: Dataset, seed: int) -> Result:
    started = time.perf_counter()
    trained = classifiers.train(name, data.train, seed)
    seconds = time.perf_counter() - started
    return _measured(name, trained, "scikit-learn", seconds, None, data.test)


def _network(name: str, recipe: Recipe, data: Dataset, seed: int) -> Result:
    from lenet.training.start import start

    training = start(recipe, data, seed, device="cpu")
    training.run()
    network, artifact = training.network, training.artifact()
    trained = Trained(
        artifact.forward,
        Cost(network.parameters, network.multiply_accumulates),
        _ENGINES["numpy" if plan_for(network) is None else "native"],
    )
    seconds = sum(epoch.seconds for epoch in training.progress.history)
    engine = _ENGINES[training.settings.engine]
    return _measured(name, trained, engine, seconds, recipe.epochs, data.test)


def _recipe(contestant: Contestant, factor: float = 1.0) -> Recipe:
    recipe = recipe_named(str(contestant.recipe))
    epochs = round(factor * recipe.epochs) if recipe.schedule == (1.0,) else recipe.epochs
    return replace(recipe, network=contestant.name, epochs=epochs)


@contextmanager
def _named(contestant: Contestant) -> Generator[None, None, None]:
    """Add the classifier's name to an error, and how to leave it out."""
    try:
        yield
    except LenetError as error:
        raise LenetError(
            f"{contestant.name}: {error} (to leave it out, name the others with --only)"
        ) from error


def _measured(
    name: str,
    trained: Trained,
    trained_by: str,
    train_seconds: float,
    epochs: int | None,
    test: Split,
) -> Result:
    trained.scores(test.images[:1])  # the setup of the first call is not counted
    started = time.perf_counter()
    scores = trained.scores(test.images)
    seconds = time.perf_counter() - started
    correct = np.argmax(scores, axis=1) == test.labels
    return Result(
        name=name,
        wrong=int(np.count_nonzero(~correct)),
        images=len(test),
        parameters=trained.cost.parameters,
        multiply_accumulates=trained.cost.multiply_accumulates,
        comparisons=trained.cost.comparisons,
        epochs=epochs,
        train_seconds=train_seconds,
        prediction_seconds=seconds / len(test),
        rejected=rejected_for_error(margin(scores), correct, REJECT_ERROR),
        computed_by=", ".join(dict.fromkeys([trained_by, trained.answered_by])),
    )
