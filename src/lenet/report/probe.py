"""Draws a probe's robustness and equivariance; `lenet.report.maps` draws its other figures."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation.probe.probe import Probe
from lenet.evaluation.probe.robustness import CHANGES, Robustness
from lenet.files import whole_file
from lenet.networks.network import Network
from lenet.report import maps
from lenet.report.axes import BLUE, ORANGE, RED, note, open_frame
from lenet.report.png import png

_COLOURS = {"network": BLUE, "mlp": ORANGE}
_MOVED, _FIXED, _GREY = BLUE, RED, "#6b7280"
_COLUMNS = 3
_THUMBNAILS = 4


def write_pictures(
    folder: Path, artifact: Artifact, mlp: Artifact | None, test: Split, result: Probe
) -> list[Path]:
    """Draw the results of a probe into `folder`, and return the paths of the files.

    They are ``robustness.png``, ``equivariance.png``, ``receptive_fields.png``, ``filters.png`` and
    ``feature_maps.png``.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    classifiers = {"network": artifact} | ({"mlp": mlp} if mlp else {})
    names = {
        key: f"{one.network.name}, {one.network.parameters:,} parameters"
        for key, one in classifiers.items()
    }
    figures = {
        "robustness": robustness(result, names, test),
        "equivariance": equivariance(artifact.network, result),
        "receptive_fields": maps.receptive_fields(artifact, test, result),
        "filters": maps.filters(artifact),
        "feature_maps": maps.feature_maps(artifact, test, result.shown),
    }
    paths = [folder / f"{name}.png" for name in figures]
    for path, figure in zip(paths, figures.values(), strict=True):
        with whole_file(path) as part:
            part.write_bytes(png(figure, 130))
    return paths


def robustness(result: Probe, names: dict[str, str], test: Split) -> Figure:
    """Draw the accuracy of each classifier under each change of the images.

    Under each panel is one test image at some of the levels. `names` are the classifiers' names in
    the legend, by their names in the results.
    """
    figure = Figure(figsize=(12.8, 7.2), layout="constrained")
    grid = figure.add_gridspec(2, _COLUMNS)
    chance = float(np.bincount(test.labels).max() / len(test))
    specimen = int(result.shown[0].number)
    for number, change in enumerate(result.robustness):
        cell = grid[divmod(number, _COLUMNS)].subgridspec(2, 1, height_ratios=(3, 1), hspace=0)
        _robustness_panel(figure.add_subplot(cell[0]), change, chance)
        _specimens(figure.add_subplot(cell[1]), change, test.images[specimen])
    text = figure.add_subplot(grid[1, 2])
    text.set_axis_off()
    for name, label in names.items():
        text.plot([], [], color=_COLOURS[name], marker="o", linewidth=2, label=label)
    text.plot([], [], color=_GREY, linestyle=":", label="always the most frequent class")
    text.legend(
        loc="center",
        frameon=False,
        fontsize=12,
        title=f"{result.images:,} test images",
        title_fontsize=12,
        alignment="left",
    )
    figure.suptitle("Accuracy on changed images", fontsize=16)
    return figure


def _robustness_panel(axes: Axes, change: Robustness, chance: float) -> None:
    levels = change.levels
    for name, accuracy in change.accuracy.items():
        axes.plot(levels, accuracy, color=_COLOURS[name], marker="o", markersize=4, linewidth=2)
    ends = {name: accuracy[-1] for name, accuracy in change.accuracy.items()}
    for height, (name, value) in zip(_apart([*ends.values()], 0.07), ends.items(), strict=True):
        at, colour = (levels[-1], height), _COLOURS[name]
        note(axes, f"{value:.0%}", at, (6, 0), va="center", color=colour, fontsize=11)
    axes.axhline(chance, color=_GREY, linestyle=":", linewidth=1)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_title(f"{change.name} ({change.unit})", fontsize=12)
    axes.grid(alpha=0.25)
    open_frame(axes)


def _apart(values: Sequence[float], least: float) -> list[float]:
    """Move labels that would overlap apart; their order stays."""
    heights = list(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    for low, high in pairwise(order):
        gap = heights[high] - heights[low]
        if gap < least:
            heights[low] -= (least - gap) / 2
            heights[high] += (least - gap) / 2
    return heights


def _specimens(axes: Axes, change: Robustness, image: NDArray[np.uint8]) -> None:
    """Draw one image at some levels of a change, side by side, each in a frame."""
    made = next(one for one in CHANGES if one.name == change.name)
    count = len(change.levels)
    random = np.random.default_rng(0)
    side = image.shape[1]
    for place in range(_THUMBNAILS):
        level = change.levels[round(place * (count - 1) / (_THUMBNAILS - 1))]
        *_, changed = made.variants(image[None], level, random)
        left = place * 1.35 * side
        extent = (left, left + side, side, 0)
        axes.imshow(changed[0], cmap="gray_r", vmin=0, vmax=255, extent=extent)
        axes.add_patch(Rectangle((left, 0), side, side, fill=False, edgecolor=_GREY))
        x, y = left + side / 2, 1.05 * side
        axes.text(x, y, f"{level:g}", ha="center", va="top", fontsize=9, color=_GREY)
    axes.set_xlim(-1, (1.35 * (_THUMBNAILS - 1) + 1) * side + 1)
    axes.set_ylim(1.4 * side, -1)
    axes.set_axis_off()


def equivariance(network: Network, result: Probe) -> Figure:
    """Draw each layer's distance from equivariance and from invariance, by shift of the image."""
    by_name = {layer.layer: layer for layer in result.equivariance}
    groups = [(title, by_name[name]) for title, name in maps.blocks(network) if name in by_name]
    placed = [(title, layer) for title, layer in groups if layer.jump is not None]
    others = [(title, layer) for title, layer in groups if layer.jump is None]
    cells = len(placed) + 2
    columns = 2 if cells == 4 else _COLUMNS
    figure = Figure(figsize=(12.8, 3.4 * -(-cells // columns) + 0.4), layout="constrained")
    grid = figure.add_gridspec(-(-cells // columns), columns)
    top = 0.1 + max(
        (v for _, layer in groups for v in (*layer.equivariance, *layer.invariance) if v), default=1
    )
    for number, (title, layer) in enumerate(placed):
        axes = figure.add_subplot(grid[divmod(number, columns)])
        for at in result.shifts:
            if at and layer.jump and at % layer.jump == 0:
                axes.axvline(at, color=_MOVED, alpha=0.12, linewidth=6)
        _line(axes, result.shifts, layer.invariance, _FIXED, "s--")
        _line(axes, result.shifts, layer.equivariance, _MOVED, "o-")
        stride = "1 pixel" if layer.jump == 1 else f"{layer.jump} pixels"
        axes.set_title(f"{title}: stride {stride}", fontsize=12)
        _finish(axes, top)
        if number % columns == 0:
            axes.set_ylabel("difference / standard deviation")
    axes = figure.add_subplot(grid[divmod(len(placed), columns)])
    shades = np.linspace(1, 0.4, max(len(others), 1))
    for (title, layer), shade in zip(others, shades, strict=False):
        _line(axes, result.shifts, layer.invariance, _FIXED, "s--", float(shade), title)
    axes.set_title("layers without maps", fontsize=12)
    axes.legend(frameon=False, loc="lower right")
    _finish(axes, top)
    _explain(figure.add_subplot(grid[divmod(len(placed) + 1, columns)]), result)
    figure.suptitle("Do feature maps move with the image?", fontsize=16)
    return figure


def _explain(axes: Axes, result: Probe) -> None:
    axes.set_axis_off()
    axes.plot(
        [], [], "o-", color=_MOVED, label="the maps of the image, also shifted\n(0: equivariant)"
    )
    axes.plot([], [], "s--", color=_FIXED, label="the maps of the image\n(0: invariant)")
    axes.bar([0], [0], color=_MOVED, alpha=0.12, label="shifts by multiples of the stride")
    axes.legend(
        loc="center",
        frameon=False,
        fontsize=11,
        alignment="left",
        labelspacing=0.9,
        title=f"Maps of {result.shifted_images} shifted images\ncompared with\n",
        title_fontsize=12,
    )


def _line(
    axes: Axes,
    shifts: Sequence[int],
    values: Sequence[float | None],
    colour: str,
    style: str,
    alpha: float = 1.0,
    label: str = "_",
) -> None:
    heights = [np.nan if value is None else value for value in values]
    (line,) = axes.plot(shifts, heights, style, color=colour, alpha=alpha, label=label)
    line.set(markersize=5, linewidth=2, clip_on=False, zorder=3)


def _finish(axes: Axes, top: float) -> None:
    axes.set_ylim(0, top)
    axes.set_xlabel("shift of the image in pixels")
    axes.grid(alpha=0.25)
    open_frame(axes)
