"""A trained network on disk: ``config.json`` says what it is, ``model.safetensors`` holds it.

No pickles: a file from a stranger can be wrong, but it cannot run code.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from lenet import weights
from lenet.answers import Answer, accepted_error, answers
from lenet.calibration.calibration import UNCALIBRATED, Calibration
from lenet.engine import Normalization, Predictor
from lenet.engine.checks import Floats
from lenet.engine.int8 import packed, unpacked
from lenet.errors import LenetError, did_you_mean
from lenet.files import write_json
from lenet.networks.network import Network
from lenet.pictures.types import Pictures
from lenet.weight_file import read_weights, write_weights

if TYPE_CHECKING:  # Pillow is not needed to read what a network is
    from lenet.pictures.coerce import Given

FORMAT = 1
CONFIG = "config.json"
WEIGHTS = "model.safetensors"

_MOST_BESIDE = 9


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
    beside
        Networks that are asked the same, each by itself, the mean of whose probabilities counts:
        of those that read numbers, whose calibration is then that of all together.
    """

    network: Network
    parameters: Mapping[str, Floats]
    classes: tuple[str, ...]
    normalization: Normalization = Normalization()
    origin: Mapping[str, Any] = field(default_factory=dict[str, Any])
    pictures: Pictures = "plain"
    calibration: Calibration = UNCALIBRATED
    beside: "tuple[Artifact, ...]" = ()

    @property
    def members(self) -> "tuple[Artifact, ...]":
        """The network itself, and those beside it."""
        return (self, *self.beside)

    @cached_property
    def predictor(self) -> Predictor:
        """What answers to images."""
        return Predictor(self.network, self.parameters, self.normalization)

    def forward(self, images: NDArray[np.uint8]) -> Floats:
        """Return logits ``[N, classes]`` for uint8 images ``[N, H, W]`` or ``[N, H, W, C]``."""
        return self.predictor.forward(images)

    def predict(
        self, images: "Given | Iterable[Given]", reject_error: float | None = None
    ) -> list[Answer]:
        """Say what images show.

        Parameters
        ----------
        images
            uint8 or, from 0 to 1, floating-point arrays ``[height, width]``,
            ``[N, height, width]`` or ``[N, height, width, channels]``; the path of an image file;
            an image of Pillow's; or an iterable of these. Arrays of the network's own height,
            width and channels are taken as they are; everything else is made like what the
            network was trained on (`lenet.pictures.network_input`), and there
            ``[height, width, 3]`` is one picture in colour.
        reject_error
            The share of wrong answers that is tolerable among those not rejected. By default 1%,
            or the least the network has a threshold for; without thresholds none is rejected for
            it.

        Returns
        -------
        One answer an image, in their order.

        Raises
        ------
        ImageError
            A file cannot be read as an image.
        LenetError
            `images` are none of the above, or there is no threshold for `reject_error`.
        """
        from lenet.pictures.coerce import network_inputs

        error = accepted_error(self.calibration, reject_error)
        result: list[Answer] = []
        for stack in network_inputs(images, self.pictures, self.network.input_shape):
            scores = self.forward(stack)
            # Nothing is seen in a picture of one shade, whatever a network says to it.
            empty = (stack == stack[:, :1, :1]).all(axis=tuple(range(1, stack.ndim)))
            result += answers(self.network, self.classes, self.calibration, scores, error, empty)
        return result

    def shortened(self) -> "Artifact":
        """Return the network that is left where each weight is a byte (`lenet.engine.int8`)."""
        return replace(
            self,
            parameters=unpacked(packed(self.parameters)),
            beside=tuple(one.shortened() for one in self.beside),
        )

    def save(self, folder: Path, short: bool = False) -> None:
        """Write the two files into `folder`, each whole or not at all.

        Networks beside it have folders within: ``beside-1`` and so on.

        Parameters
        ----------
        short
            A byte a weight (`lenet.weight_file`). What is loaded then is `shortened`.
        """
        write_weights(folder / WEIGHTS, self.parameters, short)
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
                **({"beside": len(self.beside)} if self.beside else {}),
            },
        )
        for number, one in enumerate(self.beside, start=1):
            within = beside(folder, number)
            within.mkdir(exist_ok=True)
            one.save(within, short)


@dataclass(frozen=True)
class Config:
    """The contents of a ``config.json``, checked."""

    network: Network
    classes: tuple[str, ...]
    normalization: Normalization
    origin: Mapping[str, Any]
    pictures: Pictures
    calibration: Calibration
    beside: int


def beside(folder: Path, number: int) -> Path:
    """Return where a network is that stands beside that of `folder`, from 1 on."""
    return folder / f"beside-{number}"


def load(run: str | Path) -> Artifact:
    """Read a trained network: of the run folder `run`, or one that ships with the package.

    Raises
    ------
    LenetError
        There is no such folder or network; or a file is missing, corrupt, or does not fit the
        other.
    """
    first, *others = (
        Artifact(
            config.network,
            read_weights(folder / WEIGHTS, config.network),
            config.classes,
            config.normalization,
            config.origin,
            config.pictures,
            config.calibration,
        )
        for folder, config in load_configs(find(run))
    )
    return replace(first, beside=tuple(others))


def load_configs(folder: Path) -> list[tuple[Path, Config]]:
    """Read ``config.json`` alone, of a network and those beside it; the same errors as `load`."""
    first = _load_config(folder)
    others = [beside(folder, number) for number in range(1, first.beside + 1)]
    found = [(folder, first), *((other, _load_config(other)) for other in others)]
    for other, config in found[1:]:
        if config.beside:
            raise LenetError(f"{other / CONFIG} is corrupt: it has a network beside it too")
    return found


def find(run: str | Path) -> Path:
    """Return the folder of a run, or of the network of that name that ships with the package.

    A text that is the name of such a network is that network, even if there is such a folder
    here; ``./digits``, or a `Path`, is the folder.

    Raises
    ------
    LenetError
        There is no such folder and no such network.
    """
    known = weights.names()
    if isinstance(run, str) and run in known:
        return weights.FOLDER / run
    folder = Path(run)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise LenetError(f"{run} is a file, where a run folder or a network's name is needed")
    raise LenetError(
        f"{run} is not a run folder, nor a network that comes with lenet"
        + (f" ({', '.join(known)})." if known else ".")
        + did_you_mean(str(run), known)
    )


def _load_config(folder: Path) -> Config:
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
        _beside(table.get("beside", 0)),
    )


def _beside(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_BESIDE:
        raise LenetError(f"'beside' must be a whole number up to {_MOST_BESIDE}")
    return value


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
