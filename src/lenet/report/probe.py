"""The pictures of a probe: curves here, what is drawn pixel by pixel in `lenet.report.maps`."""

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
from lenet.evaluation.probe.equivariance import LayerEquivariance
from lenet.evaluation.probe.probe import Probe
from lenet.evaluation.probe.robustness import CHANGES, Robustness
from lenet.files import whole_file
from lenet.networks.network import Network
from lenet.report import maps
from lenet.report.png import png

_COLOURS = {"network": "#2563ab", "mlp": "#d97706"}
_MOVED, _STAYED, _GREY = "#2563ab", "#b3261e", "#6b7280"
_COLUMNS = 3
_THUMBNAILS = 4


def write_pictures(
    folder: Path, artifact: Artifact, mlp: Artifact | None, test: Split, result: Probe
) -> list[Path]:
    """Write what was measured as pictures into `folder`, and return their paths.

    They are ``robustness.png``, ``equivariance.png``, ``receptive_fields.png``, ``filters.png`` and
    ``feature_maps.png``.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    names = {"network": _described(artifact)} | ({"mlp": _described(mlp)} if mlp else {})
    drawn = {
        "robustness": robustness(result, names, test),
        "equivariance": equivariance(artifact.network, result),
        "receptive_fields": maps.receptive_fields(artifact, test, result),
        "filters": maps.filters(artifact),
        "feature_maps": maps.feature_maps(artifact, test, result.shown),
    }
    paths: list[Path] = []
    for name, figure in drawn.items():
        path = folder / f"{name}.png"
        with whole_file(path) as part:
            part.write_bytes(png(figure, 130))
        paths.append(path)
    return paths


def _described(artifact: Artifact) -> str:
    return f"{artifact.network.name}, {artifact.network.parameters:,} parameters"


def robustness(result: Probe, names: dict[str, str], test: Split) -> Figure:
    """Draw accuracy over each change, the classifiers against each other.

    Under each panel, one test image at some of the levels.

    Parameters
    ----------
    names
        What each classifier is called in the legend, by its name in the results.
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
        loc="center", frameon=False, fontsize=12, title=f"{result.images:,} test images",
        title_fontsize=12, alignment="left",
    )  # fmt: skip
    figure.suptitle("How many images are still named right", fontsize=16)
    return figure


def _robustness_panel(axes: Axes, change: Robustness, chance: float) -> None:
    ends: list[tuple[float, str]] = []
    for name, accuracy in change.accuracy.items():
        axes.plot(
            change.levels, accuracy, color=_COLOURS[name], marker="o", markersize=4, linewidth=2
        )
        ends.append((accuracy[-1], name))
    for height, (value, name) in zip(_apart([end[0] for end in ends], 0.07), ends, strict=True):
        axes.annotate(
            f"{value:.0%}", (change.levels[-1], height), (6, 0), textcoords="offset points",
            va="center", color=_COLOURS[name], fontsize=11,
        )  # fmt: skip
    axes.axhline(chance, color=_GREY, linestyle=":", linewidth=1)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_title(f"{change.name} ({change.unit})", fontsize=12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _apart(values: Sequence[float], least: float) -> list[float]:
    """Move labels that would lie on each other apart, keeping their order."""
    heights = list(values)
    order = sorted(range(len(values)), key=values.__getitem__)
    for low, high in pairwise(order):
        gap = heights[high] - heights[low]
        if gap < least:
            heights[low] -= (least - gap) / 2
            heights[high] += (least - gap) / 2
    return heights


def _specimens(axes: Axes, change: Robustness, image: NDArray[np.uint8]) -> None:
    """Put one image at some of a change's levels side by side, each in a frame."""
    made = next(one for one in CHANGES if one.name == change.name)
    count = len(change.levels)
    places = [round(i * (count - 1) / (_THUMBNAILS - 1)) for i in range(_THUMBNAILS)]
    random = np.random.default_rng(0)
    side = image.shape[1]
    for place, number in enumerate(places):
        level = change.levels[number]
        *_, changed = made.variants(image[None], level, random)
        left = place * 1.35 * side
        axes.imshow(
            changed[0], cmap="gray_r", vmin=0, vmax=255, extent=(left, left + side, side, 0)
        )
        axes.add_patch(Rectangle((left, 0), side, side, fill=False, edgecolor=_GREY))
        axes.text(
            left + side / 2, 1.05 * side, f"{level:g}", ha="center", va="top", fontsize=9,
            color=_GREY,
        )  # fmt: skip
    axes.set_xlim(-1, (1.35 * (_THUMBNAILS - 1) + 1) * side + 1)
    axes.set_ylim(1.4 * side, -1)
    axes.set_axis_off()


def equivariance(network: Network, result: Probe) -> Figure:
    """Draw, layer by layer, how far maps are from moving with the image, and from staying."""
    groups = representatives(network, result.equivariance)
    placed = [(title, layer) for title, layer in groups if layer.jump is not None]
    others = [(title, layer) for title, layer in groups if layer.jump is None]
    cells = len(placed) + 2
    columns = 2 if cells == 4 else _COLUMNS
    rows = -(-cells // columns)
    figure = Figure(figsize=(12.8, 3.4 * rows + 0.4), layout="constrained")
    grid = figure.add_gridspec(rows, columns)
    top = 0.1 + max(
        (v for _, layer in groups for v in (*layer.equivariance, *layer.invariance) if v), default=1
    )
    for number, (title, layer) in enumerate(placed):
        axes = figure.add_subplot(grid[divmod(number, columns)])
        for at in result.shifts:
            if at and layer.jump and at % layer.jump == 0:
                axes.axvline(at, color=_MOVED, alpha=0.12, linewidth=6)
        _line(axes, result.shifts, layer.invariance, _STAYED, "s--")
        _line(axes, result.shifts, layer.equivariance, _MOVED, "o-")
        axes.set_title(f"{title}: a unit every {_pixels(layer.jump or 1)}", fontsize=12)
        _finish(axes, top)
        if number % columns == 0:
            axes.set_ylabel("difference / spread of the maps")
    axes = figure.add_subplot(grid[divmod(len(placed), columns)])
    shades = np.linspace(1, 0.4, max(len(others), 1))
    for (title, layer), shade in zip(others, shades, strict=False):
        _line(axes, result.shifts, layer.invariance, _STAYED, "s--", float(shade), title)
    axes.set_title("units without a place", fontsize=12)
    axes.legend(frameon=False, loc="lower right")
    _finish(axes, top)
    _explain(figure.add_subplot(grid[divmod(len(placed) + 1, columns)]), result)
    figure.suptitle("Do feature maps move with the image?", fontsize=16)
    return figure


def representatives(
    network: Network, layers: Sequence[LayerEquivariance]
) -> list[tuple[str, LayerEquivariance]]:
    """Pair each layer with a title; one that an activation follows is left to that."""
    by_name = {layer.layer: layer for layer in layers}
    return [(title, by_name[name]) for title, name in maps.blocks(network) if name in by_name]


def _explain(axes: Axes, result: Probe) -> None:
    axes.set_axis_off()
    axes.plot([], [], "o-", color=_MOVED, label="against its maps moved along\n(0: equivariant)")
    axes.plot([], [], "s--", color=_STAYED, label="against its maps as they were\n(0: invariant)")
    axes.bar([0], [0], color=_MOVED, alpha=0.12, label="shifts by whole units")
    axes.legend(
        loc="center", frameon=False, fontsize=11, alignment="left", labelspacing=0.9,
        title=f"A layer's answers to {result.shifted_images} shifted images\n",
        title_fontsize=12,
    )  # fmt: skip


def _line(
    axes: Axes,
    shifts: Sequence[int],
    values: Sequence[float | None],
    colour: str,
    style: str,
    alpha: float = 1.0,
    label: str = "",
) -> None:
    heights = [np.nan if value is None else value for value in values]
    axes.plot(
        shifts, heights, style, color=colour, alpha=alpha, markersize=5, linewidth=2,
        label=label or "_", clip_on=False, zorder=3,
    )  # fmt: skip


def _finish(axes: Axes, top: float) -> None:
    axes.set_ylim(0, top)
    axes.set_xlabel("shift of the image in pixels")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _pixels(count: int) -> str:
    return "pixel" if count == 1 else f"{count} pixels"
