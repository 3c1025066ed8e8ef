"""The networks that are served: those that ship with the package, then the runs that were given."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lenet import weights
from lenet.artifact import Artifact, load
from lenet.errors import did_you_mean
from lenet.serving.http.errors import Refusal


@dataclass(frozen=True)
class ServedNetwork:
    """One of them.

    Parameters
    ----------
    name
        Under which clients ask for it.
    artifact
        The network itself.
    source
        It ships with the package, or is the user's own run.
    folder
        Where its ``config.json`` and ``model.safetensors`` are; of a run, all that the run left.
    """

    name: str
    artifact: Artifact
    source: Literal["shipped", "run"]
    folder: Path

    @property
    def kind(self) -> Literal["predict", "read"]:
        """Whether it names pictures or reads numbers in them."""
        return "read" if self.artifact.pictures == "numbers" else "predict"

    def to_json(self) -> dict[str, Any]:
        """Return its entry of ``GET /v1/models``."""
        network = self.artifact.network
        return {
            "name": self.name,
            "kind": self.kind,
            "source": self.source,
            "pictures": self.artifact.pictures,
            "classes": list(self.artifact.classes),
            "input_shape": list(network.input_shape),
            "parameters": sum(one.network.parameters for one in self.artifact.members),
            "run": self.source == "run",
        }


class Served:
    """All of them, by name.

    Parameters
    ----------
    runs
        Run folders. Each is called like its folder; where that name is taken, NAME-2 and so on.

    Raises
    ------
    LenetError
        A run folder is none, or is broken; see `lenet.artifact.load`.
    """

    def __init__(self, runs: Iterable[Path] = ()) -> None:
        self._networks: dict[str, ServedNetwork] = {}
        for name in weights.names():
            folder = weights.FOLDER / name
            self._networks[name] = ServedNetwork(name, load(folder), "shipped", folder)
        for run in runs:
            name = self._free(run.resolve().name)
            self._networks[name] = ServedNetwork(name, load(run), "run", run)

    def __iter__(self) -> Iterator[ServedNetwork]:
        return iter(self._networks.values())

    def get(self, name: str) -> ServedNetwork:
        """Return the network called `name`; `Refusal` (404) if there is none."""
        found = self._networks.get(name)
        if found is None:
            shown = name if len(name) <= 80 else name[:80] + "..."
            raise Refusal(
                404,
                f"there is no model {shown!r} here; GET /v1/models lists them."
                + did_you_mean(shown, self._networks),
            )
        return found

    def warm(self) -> None:
        """Let each network answer once, so that the first client waits for nothing."""
        for one in self:
            channels, height, width = one.artifact.network.input_shape
            shape = (1, height, width) if channels == 1 else (1, height, width, channels)
            one.artifact.forward(np.zeros(shape, np.uint8))

    def _free(self, name: str) -> str:
        if name not in self._networks:
            return name
        return next(f"{name}-{n}" for n in count(2) if f"{name}-{n}" not in self._networks)
