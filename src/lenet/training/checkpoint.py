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
from lenet.networks.limits import MOST_PARAMETERS
from lenet.pictures.pixel_range import PixelRange
from lenet.pictures.types import Pictures
from lenet.training.checked import build, check
from lenet.training.checkpoint_checks import check_arrays, check_progress, check_recipe, digest
from lenet.training.progress import Progress
from lenet.training.recipe import Recipe

FOLDER = "checkpoint"
READER = "reader.pt"
_FILE = "state.safetensors"
_ENGINES = ("native", "torch", "numpy")
_OLDER = "state.pt"  # written by versions that needed PyTorch
_JSON, _DIGEST = "lenet", "sha256"  # the entries of the header
_MOST_BYTES = 16 * MOST_PARAMETERS + (64 << 20)  # parameters, velocities, the best ones, the header


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
    text = json.dumps(table)
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
    content = to_bytes(arrays, {_JSON: text, _DIGEST: digest(text, arrays)})
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
    from safetensors import safe_open

    open_file: Any = safe_open  # it has no types
    path = folder / FOLDER / _FILE
    if not path.is_file():
        if path.with_name(_OLDER).is_file():
            return _older(path.with_name(_OLDER))
        raise no_checkpoint(folder)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is larger than any network")
        with open_file(path, framework="numpy") as file:
            header: dict[str, str] = file.metadata()
            arrays: dict[str, Floats] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 it is no mapping
        if not set(header) <= {_JSON, _DIGEST}:
            raise ValueError("its header has other entries")
        # Older versions wrote no digest.
        if header.get(_DIGEST) not in (None, digest(header[_JSON], arrays)):
            raise ValueError("its content is not what was written")
        parts: dict[str, dict[str, Floats]] = {"model": {}, "trainer": {}, "best": {}}
        for name, value in arrays.items():
            part, _, rest = name.partition("/")
            parts[part][rest] = value
        return _checkpoint(
            json.loads(header[_JSON]), parts["model"], parts["trainer"], parts["best"]
        )
    # What a file from anywhere makes safetensors, json and dataclasses raise is not documented.
    except Exception as error:
        if isinstance(error, MemoryError):
            raise
        raise LenetError(f"{path} is corrupt and cannot be resumed; start the run again") from error


def has_checkpoint(folder: Path) -> bool:
    """Return whether the run in `folder` can be resumed."""
    return any((folder / FOLDER / name).is_file() for name in (_FILE, _OLDER, READER))


def no_checkpoint(folder: Path) -> LenetError:
    """Return the error for a folder without a checkpoint."""
    return LenetError(f"{folder} holds no checkpoint to resume; start it again without --resume")


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
    recipe = Recipe.from_json(values.pop("recipe"))
    check(recipe)
    check_recipe(recipe)
    settings = build(Settings, {**values, "recipe": recipe})
    if not 0 <= settings.seed < 1 << 32:
        raise ValueError("its seed is out of range")
    if settings.device not in ("cpu", "cuda") or settings.engine not in _ENGINES:
        raise ValueError("its device or engine is unknown")
    progress = build(Progress, table["progress"])
    check_progress(progress)
    for arrays in (parameters, trainer, best):
        check_arrays(arrays)
    if not isinstance(table["data_sha256"], str):
        raise TypeError("its data has no hash")
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
