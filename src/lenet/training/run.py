"""A training run from settings to a folder of results."""

import platform
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.calibration.fit import calibrate
from lenet.data import Dataset
from lenet.engine.losses import PLACE_CODE_SLOPE, loss_of
from lenet.errors import LenetError
from lenet.files import write_json, write_text
from lenet.networks import Network, network_named
from lenet.training import checkpoint
from lenet.training.assembly import accuracy_of, new_model, new_trainer, parameters_of
from lenet.training.checkpoint import Checkpoint, Settings
from lenet.training.device import threads_of
from lenet.training.loop import Diverged, train
from lenet.training.progress import Epoch, Progress, TrainingListener
from lenet.training.recipe import Recipe
from lenet.version import __version__

HISTORY = "history.csv"
METRICS = "metrics.json"


@dataclass(frozen=True)
class Run:
    """A finished run."""

    folder: Path
    artifact: Artifact
    history: list[Epoch]
    metrics: dict[str, Any]

    def save_metrics(self, total_seconds: float) -> None:
        """Write ``metrics.json``, the last file of a run: where it is, the run is complete."""
        write_json(self.folder / METRICS, {**self.metrics, "total_seconds": total_seconds})


def create_folder(wanted: Path | None, parent: Path, name: str) -> Path:
    """Create the run's folder: `wanted`, or ``parent/name``, with a number appended when taken.

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
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def input_size(recipe: Recipe) -> tuple[int, int]:
    """Return the height and width of the images that the recipe's network reads."""
    _, height, width = network_named(recipe.network)().input_shape
    return height, width


def network_for(recipe: Recipe, data: Dataset) -> Network:
    """Return the recipe's network for the data's classes and channels.

    Raises
    ------
    LenetError
        The network cannot be made for them, or the recipe cannot be followed with them.
    """
    if recipe.distortion is not None and data.train.channels != 1:
        raise LenetError(f"recipe {recipe.name} distorts grey images only")
    define = network_named(recipe.network)
    network = define(classes=data.classes, in_channels=data.train.channels)
    if recipe.foreign and (network.rubbish is None or data.pictures != "digits"):
        raise LenetError(
            f"recipe {recipe.name} shows images that are no digits, to networks that may say so; "
            f"{network.name} on {data.source} is not for it"
        )
    return network


def run(
    settings: Settings,
    data: Dataset,
    folder: Path,
    listener: TrainingListener,
    should_stop: Callable[[], bool] = lambda: False,
    resumed: Checkpoint | None = None,
) -> Run:
    """Train and write ``config.json``, ``model.safetensors`` and ``history.csv`` into `folder`.

    Parameters
    ----------
    settings
        The recipe may have more epochs than the resumed run was begun with, nothing else.
    data
        Where it has validation images, they calibrate the network.
    folder
        Exists. A checkpoint is kept in it from the first moment on.
    resumed
        Where to go on.

    Raises
    ------
    lenet.training.loop.Interrupted, lenet.training.loop.Diverged
        See `lenet.training.loop.train`.
    LenetError
        The data is not that of the resumed run.
    OSError
        The folder cannot be written.
    """
    sha256 = data.sha256()
    if resumed is not None and resumed.data_sha256 != sha256:
        raise LenetError(f"{data.source} is no longer the data that {folder} was begun with")
    network = network_for(settings.recipe, data)
    model = new_model(network, settings).to(settings.device)
    trainer = new_trainer(settings, network, model, data.train)
    progress = Progress()
    if resumed is not None:
        model.load_state_dict(resumed.model)
        trainer.load_state_dict(resumed.trainer)
        progress = resumed.progress

    def save() -> None:
        checkpoint.save(folder, settings, sha256, progress, model, trainer)
        write_text(folder / HISTORY, _csv(progress.history))

    # It says that a run is complete; a run that is trained further no longer is.
    (folder / METRICS).unlink(missing_ok=True)
    save()
    with nullcontext() if settings.engine == "torch" else _one_torch_thread():
        train(
            settings.recipe,
            settings.seed,
            data,
            trainer,
            accuracy_of(settings, network, model, data.test),
            progress,
            listener,
            save,
            should_stop,
        )
    # The last update comes after the last loss that was looked at.
    if not all(bool(value.isfinite().all()) for value in model.parameters()):
        raise Diverged("the last step left weights that are no numbers; try a smaller --lr")
    artifact = Artifact(
        network=network,
        parameters=parameters_of(network, model),
        classes=data.classes,
        normalization=settings.recipe.normalization,
        origin={
            "data": data.source,
            "data_sha256": sha256,
            "recipe": asdict(replace(settings.recipe, data=data.source)),
            "seed": settings.seed,
            "lenet": __version__,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        },
        pictures=data.pictures,
    )
    if data.validation is not None:
        scores = artifact.forward(data.validation.images)
        negatives = settings.recipe.foreign > 0
        calibration = calibrate(network, scores, data.validation.labels, negatives)
        artifact = replace(artifact, calibration=calibration)
    elif settings.recipe.discriminative and loss_of(network) == "squared error":
        # What squashed outputs that learn by equation 9 take for the posterior.
        calibration = Calibration(temperature=1 / PLACE_CODE_SLOPE)
        artifact = replace(artifact, calibration=calibration)
    artifact.save(folder)
    return Run(folder, artifact, progress.history, _metrics(settings, data, network, progress))


@contextmanager
def _one_torch_thread() -> Generator[None, None, None]:
    """Keep PyTorch's threads from spinning beside the engine's: the optimizer needs only one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _csv(history: list[Epoch]) -> str:
    lines = ["epoch,train_loss,train_accuracy,test_accuracy,seconds"]
    lines += [
        f"{e.epoch},{e.train_loss:.6f},{e.train_accuracy:.6f},{e.test_accuracy:.6f},{e.seconds:.3f}"
        for e in history
    ]
    return "\n".join(lines) + "\n"


def _metrics(
    settings: Settings, data: Dataset, network: Network, progress: Progress
) -> dict[str, Any]:
    last = progress.history[-1]
    seconds = sum(line.seconds for line in progress.history)
    return {
        "model": network.name,
        "recipe": settings.recipe.name,
        "data": data.source,
        "seed": settings.seed,
        "parameters": network.parameters,
        "epochs": progress.epoch,
        "batch_size": settings.recipe.batch_size,
        "learning_rate": settings.recipe.learning_rate,
        "device": settings.device,
        "engine": settings.engine,
        "threads": threads_of(settings),
        "train_loss": last.train_loss,
        "train_accuracy": last.train_accuracy,
        "test_accuracy": last.test_accuracy,
        "train_seconds": seconds,
        "examples_per_second": len(data.train) * progress.epoch / seconds,
        "versions": {
            "lenet": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
