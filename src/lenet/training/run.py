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
from lenet.files import sweep, write_json, write_text
from lenet.training import checkpoint, run_lock
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
        `wanted` exists and holds more than what a training leaves that was killed before its first
        checkpoint.
    """
    if wanted is not None:
        if wanted.exists() and not _is_unused(wanted):
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


def _is_unused(folder: Path) -> bool:
    """Return whether a folder holds nothing, once what killed processes left is removed."""
    if not folder.is_dir():
        return False
    inner = folder / checkpoint.FOLDER
    for place in (folder, inner):
        sweep(place)
    if any(path.name not in (inner.name, run_lock.FILE) for path in folder.iterdir()):
        return False
    return not inner.exists() or (inner.is_dir() and not any(inner.iterdir()))


@contextmanager
def new_folder(wanted: Path | None, parent: Path, name: str) -> Generator[Path, None, None]:
    """Create a run's folder and lock it, as a context manager; parameters are `create_folder`'s.

    If not even the first checkpoint could be written into it, the empty folder is removed.

    Raises
    ------
    LenetError
        As for `create_folder`, or another process trains into `wanted`.
    """
    if wanted is not None and (wanted / run_lock.FILE).exists():
        with run_lock.locked(wanted):  # says who trains into it, before it is said that it exists
            pass
    folder = create_folder(wanted, parent, name)
    try:
        with run_lock.locked(folder):
            if not _is_unused(folder):  # another process was faster
                create_folder(folder, parent, name)
            yield folder
    finally:
        for path in (folder / checkpoint.FOLDER, folder):
            with suppress(OSError):
                path.rmdir()


@contextmanager
def resumed_folder(folder: Path) -> Generator[Path, None, None]:
    """Lock the folder of a run that is to go on, and remove what killed processes left in it.

    Yields the folder.

    Raises
    ------
    LenetError
        It is no run folder, or another process trains into it.
    OSError
        It cannot be written.
    """
    if not (folder / checkpoint.FOLDER).is_dir():
        raise checkpoint.no_checkpoint(folder)
    with run_lock.locked(folder):
        for place in (folder, folder / checkpoint.FOLDER):
            sweep(place)
        yield folder


def run(
    training: Training,
    folder: Path,
    callbacks: TrainingCallbacks | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Train (`learn`), and write the trained network and its history (`trained`)."""
    learn(training, folder, callbacks, should_stop)
    return trained(training, folder, should_stop=should_stop)


def learn(
    training: Training,
    folder: Path,
    callbacks: TrainingCallbacks | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Train to the last epoch, and write checkpoints and ``history.csv`` into `folder`.

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
