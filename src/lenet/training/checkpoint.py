"""Saves and loads checkpoints: all that a run needs to continue where it stopped.

A checkpoint is a safetensors file: the parameters and what the trainer keeps are its arrays, and
everything else is JSON in its header. There are no pickles: a checkpoint from a stranger can be
wrong, but it cannot run code.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.files import whole_file
from lenet.machine import install_command
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Pictures
from lenet.training.progress import Epoch, Progress
from lenet.training.recipe import Recipe

FOLDER = "checkpoint"
READER = "reader.pt"
_FILE = "state.safetensors"
_OLDER = "state.pt"  # written by versions that needed PyTorch
_JSON = "lenet"  # the entry of the header


@dataclass(frozen=True)
class Settings:
    """The choices that a training was started with.

    `data` is what `lenet.load_data` takes; `device` is ``cpu`` or ``cuda``; `engine` is ``native``,
    ``torch`` or ``numpy``; `pixels` and `pictures` are for `lenet.load_data`, too. `weights_from`
    is the name or the folder of the trained network that the first weights are from, or empty.
    """

    recipe: Recipe
    data: str
    seed: int
    device: str
    engine: str
    pixels: PixelRange = "auto"
    pictures: Pictures | None = None
    weights_from: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """The contents of a checkpoint: `trainer` is what the trainer's ``state_dict`` returned.

    `best` are the parameters of the best epoch so far; empty if the recipe does not ask for it.
    """

    settings: Settings
    data_sha256: str
    progress: Progress
    parameters: Mapping[str, Floats]
    trainer: Mapping[str, Floats]
    best: Mapping[str, Floats] = field(default_factory=dict[str, Floats])


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint of the run in `folder`; the last one is replaced whole or not at all."""
    from safetensors.numpy import save as to_bytes

    settings = checkpoint.settings
    table = {
        "settings": {**asdict(settings), "recipe": settings.recipe.to_json()},
        "data_sha256": checkpoint.data_sha256,
        "progress": asdict(checkpoint.progress),
    }
    arrays = {
        f"{part}/{name}": np.ascontiguousarray(value)
        for part, values in (
            ("model", checkpoint.parameters),
            ("trainer", checkpoint.trainer),
            ("best", checkpoint.best),
        )
        for name, value in values.items()
    }
    path = folder / FOLDER / _FILE
    path.parent.mkdir(exist_ok=True)
    content = to_bytes(arrays, {_JSON: json.dumps(table)})
    with whole_file(path) as part:
        part.write_bytes(content)
    path.with_name(_OLDER).unlink(missing_ok=True)


def load(folder: Path) -> Checkpoint:
    """Read the checkpoint of the run in `folder`.

    Raises
    ------
    LenetError
        There is no checkpoint, it is corrupt, or an older version wrote it and PyTorch is missing.
    """
    from safetensors import SafetensorError, safe_open

    open_file: Any = safe_open  # it has no types
    path = folder / FOLDER / _FILE
    if not path.is_file():
        if path.with_name(_OLDER).is_file():
            return _older(path.with_name(_OLDER))
        raise LenetError(f"{folder} holds no checkpoint to resume; start it again without --resume")
    try:
        with open_file(path, framework="numpy") as file:
            table: dict[str, Any] = json.loads(file.metadata()[_JSON])
            arrays: dict[str, Floats] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 it is no mapping
        parts: dict[str, dict[str, Floats]] = {"model": {}, "trainer": {}, "best": {}}
        for name, value in arrays.items():
            part, _, rest = name.partition("/")
            if value.dtype != np.float32:
                raise ValueError(f"{name} is not float32")
            parts[part][rest] = value
        return _checkpoint(table, parts["model"], parts["trainer"], parts["best"])
    except (SafetensorError, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise LenetError(f"{path} is corrupt and cannot be resumed; start the run again") from error


def is_reader(folder: Path) -> bool:
    """Return whether the run in `folder` trains a reader (`lenet.training.reader`)."""
    return (folder / FOLDER / READER).is_file()


def _checkpoint(
    table: Mapping[str, Any],
    parameters: Mapping[str, Floats],
    trainer: Mapping[str, Floats],
    best: Mapping[str, Floats],
) -> Checkpoint:
    values = dict(table["settings"])
    settings = Settings(recipe=Recipe.from_json(values.pop("recipe")), **values)
    values = dict(table["progress"])
    history = [Epoch(**line) for line in values.pop("history")]
    progress = Progress(history=history, **values)
    return Checkpoint(settings, table["data_sha256"], progress, parameters, trainer, best)


def _older(path: Path) -> Checkpoint:
    """Read a checkpoint that PyTorch wrote."""
    try:
        from lenet.training.torch_state import stored
    except ModuleNotFoundError as error:
        raise LenetError(
            f"{path} was written by an older version of lenet, with PyTorch, which is not "
            f"installed; install it with: {install_command('lenet[torch]')}, "
            "or start the run again"
        ) from error

    with stored(path) as state:
        parameters = {name: value.numpy() for name, value in state["model"].items()}
        trainer = dict(state["trainer"])
        if "velocities" in trainer:  # a list, in the order of the parameters; empty before a step
            momentum = state["settings"]["recipe"]["momentum"]
            zeros = [np.zeros_like(value) for value in parameters.values()] if momentum else []
            velocities = [value.numpy() for value in trainer["velocities"]] or zeros
            trainer = dict(zip(parameters, velocities, strict=False))
        else:
            trainer = {name: value.numpy() for name, value in trainer.items()}
        return _checkpoint(state, parameters, trainer, {})
