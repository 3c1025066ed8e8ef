"""A trained network on disk: ``config.json`` says what it is, ``model.safetensors`` holds it.

No pickles: a file from a stranger can be wrong, but it cannot run code.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from lenet.data.catalog import Pictures
from lenet.engine import Normalization, Predictor
from lenet.engine.calibration import UNCALIBRATED, Calibration
from lenet.engine.floats import Floats
from lenet.errors import LenetError
from lenet.files import whole_file, write_json
from lenet.networks.network import Network

FORMAT = 1
CONFIG = "config.json"
WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class Artifact:
    """A trained network, complete: whoever has it needs nothing else to use it.

    Parameters
    ----------
    network
        The layers.
    parameters
        float32 arrays under the names and shapes of ``network.parameter_shapes``.
    classes
        The name of each output.
    normalization
        From stored pixels to what the network was trained on.
    origin
        Where it came from: data and its hash, recipe, seed, version, date.
    pictures
        Of what the network was trained on pictures, and so how a photo is made like those.
    calibration
        What its probabilities are worth.
    """

    network: Network
    parameters: Mapping[str, Floats]
    classes: tuple[str, ...]
    normalization: Normalization = Normalization()
    origin: Mapping[str, Any] = field(default_factory=dict[str, Any])
    pictures: Pictures = "plain"
    calibration: Calibration = UNCALIBRATED

    @cached_property
    def predictor(self) -> Predictor:
        """What answers to images."""
        return Predictor(self.network, self.parameters, self.normalization)

    def forward(self, images: NDArray[np.uint8]) -> Floats:
        """Return logits ``[N, classes]`` for uint8 images ``[N, H, W]`` or ``[N, H, W, C]``."""
        return self.predictor.forward(images)

    def save(self, folder: Path) -> None:
        """Write the two files into `folder`, each whole or not at all."""
        from safetensors.numpy import save

        with whole_file(folder / WEIGHTS) as part:
            part.write_bytes(save({k: np.ascontiguousarray(a) for k, a in self.parameters.items()}))
        write_json(
            folder / CONFIG,
            {
                "format": FORMAT,
                "network": self.network.to_json(),
                "classes": list(self.classes),
                "normalization": self.normalization.to_json(),
                "origin": dict(self.origin),
                "pictures": self.pictures,
                "calibration": self.calibration.to_json(),
            },
        )


@dataclass(frozen=True)
class Config:
    """The contents of a ``config.json``, checked."""

    network: Network
    classes: tuple[str, ...]
    normalization: Normalization
    origin: Mapping[str, Any]
    pictures: Pictures
    calibration: Calibration


def load(run: str | Path) -> Artifact:
    """Read the artifact in the run folder `run`.

    Raises
    ------
    LenetError
        A file is missing, corrupt, or does not fit the other.
    """
    folder = Path(run)
    config = load_config(folder)
    return Artifact(
        config.network,
        _load_weights(folder / WEIGHTS, config.network),
        config.classes,
        config.normalization,
        config.origin,
        config.pictures,
        config.calibration,
    )


def load_config(folder: Path) -> Config:
    """Read ``config.json`` alone; the same errors as `load`."""
    path = folder / CONFIG
    if not path.is_file():
        raise LenetError(f"{folder} is not a run folder: it has no {CONFIG}")
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise LenetError(f"{path} is corrupt: not JSON ({error}); train again") from error
    try:
        return _config(table)
    except LenetError as error:
        raise LenetError(f"{path} is corrupt: {error}") from error


def _config(value: object) -> Config:
    if not isinstance(value, dict):
        raise LenetError("it must hold an object")
    table = cast("dict[str, Any]", value)
    if table.get("format") != FORMAT:
        raise LenetError(
            f"its format is {table.get('format')!r}, this version of lenet reads {FORMAT}"
        )
    network = Network.from_json(table.get("network"))
    names = table.get("classes")
    if not isinstance(names, list) or not all(
        isinstance(name, str) for name in cast("list[object]", names)
    ):
        raise LenetError("'classes' must be a list of names")
    classes = tuple(cast("list[str]", names))
    if len(classes) != network.classes:
        raise LenetError(f"{len(classes)} class names for {network.classes} outputs")
    pictures = table.get("pictures", "plain")
    if pictures not in get_args(Pictures):
        raise LenetError(f"its 'pictures' are {pictures!r}, not {' or '.join(get_args(Pictures))}")
    calibration = table.get("calibration")
    return Config(
        network,
        classes,
        Normalization.from_json(table.get("normalization")),
        _origin(table.get("origin", {})),
        pictures,
        UNCALIBRATED if calibration is None else Calibration.from_json(calibration),
    )


def _origin(value: object) -> dict[str, Any]:
    """Check the parts of a network's origin that are used, not only shown."""
    if not isinstance(value, dict):
        raise LenetError("'origin' must be an object")
    origin = cast("dict[str, Any]", value)
    seed = origin.get("seed", 0)
    if type(seed) is not int or not 0 <= seed < 1 << 32:
        raise LenetError("the origin's 'seed' must be a whole number below 2^32")
    for key, kind in (("data", str), ("recipe", dict)):
        if not isinstance(origin.get(key, kind()), kind):
            raise LenetError(f"the origin's {key!r} is not of the right kind")
    return origin


def _load_weights(path: Path, network: Network) -> dict[str, Floats]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as load_tensors

    if not path.is_file():
        raise LenetError(f"{path.parent} is not a complete run: it has no {WEIGHTS}")
    try:
        found = load_tensors(path.read_bytes())
    except (SafetensorError, ValueError, KeyError) as error:
        raise LenetError(f"{path} is corrupt ({error}); train again") from error
    expected = network.parameter_shapes
    if {name: array.shape for name, array in found.items()} != expected:
        raise LenetError(f"{path} does not hold the parameters that {CONFIG} beside it describes")
    if not all(array.dtype == np.float32 for array in found.values()):
        raise LenetError(f"{path} must hold float32 numbers")
    if not all(np.isfinite(array).all() for array in found.values()):
        raise LenetError(f"{path} holds weights that are no numbers; train again")
    return {name: found[name] for name in expected}
