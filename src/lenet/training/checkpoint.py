"""A run stopped half-way, on disk: weights, the trainer's memory, and where it stood."""

import pickle
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from lenet.engine import Normalization
from lenet.errors import LenetError
from lenet.files import whole_file
from lenet.synthesis.distort import Distortion
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import Recipe
from lenet.training.trainer import Trainer

FOLDER = "checkpoint"
_FILE = "state.pt"


@dataclass(frozen=True)
class Settings:
    """What was asked for.

    Parameters
    ----------
    recipe
        With all that the command line changed in it.
    data
        What `lenet.load_data` takes.
    seed
        Of the weights, of the order of images, and of a split made from unsplit data.
    device
        ``cpu`` or ``cuda``.
    engine
        ``native``, ``torch`` or ``numpy``.
    """

    recipe: Recipe
    data: str
    seed: int
    device: str
    engine: str


@dataclass(frozen=True)
class Checkpoint:
    """What `save` wrote."""

    settings: Settings
    data_sha256: str
    progress: Progress
    model: dict[str, Any]
    trainer: dict[str, Any]


def save(
    folder: Path,
    settings: Settings,
    data_sha256: str,
    progress: Progress,
    model: nn.Module,
    trainer: Trainer,
) -> None:
    """Write the checkpoint of the run in `folder`, replacing the last one whole or not at all."""
    store(
        folder / FOLDER / _FILE,
        {
            "settings": asdict(settings),
            "data_sha256": data_sha256,
            "progress": asdict(progress),
            "model": model.state_dict(),
            "trainer": trainer.state_dict(),
        },
    )


def load(folder: Path) -> Checkpoint:
    """Read the checkpoint of the run in `folder`.

    Raises
    ------
    LenetError
        There is none, or it is corrupt.
    """
    path = folder / FOLDER / _FILE
    if not path.is_file():
        raise LenetError(f"{folder} holds no checkpoint to resume; start it again without --resume")
    with stored(path) as state:
        settings = dict(state["settings"])
        recipe = dict(settings.pop("recipe"))
        recipe["normalization"] = Normalization(**recipe["normalization"])
        if recipe["distortion"] is not None:
            recipe["distortion"] = Distortion(**recipe["distortion"])
        progress = dict(state["progress"])
        history = [Epoch(**line) for line in progress.pop("history")]
        return Checkpoint(
            Settings(recipe=Recipe(**recipe), **settings),
            state["data_sha256"],
            Progress(history=history, **progress),
            state["model"],
            state["trainer"],
        )


def store(path: Path, state: dict[str, Any]) -> None:
    """Write a state with its folder, replacing the last one whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    content = BytesIO()  # torch's own file writer turns a full disk into a RuntimeError
    torch.save(state, content)
    with whole_file(path) as part:
        part.write_bytes(content.getbuffer())


@contextmanager
def stored(path: Path) -> Generator[dict[str, Any]]:
    """Read what `store` wrote.

    Raises
    ------
    LenetError
        It is corrupt: it cannot be read, or using it within the context fails.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's guesses about a corrupt file; ours is below
            # weights_only: a checkpoint from a stranger can be wrong, but it cannot run code.
            loaded = torch.load(path, map_location="cpu", weights_only=True)
        yield cast("dict[str, Any]", loaded)
    except (OSError, EOFError, RuntimeError, IndexError, KeyError, TypeError, ValueError,
            pickle.UnpicklingError) as error:  # fmt: skip
        raise LenetError(f"{path} is corrupt and cannot be resumed; start the run again") from error
