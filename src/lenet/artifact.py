"""Saves and loads a trained network: ``config.json`` and the weights, ``model.safetensors``.

There are no pickles: a file from a stranger can be wrong, but it cannot run code.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from lenet import drawing, weights
from lenet.answers import Answer, accepted_error, answers
from lenet.calibration.calibration import UNCALIBRATED, Calibration
from lenet.engine import Normalization, Predictor
from lenet.engine.checks import Floats
from lenet.engine.int8 import dequantize_all, quantize_all
from lenet.errors import LenetError, did_you_mean, enough_memory
from lenet.files import write_json
from lenet.machine import install_command
from lenet.names import TRAINED_ALIASES
from lenet.networks.network import Network
from lenet.pictures.types import Pictures
from lenet.visible import visible
from lenet.weight_file import read_weights, write_weights

if TYPE_CHECKING:  # Pillow and PyTorch are not needed to read a network
    from lenet.models.trained import Module
    from lenet.pictures.coerce import PictureLike
    from lenet.pictures.network_input import NetworkInput

FORMAT = 1
CONFIG = "config.json"
WEIGHTS = "model.safetensors"
PATHS = "paths.json"
"""Where the data lay on this machine. ``config.json`` has names alone, so that it can be given to
others; the commands find the data again by this file."""

_MOST_OTHER_MEMBERS = 9
_MOST_CONFIG = 8 << 20  # bytes; parsed JSON takes many times its size


@dataclass(frozen=True)
class Artifact:
    """A trained network, complete: nothing else is needed to use it.

    Parameters
    ----------
    network
        The layers.
    parameters
        float32 arrays with the names and shapes of ``network.parameter_shapes``.
    classes
        The name of each output.
    normalization
        Maps a pixel of 0 to 255 to the network's input.
    origin
        Where the network came from: data and its hash, recipe, seed, version, date.
    pictures
        The kind of pictures it was trained on; selects the preprocessing of a photo.
    calibration
        Temperature and rejection thresholds.
    other_members
        The other members of an ensemble, for networks that read numbers; empty for a single
        network. A number's probability is the mean over all members, and `calibration` applies to
        that mean.

    Examples
    --------
    >>> import lenet
    >>> network = lenet.load("digits")
    >>> network.network.parameters
    61706
    """

    network: Network
    parameters: Mapping[str, Floats]
    classes: tuple[str, ...]
    normalization: Normalization = Normalization()
    origin: Mapping[str, Any] = field(default_factory=dict[str, Any])
    pictures: Pictures = "plain"
    calibration: Calibration = UNCALIBRATED
    other_members: "tuple[Artifact, ...]" = ()

    def __repr__(self) -> str:
        parameters = sum(one.network.parameters for one in (self, *self.other_members))
        shown = ", ".join(self.classes[:3]) + (", …" if len(self.classes) > 3 else "")
        members = f" of {1 + len(self.other_members)} members" if self.other_members else ""
        source = self.origin.get("data")
        return visible(
            f"Artifact {self.network.name}{members}: {parameters:,} parameters, "
            f"{len(self.classes)} classes ({shown})"
            + (f", trained on {source}" if isinstance(source, str) else "")
        )

    def _repr_html_(self) -> str:
        headings = ("layer", "what it does", "output shape", "parameters")
        rows = [
            (
                stage.layer.name,
                stage.layer.label,
                " × ".join(map(str, stage.output_shape)),
                f"{stage.parameters:,}" if stage.parameters else "–",
            )
            for stage in self.network.stages()
        ]
        table = drawing.html_line(repr(self)) + drawing.html_table(headings, rows, left=2)
        filters = next((value for value in self.parameters.values() if value.ndim == 4), None)
        if filters is None:
            return table
        first = filters[:, :1] if filters.shape[1] != 3 else filters
        return table + drawing.html_line("filters of the first layer") + drawing.filters(first)

    @cached_property
    def members(self) -> "tuple[Artifact, ...]":
        """All members of the ensemble, as single networks."""
        return (replace(self, other_members=()), *self.other_members)

    @cached_property
    def predictor(self) -> Predictor:
        """Computes the scores of images.

        Raises
        ------
        LenetError
            This is an ensemble: its members read windows of different sizes.
        """
        if self.other_members:
            raise LenetError(
                f"this is an ensemble of {len(self.members)} networks that read numbers together: "
                "use lenet.read, or the predictor of each of its members"
            )
        return Predictor(self.network, self.parameters, self.normalization)

    def forward(self, images: NDArray[np.uint8]) -> Floats:
        """Return the scores of images, before calibration.

        Parameters
        ----------
        images
            uint8 ``[N, height, width]`` or ``[N, height, width, channels]``, of the network's size.

        Returns
        -------
        float32 ``[N, classes]``.

        Raises
        ------
        LenetError
            The images have another size, or this is an ensemble.

        Examples
        --------
        >>> import lenet, numpy
        >>> lenet.load("digits").forward(numpy.zeros((5, 28, 28), numpy.uint8)).shape
        (5, 10)
        """
        return self.predictor.forward(images)

    def predict(
        self, images: "PictureLike | Iterable[PictureLike]", reject_error: float | None = None
    ) -> list[Answer]:
        """Classify pictures.

        Parameters
        ----------
        images
            A path, a binary file, the bytes of one, a Pillow image, an array or a torch tensor, or
            an iterable of these. Arrays hold pixels from 0 to 255 or from 0 to 1
            (`lenet.pictures.pixel_range`), or are uint16, of shape ``[height, width]``,
            ``[height, width, channels]``, ``[N, height, width]`` or
            ``[N, height, width, channels]``, with 1 to 4 channels; tensors have their channels
            first (`lenet.pictures.arrays`). Arrays with the network's own height, width and
            channels go to the network unchanged. Everything else is preprocessed
            (`lenet.pictures.network_input`).
        reject_error
            The error rate to aim for among the answers that are not rejected, as a fraction: 0.005
            is 0.5%. By default 1%, or the lowest for which the network has a threshold. A network
            without thresholds rejects nothing for its confidence.

        Returns
        -------
        One answer per picture, in the order given; for a file with several pages, one per page.

        Raises
        ------
        lenet.pictures.image.ImageError
            A file cannot be read as an image.
        LenetError
            `images` is none of the above, or there is no threshold for `reject_error`.

        Examples
        --------
        >>> import lenet, numpy
        >>> paper = numpy.full((28, 28), 255, numpy.uint8)
        >>> lenet.load("digits").predict(paper)[0].rejected  # an empty sheet
        True
        """
        from lenet.pictures.coerce import network_inputs

        accepted_error(self.calibration, reject_error)  # raises before any picture is read
        result: list[Answer] = []
        for inputs in network_inputs(images, self.pictures, self.network.input_shape):
            result += self.answer(inputs, reject_error)
        return result

    def answer(
        self, inputs: "Sequence[NetworkInput]", reject_error: float | None = None
    ) -> list[Answer]:
        """Classify pictures that are preprocessed already.

        Parameters
        ----------
        inputs
            As `lenet.pictures.network_input.prepared_input` returns them.
        reject_error
            As for `predict`.
        """
        if not inputs:
            return []
        error = accepted_error(self.calibration, reject_error)
        images = np.stack([one.image for one in inputs])
        # A picture of one shade shows nothing, whatever scores the network gives it.
        empty = (images == images[:, :1, :1]).all(axis=tuple(range(1, images.ndim)))
        several = [one.several for one in inputs]
        scores = self.forward(images)
        return answers(self.network, self.classes, self.calibration, scores, error, empty, several)

    def to_torch(self) -> "Module":
        """Return the network as a torch module, with a copy of the trained parameters.

        Its input is float32 ``[N, channels, height, width]``, normalised: for uint8 images,
        ``network.normalization(pixels)``. Its output is the scores that `forward` returns.

        Raises
        ------
        LenetError
            PyTorch is not installed, this is an ensemble, or the network has residual blocks.

        Examples
        --------
        >>> import lenet, torch
        >>> network = lenet.load("digits")
        >>> module = network.to_torch()
        >>> module(network.normalization(torch.zeros(2, 1, 28, 28))).shape
        torch.Size([2, 10])
        """
        if self.other_members:
            raise LenetError(
                f"this is an ensemble of {len(self.members)} networks: convert each of its members"
            )
        try:
            from lenet.models.trained import trained_module
        except ModuleNotFoundError as error:
            raise LenetError(
                "to_torch needs PyTorch, which is not installed; "
                f"install it with: {install_command('lenet[torch]')}"
            ) from error
        return trained_module(self.network, self.parameters)

    def quantized(self) -> "Artifact":
        """Return the same network with its weights rounded to int8 (`lenet.engine.int8`)."""
        return replace(
            self,
            parameters=dequantize_all(quantize_all(self.parameters)),
            other_members=tuple(one.quantized() for one in self.other_members),
        )

    def save(self, folder: Path, int8: bool = False) -> None:
        """Write ``config.json`` and ``model.safetensors`` into `folder`, each whole or not at all.

        The other members of an ensemble get folders inside: ``beside-1`` and so on.

        Parameters
        ----------
        folder
            An existing folder.
        int8
            True stores the weights as int8. Loading them gives the network that `quantized`
            returns.

        Raises
        ------
        OSError
            The folder cannot be written or the disk is full.
        """
        write_weights(folder / WEIGHTS, self.parameters, int8)
        public, paths = _without_paths(self.origin)
        if paths:
            write_json(folder / PATHS, paths)
        else:
            (folder / PATHS).unlink(missing_ok=True)
        write_json(
            folder / CONFIG,
            {
                "format": FORMAT,
                "network": self.network.to_json(),
                "classes": list(self.classes),
                "normalization": self.normalization.to_json(),
                "origin": public,
                "pictures": self.pictures,
                "calibration": self.calibration.to_json(),
                **({"beside": len(self.other_members)} if self.other_members else {}),
            },
        )
        for number, one in enumerate(self.other_members, start=1):
            inner = member_folder(folder, number)
            inner.mkdir(exist_ok=True)
            one.save(inner, int8)


@dataclass(frozen=True)
class Config:
    """The contents of a ``config.json``, checked; `other_members` is how many there are."""

    network: Network
    classes: tuple[str, ...]
    normalization: Normalization
    origin: Mapping[str, Any]
    pictures: Pictures
    calibration: Calibration
    other_members: int


def member_folder(folder: Path, number: int) -> Path:
    """Return the folder of an ensemble's other member `number`, from 1, inside `folder`."""
    return folder / f"beside-{number}"


def load(run: str | Path) -> Artifact:
    """Load a trained network.

    Parameters
    ----------
    run
        A run folder, or the name or alias of a network that ships with the package.

    Raises
    ------
    LenetError
        There is no such folder or network; or a file is missing, corrupt, or does not fit the
        other one.

    Examples
    --------
    >>> import lenet
    >>> lenet.load("LeNet-5").network.name
    'lecun1998'
    """
    with enough_memory():
        return _loaded(run)


def _loaded(run: str | Path) -> Artifact:
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
    return replace(first, other_members=tuple(others))


def load_configs(folder: Path) -> list[tuple[Path, Config]]:
    """Return each member's folder and its ``config.json``, without weights; errors as `load`."""
    first = _load_config(folder)
    others = [member_folder(folder, number) for number in range(1, first.other_members + 1)]
    found = [(folder, first), *((other, _load_config(other)) for other in others)]
    for other, config in found[1:]:
        if config.other_members:
            raise LenetError(f"{other / CONFIG} is corrupt: a member has members of its own")
    return found


def find(run: str | Path) -> Path:
    """Return the folder of a run, or of the network with that name that ships with the package.

    A text that is the name or alias of a shipped network means that network, even if there is a
    folder of the same name; ``./digits``, or a `Path`, means the folder.

    Raises
    ------
    LenetError
        There is no such folder and no such network.
    """
    shipped = weights.shipped(run) if isinstance(run, str) else None
    if shipped is not None:
        return shipped
    folder = Path(run)
    if folder.is_dir():
        return folder
    if folder.exists():
        raise LenetError(f"{run} is a file, where a run folder or a network's name is needed")
    known = weights.names()
    raise LenetError(
        f"{run} is not a run folder, nor a network that comes with lenet"
        + (f" ({', '.join(known)})." if known else ".")
        + did_you_mean(str(run), [*known, *TRAINED_ALIASES])
    )


def _load_config(folder: Path) -> Config:
    path = folder / CONFIG
    if not path.is_file():
        raise LenetError(f"{folder} is not a run folder: it has no {CONFIG}")
    if (size := path.stat().st_size) > _MOST_CONFIG:
        raise LenetError(f"{path} is corrupt: it has {size:,} bytes, more than {_MOST_CONFIG:,}")
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise LenetError(f"{path} is corrupt: not JSON ({error}); train again") from error
    try:
        config = _config(table)
        return replace(config, origin=_with_paths(config.origin, folder / PATHS))
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
        _other_members(table.get("beside", 0)),
    )


def _without_paths(origin: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return an origin with names instead of paths, and the paths by their keys."""
    public = dict(origin)
    paths: dict[str, str] = {}
    for key in ("data", "from"):
        value = public.get(key)
        if isinstance(value, str) and Path(value).is_absolute():
            paths[key] = value
            public[key] = Path(value).name
    recipe = public.get("recipe")
    if isinstance(recipe, Mapping) and "data" in paths:
        public["recipe"] = {**cast("Mapping[str, Any]", recipe), "data": public["data"]}
    return public, paths


def _with_paths(origin: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return an origin with the paths of a file that `_without_paths` gave, if they fit its names.

    The file is of this machine and may be missing; a corrupt one counts as missing.
    """
    whole = dict(origin)
    try:
        found: object = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return whole
    for key, value in cast("dict[str, object]", found if isinstance(found, dict) else {}).items():
        if isinstance(value, str) and "\0" not in value and Path(value).name == whole.get(key):
            whole[key] = value
    return whole


def _other_members(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_OTHER_MEMBERS:
        raise LenetError(f"'beside' must be a whole number up to {_MOST_OTHER_MEMBERS}")
    return value


def _origin(value: object) -> dict[str, Any]:
    """Check those parts of a network's origin that are used, not only shown."""
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
