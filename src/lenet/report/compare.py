"""Draws the figure of a comparison: test error, parameters and computation per classifier."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import NullLocator

from lenet.evaluation.compare.comparison import Comparison, Result
from lenet.evaluation.compare.contestants import CONTESTANTS, Kind
from lenet.files import whole_file
from lenet.report.axes import BLUE, GREY, INK, ORANGE, note
from lenet.report.compare_table import short
from lenet.report.png import png
from lenet.report.shown_figure import ShownFigure

_BY_NAME = {one.name: one for one in CONTESTANTS}
_COLOURS: dict[Kind, str] = {"convolutional": BLUE, "fully connected": ORANGE, "other": GREY}
_PAPER: dict[str, Any] = {
    "color": INK,
    "marker": "D",
    "linestyle": "",
    "markerfacecolor": "none",
    "label": "the 1998 paper, same kind, 60,000 training images",
}


def write_picture(path: Path, comparison: Comparison) -> None:
    """Draw the figure of a comparison (`picture`) and write it as a PNG file.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    with whole_file(path) as part:
        part.write_bytes(png(picture(comparison), 150))


def picture(comparison: Comparison) -> ShownFigure:
    """Draw test error with its interval, parameters and multiply-accumulates, side by side.

    The classifier with the fewest mistakes is on top. For MNIST, hollow marks show the 1998 paper's
    results for classifiers of the same kind.
    """
    rows = sorted(comparison.results, key=lambda one: one.wrong)
    figure = ShownFigure(figsize=(11.5, 1.9 + 0.42 * len(rows)), layout="constrained")
    errors, sizes, work = figure.subplots(1, 3, sharey=True, width_ratios=[1.5, 1, 1])
    errors.set_yticks(range(len(rows)), [_BY_NAME[one.name].title for one in rows])
    errors.set_ylim(len(rows) - 0.5, -0.6)
    _draw_errors(errors, rows, comparison.like_the_paper)
    for label, one in zip(errors.get_yticklabels(), rows, strict=True):
        label.set_color(_colour(one))
    _draw_counts(sizes, rows, "parameters", lambda one: one.parameters)
    work_title = "multiply-accumulates per image"
    _draw_counts(work, rows, work_title, lambda one: one.multiply_accumulates)
    figure.suptitle(
        f"{comparison.title}, {comparison.train_images:,} training and "
        f"{comparison.test_images:,} test images",
        color=INK,
        fontsize=13,
    )
    kinds = {_BY_NAME[one.name].kind for one in rows}
    handles = [
        Line2D([], [], color=colour, marker="o", linestyle="", label=kind)
        for kind, colour in _COLOURS.items()
        if kind in kinds
    ]
    if errors.get_legend_handles_labels()[1]:
        handles.append(Line2D([], [], markersize=6, **_PAPER))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    return figure


def _colour(result: Result) -> str:
    return _COLOURS[_BY_NAME[result.name].kind]


def _draw_errors(axes: Axes, rows: Sequence[Result], paper: bool) -> None:
    in_paper = {
        place: float(error.split()[0])
        for place, one in enumerate(rows)
        if paper and (error := _BY_NAME[one.name].paper_error)
    }
    # A logarithmic axis has no place for 0, where the interval of a perfect score begins.
    lows = [100 * (one.interval[0] or one.interval[1] / 8) for one in rows]
    left = min([*lows, *in_paper.values()]) / 1.15
    right = max([*(100 * one.interval[1] for one in rows), *in_paper.values()]) * 1.3
    axes.set_xscale("log")
    axes.set_xlim(left, right)
    for place, one in enumerate(rows):
        colour = _colour(one)
        error, low, high = (max(100 * x, left) for x in (one.error, *one.interval))
        axes.plot([low, high], [place, place], color=colour, linewidth=2.5, alpha=0.5)
        axes.plot(error, place, "o", color=colour, markersize=7, clip_on=False)
        text = f"{100 * one.error:.2f}"
        # The labels lie on grid lines, which would cross their digits.
        clear = [withStroke(linewidth=3, foreground="white")]
        style: dict[str, Any] = {"color": colour, "fontsize": 9, "path_effects": clear}
        note(axes, text, (error, place), (0, 7), ha="center", **style)
        if place in in_paper:
            axes.plot(in_paper[place], place, markersize=7, **_PAPER)
    steps = [n * 10.0**power for power in range(-4, 3) for n in (1, 1.5, 2, 3, 5, 7)]
    axes.set_xticks([step for step in steps if left <= step <= right])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    _finish(axes, "test error in %, with its 95% interval")


def _draw_counts(
    axes: Axes, rows: Sequence[Result], title: str, count: Callable[[Result], int | None]
) -> None:
    numbers = [count(one) for one in rows]
    found = [number for number in numbers if number]
    # If there are no counts, the axis needs some range all the same.
    low, high = (min(found) / 3, max(found) * 30) if found else (1, 10)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    for place, (one, number) in enumerate(zip(rows, numbers, strict=True)):
        colour = _colour(one)
        if number:
            axes.plot([low, number], [place, place], color=colour, linewidth=2, alpha=0.35)
            axes.plot(number, place, "o", color=colour, markersize=7)
            text, at = short(number), number
        else:
            text, at = f"none ({one.comparisons:,.0f} comparisons)", low
        note(axes, text, (at, place), (7, 0), va="center", color=colour, fontsize=9)
    _finish(axes, title)


def _finish(axes: Axes, title: str) -> None:
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title(title, fontsize=10.5, color=INK)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=10)
    axes.tick_params(axis="x", labelsize=9, labelcolor=INK)
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
