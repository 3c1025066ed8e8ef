"""Measures receptive fields by the gradient, and compares them with the layers' geometry."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.engine import input_gradient, normalized
from lenet.evaluation.probe.receptive_field import (
    Geometry,
    Rectangle,
    Unit,
    geometry,
    receptive_field,
    stages_to,
)
from lenet.networks.layers import Flatten, Padding
from lenet.networks.network import Network

# ReLU and max pooling pass the gradient of an image only through some units. One image therefore
# shows a part of the field; the union over a few images shows all of it.
_MOST_IMAGES = 24
_BLOCK = 128


@dataclass(frozen=True)
class UnitField:
    """A unit's receptive field, by geometry and by gradient; None if it sees no pixel."""

    unit: Unit
    by_geometry: Rectangle | None
    by_gradient: Rectangle | None

    @property
    def equal(self) -> bool:
        """Whether geometry and gradient give the same rectangle."""
        return self.by_geometry == self.by_gradient


@dataclass(frozen=True)
class LayerFields:
    """The receptive fields of a layer.

    Parameters
    ----------
    layer
        Its name.
    geometry
        None from the first fully connected layer on, whose units have no place.
    shape
        ``(rows, columns)`` of a map, ``()`` for a fully connected layer.
    units
        All places of a map, row by row; for a fully connected layer one entry for all its units
        together.
    """

    layer: str
    geometry: Geometry | None
    shape: tuple[int, ...]
    units: tuple[UnitField, ...]

    @property
    def equal(self) -> int:
        """The number of units for which geometry and gradient give the same rectangle."""
        return sum(unit.equal for unit in self.units)

    def named(self) -> dict[str, UnitField]:
        """Return the units at a corner, at an edge and in the centre of a map."""
        if not self.shape:
            return {"all": self.units[0]}
        rows, columns = self.shape
        middle = columns // 2
        numbers = {"corner": 0, "edge": middle, "centre": rows // 2 * columns + middle}
        return {name: self.units[number] for name, number in numbers.items()}


def check_fields(artifact: Artifact, seed: int = 0) -> list[LayerFields]:
    """Find the receptive fields of each layer twice: from its geometry, and by the gradient.

    There is one field per place of a map, or one for a whole fully connected layer. Padding and
    flatten are left out. `seed` is the seed of the noise images for the gradient.
    """
    places = geometry(artifact.network)
    checked: list[LayerFields] = []
    for stage in artifact.network.stages():
        if isinstance(stage.layer, Padding | Flatten):
            continue
        name, shape = stage.layer.name, stage.output_shape[1:]
        units: list[Unit] = list(np.ndindex(*shape))
        found = fields_by_gradient(artifact, name, units, seed)
        fields = tuple(
            UnitField(unit, receptive_field(artifact.network, name, unit), box)
            for unit, box in zip(units, found, strict=True)
        )
        checked.append(LayerFields(name, places.get(name), shape, fields))
    return checked


def fields_by_gradient(
    artifact: Artifact, layer: str, units: list[Unit], seed: int = 0
) -> list[Rectangle | None]:
    """Return for each unit the smallest rectangle around the pixels that change it, or None.

    The images are noise, which excites every part of a filter; real images are all alike at their
    border. A unit gets up to 24 images, as long as its rectangle differs from `receptive_field`'s.

    Parameters
    ----------
    units
        Units of `layer`; the maps at a unit's place are added up.
    seed
        Seed of the noise.
    """
    random = np.random.default_rng(seed)
    channels, height, width = artifact.network.input_shape
    shape = (height, width) if channels == 1 else (height, width, channels)
    expected = [receptive_field(artifact.network, layer, unit) for unit in units]
    seen = np.zeros((len(units), height, width), bool)
    for _ in range(_MOST_IMAGES):
        left = [i for i, field in enumerate(expected) if bounding_box(seen[i]) != field]
        if not left:
            break
        image = random.integers(0, 256, (1, *shape), dtype=np.uint8)
        seen[left] |= input_gradients(artifact, layer, [units[i] for i in left], image) > 0
    return [bounding_box(mask) for mask in seen]


def input_gradients(
    artifact: Artifact, layer: str, units: list[Unit], images: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Return how strongly units depend on pixels: the magnitude of the gradient.

    It is computed in float64, because behind a few sigmoids float32 rounds a small slope to 0.

    Parameters
    ----------
    units
        Units of `layer`; the gradient is that of the sum over the maps at a unit's place.
    images
        uint8 ``[N, height, width]`` or ``[N, height, width, channels]``.

    Returns
    -------
    float64 ``[units, height, width]``, the sum over the images and their channels.
    """
    network = _network_to(artifact.network, layer)
    shape = stages_to(network, layer)[-1].output_shape
    # The engine is annotated for float32; it computes in float64 if all its inputs are float64.
    exact: Any = {name: value.astype(np.float64) for name, value in artifact.parameters.items()}
    pixels = normalized(artifact.normalization, images).astype(np.float64)
    result = np.zeros((len(units), *network.input_shape[1:]))
    for start in range(0, len(units), _BLOCK):
        block = units[start : start + _BLOCK]
        chosen: Any = np.zeros((len(block), *shape))
        for row, unit in zip(chosen, block, strict=True):
            row[(slice(None), *unit)] = 1
        for image in pixels:
            copies: Any = np.broadcast_to(image, (len(block), *image.shape))
            gradient = input_gradient(network, exact, copies, layer, chosen)
            result[start : start + _BLOCK] += np.abs(gradient).sum(axis=1)
    return result


def _network_to(network: Network, layer: str) -> Network:
    """Cut off the layers after `layer`, which its gradient does not need."""
    stages = stages_to(network, layer)
    end = (Flatten(f"{layer} as a vector"),) if len(stages[-1].output_shape) > 1 else ()
    return replace(network, layers=(*(stage.layer for stage in stages), *end))


def bounding_box(mask: NDArray[np.bool_]) -> Rectangle | None:
    """Return the smallest rectangle around the True cells of `mask` ``[height, width]``."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    top, left = int(rows[0]), int(columns[0])
    return Rectangle(top, left, int(rows[-1]) - top + 1, int(columns[-1]) - left + 1)
