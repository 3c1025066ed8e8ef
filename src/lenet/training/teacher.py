"""Learning from a teacher: a larger network's probabilities take the place of labels.

Source: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015. That teacher
and pupil should see the very same distorted image, and that patience pays: Beyer, Zhai, Royer,
Markeeva, Anil, Kolesnikov, "Knowledge Distillation: A Good Teacher Is Patient and Consistent", CVPR
2022.

A teacher is trained once on the images it is to teach, and what it answers is kept in the user's
cache: every further pupil finds it there.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.artifact import load as load_artifact
from lenet.data import Dataset
from lenet.data.fetch import cache_folder
from lenet.engine.probabilities import softmax
from lenet.files import whole_file
from lenet.networks import network_named
from lenet.training import checkpoint
from lenet.training.checkpoint import Settings
from lenet.training.device import resolve_engine
from lenet.training.examples import TEACHING_SEED, Examples
from lenet.training.progress import TrainingListener
from lenet.training.recipe import Distillation, Recipe, recipe_named
from lenet.training.run import METRICS, run


def teacher_answers(
    recipe: Recipe,
    data: Dataset,
    listener: TrainingListener,
    should_stop: Callable[[], bool] = lambda: False,
) -> NDArray[np.float16] | None:
    """Return what the recipe's teachers say of the training images, or None if it has none.

    Returns
    -------
    float16 ``[copies, N, classes]``: probabilities at the recipe's temperature, of the images as
    `Examples` shows them in its first epochs.

    Raises
    ------
    lenet.training.loop.Interrupted
        `should_stop` said so while a teacher was trained; the next call goes on from there.
    LenetError, OSError
        As `lenet.training.run.run` raises them for a teacher.
    """
    distillation = recipe.distillation
    if distillation is None:
        return None
    folder = cache_folder() / "teachers" / f"{distillation.teacher}-{_digest(recipe, data)}"
    path = folder / "answers.npy"
    shape = (distillation.copies, len(data.train), len(data.classes))
    if not path.is_file() or np.load(path, mmap_mode="r").shape != shape:
        teachers: list[Artifact] = []
        for seed in range(distillation.teachers):
            listener.line(
                f"teacher {seed + 1} of {distillation.teachers}, trained once and kept in {folder}"
            )
            teachers.append(_trained(distillation, seed, data, folder, listener, should_stop))
        listener.line(f"asking for {distillation.copies} distorted copies of each image")
        answers = _asked(recipe, distillation, teachers, data)
        with whole_file(path) as part, part.open("wb") as file:
            np.save(file, answers)
    return np.load(path, mmap_mode="r")


def _digest(recipe: Recipe, data: Dataset) -> str:
    """Name all that the answers depend on."""
    assert recipe.distillation is not None
    parts = [
        asdict(recipe_named(recipe.distillation.teacher)),
        asdict(recipe.distillation),
        recipe.distortion and asdict(recipe.distortion),
        data.sha256(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def _trained(
    distillation: Distillation,
    seed: int,
    data: Dataset,
    parent: Path,
    listener: TrainingListener,
    should_stop: Callable[[], bool],
) -> Artifact:
    folder = parent / f"seed-{seed}"
    if (folder / METRICS).is_file():
        return load_artifact(folder)
    folder.mkdir(parents=True, exist_ok=True)
    recipe = recipe_named(distillation.teacher)
    network = network_named(recipe.network)(classes=data.classes, in_channels=data.train.channels)
    engine = resolve_engine("auto", "cpu", network, recipe)
    settings = Settings(recipe, data.source, seed, "cpu", engine)
    begun = (folder / checkpoint.FOLDER).is_dir()
    done = run(
        settings, data, folder, listener, should_stop, checkpoint.load(folder) if begun else None
    )
    done.save_metrics(done.metrics["train_seconds"])
    return done.artifact


def _asked(
    recipe: Recipe, distillation: Distillation, teachers: list[Artifact], data: Dataset
) -> NDArray[np.float16]:
    examples = Examples(data.train, recipe.distortion, TEACHING_SEED)
    answers = np.empty((distillation.copies, len(data.train), len(data.classes)), np.float16)
    warmth = np.float32(distillation.temperature)
    for copy in range(distillation.copies):
        examples.begin(copy)
        shares = [softmax(one.forward(examples.images) / warmth) for one in teachers]
        answers[copy] = np.mean(shares, axis=0)
    return answers
