"""Saves and loads checkpoints: all that a run needs to continue where it stopped."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, cast

import torch

from lenet.errors import LenetError
from lenet.files import whole_file
from lenet.pictures.pixel_range import PixelRange
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import Recipe

FOLDER = "checkpoint"
_FILE = "state.pt"

# What torch.load and the code that uses its result raise if the file is corrupt.
_CORRUPT = (OSError, EOFError, RuntimeError, LookupError, TypeError, ValueError, UnpicklingError)


@dataclass(frozen=True)
class Settings:
    """The choices that a training was started with.

    `data` is what `lenet.load_data` takes; `device` is ``cpu`` or ``cuda``; `engine` is ``native``,
    ``torch`` or ``numpy``; `pixels` is for `lenet.load_data`, too.
    """

    recipe: Recipe
    data: str
    seed: int
    device: str
    engine: str
    pixels: PixelRange = "auto"


@dataclass(frozen=True)
class Checkpoint:
    """The contents of a checkpoint: `model` and `trainer` are state dicts."""

    settings: Settings
    data_sha256: str
    progress: Progress
    model: dict[str, Any]
    trainer: dict[str, Any]


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint of the run in `folder`; the last one is replaced whole or not at all."""
    settings = checkpoint.settings
    state = {
        "settings": {**asdict(settings), "recipe": settings.recipe.to_json()},
        "data_sha256": checkpoint.data_sha256,
        "progress": asdict(checkpoint.progress),
        "model": checkpoint.model,
        "trainer": checkpoint.trainer,
    }
    store(folder / FOLDER / _FILE, state)


def load(folder: Path) -> Checkpoint:
    """Read the checkpoint of the run in `folder`.

    Raises
    ------
    LenetError
        There is no checkpoint, or it is corrupt.
    """
    path = folder / FOLDER / _FILE
    if not path.is_file():
        raise LenetError(f"{folder} holds no checkpoint to resume; start it again without --resume")
    with stored(path) as state:
        values = dict(state["settings"])
        settings = Settings(recipe=Recipe.from_json(values.pop("recipe")), **values)
        values = dict(state["progress"])
        history = [Epoch(**line) for line in values.pop("history")]
        progress = Progress(history=history, **values)
        return Checkpoint(
            settings, state["data_sha256"], progress, state["model"], state["trainer"]
        )


def store(path: Path, state: dict[str, Any]) -> None:
    """Write a state to `path`, whole or not at all; create its folder."""
    path.parent.mkdir(exist_ok=True)
    content = BytesIO()  # if the disk is full, torch's own file writer raises a RuntimeError
    torch.save(state, content)
    with whole_file(path) as part:
        part.write_bytes(content.getbuffer())


@contextmanager
def stored(path: Path) -> Generator[dict[str, Any]]:
    """Read a state that `store` wrote, as a context manager.

    Raises
    ------
    LenetError
        The file is corrupt: it cannot be read, or the code in the context fails on its content.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns about a corrupt file; our error says more
            # weights_only: a checkpoint from a stranger can be wrong, but it cannot run code.
            loaded = torch.load(path, map_location="cpu", weights_only=True)
        yield cast("dict[str, Any]", loaded)
    except _CORRUPT as error:
        raise LenetError(f"{path} is corrupt and cannot be resumed; start the run again") from error
