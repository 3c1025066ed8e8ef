"""What a network sees, drawn pixel by pixel: receptive fields, filters and feature maps."""

from collections.abc import Sequence
from math import ceil, sqrt

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

_COLOURS = ("#2563ab", "#d97706", "#2f855a", "#b3261e", "#7c3aed", "#0e7490", "#a16207", "#be185d")
_AVERAGED_IMAGES = 64
MOST_FILTERS = 16
_MOST_NAMES = 20


def blocks(network: Network) -> list[tuple[str, str]]:
    """Return ``(title, layer)`` for what is worth looking at: a layer with what squashes it.

    A layer that an activation follows is left out, the activation carries its name too; so are
    layers that only rearrange.
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
    """Draw what the central unit of each layer sees, and how strongly.

    Left, the fields' rectangles over an image; right, the gradient's magnitude, a mean over test
    images, with the rectangle that the geometry says.
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
        strength = input_gradients(
            artifact, layer.layer, [centre.unit], test.images[:_AVERAGED_IMAGES]
        )[0]
        seen = np.ma.masked_equal(strength / (strength.max() or 1), 0)
        axes.imshow(seen, cmap="magma_r", vmin=0, vmax=1)
        axes.set_facecolor("#eef0f3")
        axes.set_xticks([])
        axes.set_yticks([])
        area = centre.by_geometry
        size = f"{area.height}×{area.width} pixels" if area else "nothing"
        axes.set_title(f"{title}\n{size}", fontsize=12, color=colour)
        if area:
            _outline(axes, area, colour, 1)
            _outline(picture, area, colour, len(shown) - number)
    picture.set_title("What the central unit of each layer sees", fontsize=13)
    units = [unit for layer in result.fields for unit in layer.units]
    picture.set_xlabel(
        f"rectangles: from kernels, strides and padding\nshades: from the gradient\n"
        f"the same rectangle both ways for {sum(unit.equal for unit in units):,} "
        f"of {len(units):,} places",
        fontsize=11,
    )
    return figure


def _outline(axes: Axes, area: Rectangle, colour: str, above: int) -> None:
    axes.add_patch(
        Outline(
            (area.left - 0.5, area.top - 0.5), area.width, area.height,
            fill=False, edgecolor=colour, linewidth=2.5, clip_on=False, zorder=2 + above,
        )
    )  # fmt: skip


def _show_image(axes: Axes, image: NDArray[np.uint8], alpha: float = 1.0) -> None:
    axes.imshow(image, cmap="gray_r", vmin=0, vmax=255, alpha=alpha)
    axes.set_xticks([])
    axes.set_yticks([])


def filters(artifact: Artifact) -> Figure:
    """Draw the kernels of each convolution, a row for each map in and a column for each out.

    Blue is negative, red positive, white zero; grey is no connection. Of very wide layers, the
    first maps only.
    """
    canvases: list[tuple[str, NDArray[np.float64], float]] = []
    for stage in artifact.network.stages():
        if isinstance(stage.layer, Convolution):
            weight = artifact.parameters[f"{stage.layer.name}.weight"]
            limit = float(np.abs(weight).max())
            canvas = kernels(stage.layer, stage.input_shape[0], weight)
            out = min(stage.layer.channels, MOST_FILTERS)
            title = f"{stage.layer.name}: {stage.layer.channels} maps from {stage.input_shape[0]}"
            title += f", the first {out} of them" if out < stage.layer.channels else ""
            title += f"; weights from {-limit:.2g} (blue) to {limit:.2g} (red)"
            canvases.append((title, canvas, limit))
    heights = [canvas.shape[0] * min(12.6 / canvas.shape[1], 0.14) for _, canvas, _ in canvases]
    figure = Figure(figsize=(12.8, sum(heights) + 0.4 * len(heights) + 0.5), layout="constrained")
    places = figure.subplots(len(canvases), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, (title, canvas, limit) in zip(places, canvases, strict=True):
        axes.imshow(canvas, cmap=_with_gaps("RdBu_r"), vmin=-limit, vmax=limit)
        axes.set_anchor("W")
        axes.set_title(title, fontsize=12, loc="left")
        axes.set_axis_off()
    figure.suptitle("Filters: a column for each map they make, a row for each map they read")
    return figure


def kernels(layer: Convolution, inputs: int, weight: NDArray[np.float32]) -> NDArray[np.float64]:
    """Lay kernels out, a row for each map in and a column for each out, at most 16 of either.

    Between them, and where maps are not connected, the picture is not a number.
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
    """Draw what each layer answers to images: a row an image, a column a layer.

    Each map has its own scale, from its least to its greatest answer to these images, so that a
    column can be read downwards. The last layer is drawn as bars, from the least score.
    """
    numbers = [image.number for image in shown]
    answers = artifact.predictor.activations(test.images[numbers])
    *hidden, (last_title, last) = blocks(artifact.network)
    columns = 2 + len(hidden)
    figure = Figure(figsize=(1.9 * columns + 0.6, 1.95 * len(shown) + 0.5), layout="constrained")
    grid = figure.subplots(len(shown), columns, squeeze=False)
    for row, image in enumerate(shown):
        _show_image(grid[row, 0], test.images[image.number])
        grid[row, 0].set_ylabel(image.truth, fontsize=12, parse_math=False)
        _bars(grid[row, -1], answers[last][row], artifact.classes, image.truth)
    for column, (title, name) in enumerate(hidden, start=1):
        values = scaled(answers[name])
        grid[0, column].set_title(title, fontsize=11)
        for row in range(len(shown)):
            axes = grid[row, column]
            axes.imshow(tiled(values[row]), cmap=_with_gaps("magma"), vmin=0, vmax=1)
            axes.set_axis_off()
    grid[0, 0].set_title("image", fontsize=11)
    figure.suptitle("Each map on its own scale: dark where it answers least, bright where most")
    grid[0, -1].set_title(last_title, fontsize=11)
    return figure


def _bars(axes: Axes, scores: NDArray[np.float32], classes: Sequence[str], truth: str) -> None:
    """Draw class scores, the greatest filled, the right one's name in bold."""
    answer = int(scores.argmax())
    colours = [_COLOURS[0] if k == answer else "#c3cad5" for k in range(len(scores))]
    places = range(len(scores))
    axes.barh(places, scores - scores.min(), color=colours)
    axes.set_ylim(len(scores) - 0.5, -0.5)
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.tick_params(length=0)
    if len(scores) > _MOST_NAMES:
        axes.set_yticks([answer], [classes[answer]], fontsize=9, parse_math=False)
    else:
        axes.set_yticks(places, classes, fontsize=8, parse_math=False)
    for label in axes.get_yticklabels():
        if label.get_text() == truth:
            label.set_fontweight("bold")
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def scaled(answers: NDArray[np.float32]) -> NDArray[np.float64]:
    """Stretch maps ``[N, C, height, width]`` to 0 to 1, each over all images.

    Units without a place share one scale: each alone would be 0 or 1 in two images. What is
    constant becomes 0.
    """
    places = max(answers.shape[2:], default=1) > 1
    axes = (0, 2, 3) if places else tuple(range(answers.ndim))
    low, high = answers.min(axis=axes, keepdims=True), answers.max(axis=axes, keepdims=True)
    span = np.where(high > low, high - low, 1)
    return ((answers - low) / span).astype(np.float64)


def tiled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay maps ``[C, height, width]`` or units ``[C]`` out as a picture, square if the maps are.

    Between maps, and where there are none, it is not a number.
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
