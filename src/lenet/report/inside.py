"""The network's filters and what they answer, pixel by pixel, for the page of a run."""

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

# The first two show what a network looks for; what comes after has hundreds of kernels.
_MOST_CONVOLUTIONS = 2


@dataclass(frozen=True)
class Picture:
    """A small PNG for a page: its bytes in base64, its size in pixels."""

    data: str
    width: int
    height: int


@dataclass(frozen=True)
class Filters:
    """The kernels of one convolution.

    Parameters
    ----------
    layer
        Its name.
    outputs, inputs
        How many maps it makes, and reads.
    shown
        How many of the maps it makes are in the picture.
    partly
        Whether some maps do not read some others.
    limit
        The greatest weight, without its sign.
    picture
        A column for each map it makes, a row for each it reads.
    """

    layer: str
    outputs: int
    inputs: int
    shown: int
    partly: bool
    limit: float
    picture: Picture


@dataclass(frozen=True)
class LayerMaps:
    """What a layer answers to some images.

    Parameters
    ----------
    title
        The layer with what squashes it.
    shape
        Of its output for one image.
    pictures
        One for each image.
    """

    title: str
    shape: tuple[int, ...]
    pictures: list[Picture]


def filters(artifact: Artifact) -> list[Filters]:
    """Return the kernels of the first convolutions, from blue (negative) to red (positive)."""
    found: list[Filters] = []
    for stage in artifact.network.stages():
        if isinstance(stage.layer, Convolution) and len(found) < _MOST_CONVOLUTIONS:
            weight = artifact.parameters[f"{stage.layer.name}.weight"]
            limit = float(np.abs(weight).max())
            canvas = maps.kernels(stage.layer, stage.input_shape[0], weight)
            picture = _picture(canvas / (2 * (limit or 1)) + 0.5, "RdBu_r")
            outputs, shown = stage.layer.channels, min(stage.layer.channels, maps.MOST_FILTERS)
            inputs = stage.input_shape[0]
            partly = stage.layer.table is not None
            found.append(Filters(stage.layer.name, outputs, inputs, shown, partly, limit, picture))
    return found


def layer_maps(artifact: Artifact, test: Split, numbers: Sequence[int]) -> list[LayerMaps]:
    """Return each layer's answers to the test images `numbers`, all layers but the last.

    Each map has its own scale, as in `lenet.report.maps.feature_maps`.
    """
    answers = artifact.predictor.activations(test.images[list(numbers)])
    found: list[LayerMaps] = []
    for title, name in maps.blocks(artifact.network)[:-1]:
        values = maps.scaled(answers[name])
        pictures = [_picture(_without_empty_rows(maps.tiled(one)), "magma") for one in values]
        found.append(LayerMaps(title, answers[name].shape[1:], pictures))
    return found


def _picture(values: NDArray[np.float64], colours: str) -> Picture:
    height, width = values.shape
    return Picture(b64encode(png_in_colours(values, colours)).decode("ascii"), width, height)


def _without_empty_rows(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut off what makes a picture of few maps square, above and below."""
    filled = np.flatnonzero(~np.isnan(values).all(axis=1))
    return values[filled[0] : filled[-1] + 1]
