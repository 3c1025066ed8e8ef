"""Runs a training into a folder: creates the folder, and writes what the training gives."""

import json
import platform
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from lenet.artifact import Artifact
from lenet.errors import LenetError
from lenet.files import write_json, write_text
from lenet.training import checkpoint
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.device import threads_of
from lenet.training.progress import Epoch
from lenet.training.training import Training
from lenet.version import __version__

HISTORY = "history.csv"
METRICS = "metrics.json"


@dataclass(frozen=True)
class Run:
    """A finished run; `metrics` are the values of ``metrics.json`` but ``total_seconds``."""

    folder: Path
    artifact: Artifact
    history: list[Epoch]
    metrics: dict[str, Any]

    def save_metrics(self, total_seconds: float) -> None:
        """Write ``metrics.json``, which marks the run as finished, with the time of the process."""
        write_json(self.folder / METRICS, {**self.metrics, "total_seconds": total_seconds})


def create_folder(wanted: Path | None, parent: Path, name: str) -> Path:
    """Create a run's folder and return its path: `wanted` if given, else ``parent/name``.

    If ``parent/name`` exists, the name gets a number: ``name-2``, and so on.

    Raises
    ------
    LenetError
        `wanted` exists and is not empty.
    """
    if wanted is not None:
        if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
            raise LenetError(
                f"{wanted} exists already; name another folder, or --resume {wanted} to go on"
            )
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    parent.mkdir(parents=True, exist_ok=True)
    folder, number = parent / name, 1
    while True:
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1
            folder = parent / f"{name}-{number}"


@contextmanager
def new_folder(wanted: Path | None, parent: Path, name: str) -> Generator[Path, None, None]:
    """Create a run's folder, as a context manager; parameters and errors are `create_folder`'s.

    If not even the first checkpoint could be written into it, the empty folder is removed.
    """
    folder = create_folder(wanted, parent, name)
    try:
        yield folder
    finally:
        for path in (folder / checkpoint.FOLDER, folder):
            with suppress(OSError):
                path.rmdir()


def run(
    training: Training,
    folder: Path,
    callbacks: TrainingCallbacks | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Train, and write ``config.json``, ``model.safetensors`` and ``history.csv`` into `folder`.

    A checkpoint is written into `folder`, which must exist, before the first step and after every
    epoch.

    Raises
    ------
    lenet.training.loop.Interrupted, lenet.training.loop.Diverged
        As for `Training.run`.
    OSError
        The folder cannot be written.
    """

    def save() -> None:
        checkpoint.save(folder, training.checkpoint())
        write_text(folder / HISTORY, _csv(training.progress.history))

    # metrics.json marks a finished run; remove it before continuing.
    (folder / METRICS).unlink(missing_ok=True)
    save()
    training.run(callbacks, save, should_stop)
    return trained(training, folder, should_stop=should_stop)


def trained(
    training: Training,
    folder: Path,
    calibrate: bool = True,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Write the network that a training has now, whether finished or stopped, into `folder`.

    Parameters are those of `Training.artifact`, and so is what is raised.

    Training that was stopped within an epoch has no test accuracy (None) until `lenet.evaluation`
    measures it; in the first epoch, its other metrics are those of the images that it has seen.
    """
    artifact = training.artifact(calibrate, should_stop)
    artifact.save(folder)
    metrics = _metrics(training) | ({} if calibrate else {"calibrated": False})
    return Run(folder, artifact, training.progress.history, metrics)


def is_complete(folder: Path) -> bool:
    """Return whether ``metrics.json`` is there, and no calibration was left out."""
    try:
        metrics: object = json.loads((folder / METRICS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return not (isinstance(metrics, dict) and metrics.get("calibrated") is False)


def _csv(history: list[Epoch]) -> str:
    lines = ["epoch,train_loss,train_accuracy,test_accuracy,seconds"]
    lines += [
        f"{e.epoch},{e.train_loss:.6f},{e.train_accuracy:.6f},{e.test_accuracy:.6f},{e.seconds:.3f}"
        for e in history
    ]
    return "\n".join(lines) + "\n"


def _metrics(training: Training) -> dict[str, Any]:
    settings, progress, network = training.settings, training.progress, training.network
    per_call, images = training.trainer.images_per_call, training.trainer.images
    seen = min(progress.step * per_call, images)  # in an epoch that was stopped
    seconds = sum(epoch.seconds for epoch in progress.history) + progress.seconds
    last = progress.kept if progress.history else None
    loss, accuracy = progress.loss_sum / max(seen, 1), progress.correct / max(seen, 1)
    return {
        "model": network.name,
        "recipe": settings.recipe.name,
        "data": training.data.source,
        "seed": settings.seed,
        "parameters": network.parameters,
        "epochs": progress.epoch,
        "batch_size": settings.recipe.batch_size,
        "learning_rate": settings.recipe.learning_rate,
        "device": settings.device,
        "engine": settings.engine,
        "threads": threads_of(settings),
        "train_loss": last.train_loss if last else loss,
        "train_accuracy": last.train_accuracy if last else accuracy,
        "test_accuracy": last.test_accuracy if last and not progress.step else None,
        **({"best_epoch": progress.best_epoch} if progress.best_epoch else {}),
        "train_seconds": seconds,
        "examples_per_second": (images * progress.epoch + seen) / seconds if seconds else None,
        "versions": {
            "lenet": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            **({"torch": version("torch")} if settings.engine == "torch" else {}),
        },
    }
