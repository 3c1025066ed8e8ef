"""Draws figures of receptive fields, filters and feature maps."""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle as Outline
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation.probe.gradient_field import input_gradients
from lenet.evaluation.probe.probe import Probe, Shown
from lenet.evaluation.probe.receptive_field import Rectangle
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Padding
from lenet.networks.network import Network
from lenet.report.glyphs import drawable

_COLOURS = ("#2563ab", "#d97706", "#2f855a", "#b3261e", "#7c3aed", "#0e7490", "#a16207", "#be185d")
_AVERAGED_IMAGES = 64
MOST_FILTERS = 16
_MOST_NAMES = 20


def blocks(network: Network) -> list[tuple[str, str]]:
    """Return ``(title, layer name)`` of the layers to draw.

    A layer and the activation after it are one entry, with the activation's name. Layers that only
    rearrange are left out.
    """
    kept = [layer for layer in network.layers if not isinstance(layer, Padding | Flatten)]
    found: list[tuple[str, str]] = []
    for number, layer in enumerate(kept):
        if isinstance(layer, Activation):
            before = kept[number - 1].name if number else "image"
            found.append((f"{before} + {layer.label}", layer.name))
        elif not isinstance(kept[min(number + 1, len(kept) - 1)], Activation):
            found.append((layer.name, layer.name))
    return found


def receptive_fields(artifact: Artifact, test: Split, result: Probe) -> Figure:
    """Draw the receptive field of the central unit of each layer, by geometry and by gradient.

    On the left, the rectangles that follow from kernels, strides and padding. On the right, the
    magnitude of the gradient with respect to the image, averaged over test images.
    """
    by_name = {layer.layer: layer for layer in result.fields}
    shown = [(title, by_name[name]) for title, name in blocks(artifact.network)]
    placed = [entry for entry in shown if entry[1].geometry is not None]
    shown = placed + [entry for entry in shown if entry[1].geometry is None][:1]
    columns = 2 if len(shown) <= 4 else 3
    rows = max(-(-len(shown) // columns), 2)
    figure = Figure(figsize=(2.56 * (2 + columns), 3 * rows + 0.6), layout="constrained")
    grid = figure.add_gridspec(rows, 2 + columns)
    picture = figure.add_subplot(grid[:, :2])
    _show_image(picture, test.images[result.shown[0].number], alpha=0.6)
    for number, (title, layer) in enumerate(shown):
        centre = list(layer.named().values())[-1]
        colour = _COLOURS[number % len(_COLOURS)]
        row, column = divmod(number, columns)
        axes = figure.add_subplot(grid[row, 2 + column])
        images = test.images[:_AVERAGED_IMAGES]
        strength = input_gradients(artifact, layer.layer, [centre.unit], images)[0]
        seen = np.ma.masked_equal(strength / (strength.max() or 1), 0)
        axes.imshow(seen, cmap="magma_r", vmin=0, vmax=1)
        axes.set_facecolor("#eef0f3")
        axes.set_xticks([])
        axes.set_yticks([])
        area = centre.by_geometry
        size = f"{area.height} × {area.width} pixels" if area else "nothing"
        axes.set_title(f"{title}\n{size}", fontsize=12, color=colour)
        if area:
            _outline(axes, area, colour, 1)
            _outline(picture, area, colour, len(shown) - number)
    picture.set_title("Receptive field of the central unit of each layer", fontsize=13)
    units = [unit for layer in result.fields for unit in layer.units]
    picture.set_xlabel(
        "rectangles: from kernels, strides and padding\nshades: from the gradient\n"
        f"the same rectangle both ways for {sum(unit.equal for unit in units):,} "
        f"of {len(units):,} units",
        fontsize=11,
    )
    return figure


def _outline(axes: Axes, area: Rectangle, colour: str, above: int) -> None:
    corner = (area.left - 0.5, area.top - 0.5)
    style: dict[str, Any] = {"fill": False, "linewidth": 2.5, "clip_on": False}
    style |= {"edgecolor": colour, "zorder": 2 + above}
    axes.add_patch(Outline(corner, area.width, area.height, **style))


def _show_image(axes: Axes, image: NDArray[np.uint8], alpha: float = 1.0) -> None:
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=255, alpha=alpha)
    axes.set_xticks([])
    axes.set_yticks([])


def convolutions(artifact: Artifact) -> list[tuple[Convolution, int, NDArray[np.float32]]]:
    """Return each convolution with its number of input maps and its weights."""
    return [
        (stage.layer, stage.input_shape[0], artifact.parameters[f"{stage.layer.name}.weight"])
        for stage in artifact.network.stages()
        if isinstance(stage.layer, Convolution)
    ]


def filters(artifact: Artifact) -> Figure:
    """Draw the kernels of each convolution, a row per input map, a column per output map.

    Blue is negative, red positive, white zero, grey no connection. Only the first `MOST_FILTERS`
    maps of each layer are drawn.
    """
    canvases: list[tuple[str, NDArray[np.float64], float]] = []
    for layer, inputs, weight in convolutions(artifact):
        limit = float(np.abs(weight).max())
        first = f" (the first {MOST_FILTERS})" if layer.channels > MOST_FILTERS else ""
        title = (
            f"{layer.name}: output maps {layer.channels}{first}, input maps {inputs}; weights from "
            f"{-limit:.2g} (blue) to {limit:.2g} (red)"
        )
        canvases.append((title, kernels(layer, inputs, weight), limit))
    heights = [canvas.shape[0] * min(12.6 / canvas.shape[1], 0.14) for _, canvas, _ in canvases]
    figure = Figure(figsize=(12.8, sum(heights) + 0.4 * len(heights) + 0.5), layout="constrained")
    places = figure.subplots(len(canvases), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, (title, canvas, limit) in zip(places, canvases, strict=True):
        axes.imshow(canvas, cmap=_with_gaps("RdBu_r"), vmin=-limit, vmax=limit)
        axes.set_anchor("W")
        axes.set_title(title, fontsize=12, loc="left")
        axes.set_axis_off()
    figure.suptitle("Filters: columns are output maps, rows are input maps")
    return figure


def kernels(layer: Convolution, inputs: int, weight: NDArray[np.float32]) -> NDArray[np.float64]:
    """Lay kernels out, a row per input map, a column per output map, at most `MOST_FILTERS`.

    The gaps between kernels, and maps without a connection, are NaN.
    """
    side, cell = layer.kernel, layer.kernel + 1
    out, into = min(layer.channels, MOST_FILTERS), min(inputs, MOST_FILTERS)
    canvas = np.full((into * cell + 1, out * cell + 1), np.nan)
    squares = weight.reshape(-1, side, side)
    for (column, row), kernel in zip(layer.links(inputs), squares, strict=True):
        if column < out and row < into:
            y, x = row * cell + 1, column * cell + 1
            canvas[y : y + side, x : x + side] = kernel
    return canvas


def feature_maps(artifact: Artifact, test: Split, shown: Sequence[Shown]) -> Figure:
    """Draw the feature maps of the images `shown`: a row per image, a column per layer.

    Each map has its own scale, from its smallest to its greatest value over these images, so that
    the images can be compared. The last layer is drawn as bars, from the smallest score.
    """
    numbers = [image.number for image in shown]
    outputs = artifact.predictor.activations(test.images[numbers])
    *hidden, (last_title, last) = blocks(artifact.network)
    columns = 2 + len(hidden)
    figure = Figure(figsize=(1.9 * columns + 0.6, 1.95 * len(shown) + 0.5), layout="constrained")
    grid = figure.subplots(len(shown), columns, squeeze=False)
    names, fonts = drawable(artifact.classes)
    for row, image in enumerate(shown):
        _show_image(grid[row, 0], test.images[image.number])
        truth = names[artifact.classes.index(image.truth)]
        grid[row, 0].set_ylabel(truth, fontsize=12, parse_math=False, family=fonts)
        _bars(grid[row, -1], outputs[last][row], names, truth, fonts)
    for column, (title, name) in enumerate(hidden, start=1):
        values = scaled(outputs[name])
        grid[0, column].set_title(title, fontsize=11)
        for row in range(len(shown)):
            axes = grid[row, column]
            axes.imshow(tiled(values[row]), cmap=_with_gaps("magma"), vmin=0, vmax=1)
            axes.set_axis_off()
    grid[0, 0].set_title("image", fontsize=11)
    grid[0, -1].set_title(last_title, fontsize=11)
    figure.suptitle("Feature maps, each on its own scale: dark is smallest, bright is greatest")
    return figure


def _bars(
    axes: Axes, scores: NDArray[np.float32], classes: Sequence[str], truth: str, fonts: list[str]
) -> None:
    """Draw class scores: the answer in colour, the name of the true class in bold."""
    answer = int(scores.argmax())
    colours = [_COLOURS[0] if k == answer else "#c3cad5" for k in range(len(scores))]
    places = range(len(scores))
    axes.barh(places, scores - scores.min(), color=colours)
    axes.set_ylim(len(scores) - 0.5, -0.5)
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.tick_params(length=0)
    if len(scores) > _MOST_NAMES:
        axes.set_yticks([answer], [classes[answer]], fontsize=9, parse_math=False, family=fonts)
    else:
        axes.set_yticks(places, classes, fontsize=8, parse_math=False, family=fonts)
    for label in axes.get_yticklabels():
        if label.get_text() == truth:
            label.set_fontweight("bold")
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def scaled(outputs: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scale maps ``[N, C, height, width]`` to 0 to 1, each over all images; constant maps become 0.

    The units of a fully connected layer share one scale, because with few images a scale of its own
    would make each of them 0 or 1.
    """
    places = max(outputs.shape[2:], default=1) > 1
    axes = (0, 2, 3) if places else tuple(range(outputs.ndim))
    low, high = outputs.min(axis=axes, keepdims=True), outputs.max(axis=axes, keepdims=True)
    span = np.where(high > low, high - low, 1)
    return ((outputs - low) / span).astype(np.float64)


def tiled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay maps ``[C, height, width]`` or units ``[C]`` out as a picture; the gaps are NaN.

    There are as many rows as columns, so that square maps make a square picture.
    """
    cells = values.reshape(len(values), *(values.shape[1:] or (1, 1)))
    count, height, width = cells.shape
    across = ceil(sqrt(count))
    gap = max(width // 10, 1) if width > 1 else 0
    down, right = height + gap, width + gap
    canvas = np.full((across * down - gap, across * right - gap), np.nan)
    top = (canvas.shape[0] - (-(-count // across) * down - gap)) // 2
    for number, cell in enumerate(cells):
        y, x = top + number // across * down, number % across * right
        canvas[y : y + height, x : x + width] = cell
    return canvas


def _with_gaps(name: str) -> Colormap:
    return matplotlib.colormaps[name].with_extremes(bad="#d5d9e0" if name == "RdBu_r" else "white")
