"""Holds the networks that are served: those that ship with the package, and the user's runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal

import numpy as np
from starlette.exceptions import HTTPException

from lenet import weights
from lenet.artifact import Artifact, load
from lenet.errors import did_you_mean

Kind = Literal["predict", "read"]


@dataclass(frozen=True)
class ServedNetwork:
    """A network under the name that clients use.

    Parameters
    ----------
    source
        Whether it ships with the package or is the user's own run.
    folder
        The folder of its files, and of a run's results.
    """

    name: str
    artifact: Artifact
    source: Literal["shipped", "run"]
    folder: Path

    @property
    def kind(self) -> Kind:
        """Whether the network classifies pictures or reads numbers in them."""
        return "read" if self.artifact.pictures == "numbers" else "predict"

    def to_json(self) -> dict[str, Any]:
        """Return its entry of ``GET /v1/models``."""
        return {
            "name": self.name,
            "kind": self.kind,
            "source": self.source,
            "pictures": self.artifact.pictures,
            "classes": list(self.artifact.classes),
            "input_shape": list(self.artifact.network.input_shape),
            "parameters": sum(one.network.parameters for one in self.artifact.members),
            "run": self.source == "run",
        }


class Served:
    """The served networks by name, those that ship first.

    Parameters
    ----------
    runs
        Run folders. A run has the name of its folder; if the name is taken, NAME-2 and so on.

    Raises
    ------
    LenetError
        A run cannot be loaded; see `lenet.artifact.load`.
    """

    def __init__(self, runs: Iterable[Path] = ()) -> None:
        self._networks: dict[str, ServedNetwork] = {}
        for name in weights.names():
            self._add(name, weights.FOLDER / name, "shipped")
        for run in runs:
            self._add(run.resolve().name, run, "run")

    def _add(self, name: str, folder: Path, source: Literal["shipped", "run"]) -> None:
        names = chain([name], (f"{name}-{n}" for n in count(2)))
        free = next(one for one in names if one not in self._networks)
        self._networks[free] = ServedNetwork(free, load(folder), source, folder)

    def __iter__(self) -> Iterator[ServedNetwork]:
        return iter(self._networks.values())

    def get(self, name: str, kind: Kind | None = None) -> ServedNetwork:
        """Return the network called `name`; `HTTPException` 404: unknown, 422: not of `kind`."""
        found = self._networks.get(name)
        if found is None:
            shown = name if len(name) <= 80 else name[:80] + "..."
            raise HTTPException(
                404,
                f"there is no model {shown!r} here; GET /v1/models lists them."
                + did_you_mean(shown, self._networks),
            )
        if kind is not None and found.kind != kind:
            task = "reads whole numbers" if found.kind == "read" else "classifies single pictures"
            raise HTTPException(422, f"{name} {task}: POST /v1/{found.kind}?model={name}")
        return found

    def warm_up(self) -> None:
        """Run each network once, so that the first client does not wait."""
        for member in chain.from_iterable(one.artifact.members for one in self):
            channels, *size = member.network.input_shape
            shape = (1, *size) if channels == 1 else (1, *size, channels)
            member.forward(np.zeros(shape, np.uint8))
