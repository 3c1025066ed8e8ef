"""Draws the filters and feature maps of a network, as small PNGs for the page of a run."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.networks.convolution import Convolution
from lenet.report import maps
from lenet.report.png import png_in_colours

# Later convolutions have hundreds of kernels.
_MOST_CONVOLUTIONS = 2


@dataclass(frozen=True)
class Picture:
    """A PNG in base64, and its size in pixels."""

    data: str
    width: int
    height: int


@dataclass(frozen=True)
class Filters:
    """The kernels of a convolution with `inputs` input maps, with weights from -limit to limit.

    The picture has a column for each of the first `shown` output maps, a row for each input map.
    """

    layer: Convolution
    inputs: int
    shown: int
    limit: float
    picture: Picture


@dataclass(frozen=True)
class LayerMaps:
    """The feature maps of a layer: one picture per image, and their shape for one image."""

    title: str
    shape: tuple[int, ...]
    pictures: list[Picture]


def filters(artifact: Artifact) -> list[Filters]:
    """Return the kernels of the first convolutions, from blue (negative) to red (positive)."""
    found: list[Filters] = []
    for layer, inputs, weight in maps.convolutions(artifact)[:_MOST_CONVOLUTIONS]:
        limit = float(np.abs(weight).max())
        canvas = maps.kernels(layer, inputs, weight)
        picture = _picture(canvas / (2 * (limit or 1)) + 0.5, "RdBu_r")
        shown = min(layer.channels, maps.MOST_FILTERS)
        found.append(Filters(layer, inputs, shown, limit, picture))
    return found


def layer_maps(artifact: Artifact, test: Split, numbers: Sequence[int]) -> list[LayerMaps]:
    """Return the feature maps of the test images `numbers`, for all layers but the last.

    Each map has its own scale, as in `lenet.report.maps.feature_maps`.
    """
    outputs = artifact.predictor.activations(test.images[list(numbers)])
    found: list[LayerMaps] = []
    for title, name in maps.blocks(artifact.network)[:-1]:
        values = maps.scaled(outputs[name])
        pictures = [_picture(_without_empty_rows(maps.tiled(one)), "magma") for one in values]
        found.append(LayerMaps(title, outputs[name].shape[1:], pictures))
    return found


def _picture(values: NDArray[np.float64], colours: str) -> Picture:
    height, width = values.shape
    return Picture(b64encode(png_in_colours(values, colours)).decode("ascii"), width, height)


def _without_empty_rows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut off the empty rows above and below the maps."""
    filled = np.flatnonzero(~np.isnan(values).all(axis=1))
    return values[filled[0] : filled[-1] + 1]
