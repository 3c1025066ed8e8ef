"""The picture of a comparison: test error beside what each classifier stores and computes."""

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from lenet.evaluation.compare.comparison import Comparison, Result
from lenet.evaluation.compare.contestants import CONTESTANTS, Kind
from lenet.files import whole_file
from lenet.report.compare_table import short
from lenet.report.png import png

_BY_NAME = {one.name: one for one in CONTESTANTS}
_COLOURS: dict[Kind, str] = {
    "convolutional": "#2563ab",
    "fully connected": "#d97706",
    "other": "#64748b",
}
_INK = "#1f2937"
_PAPER = "the 1998 paper, same kind, 60,000 training images"


def write_picture(path: Path, comparison: Comparison) -> None:
    """Write `picture` as a PNG.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    with whole_file(path) as part:
        part.write_bytes(png(picture(comparison), 150))


def picture(comparison: Comparison) -> Figure:
    """Draw test error with its interval, parameters and multiply-accumulates, side by side.

    The classifier with the fewest mistakes stands on top. Of MNIST, hollow marks show what the
    1998 paper found for the same kind.
    """
    rows = sorted(comparison.results, key=lambda one: one.wrong)
    height = 1.9 + 0.42 * len(rows)
    figure = Figure(figsize=(11.5, height), layout="constrained")
    errors, sizes, work = figure.subplots(1, 3, sharey=True, width_ratios=[1.5, 1, 1])
    places = range(len(rows))
    errors.set_yticks(places, [_BY_NAME[one.name].title for one in rows])
    errors.set_ylim(len(rows) - 0.5, -0.6)
    _draw_errors(errors, rows, comparison.like_the_paper)
    for label, one in zip(errors.get_yticklabels(), rows, strict=True):
        label.set_color(_COLOURS[_BY_NAME[one.name].kind])
    _draw_counts(sizes, rows, "numbers stored", lambda one: one.parameters)
    _draw_counts(work, rows, "multiply-accumulates an image", lambda one: one.multiply_accumulates)
    figure.suptitle(
        f"{comparison.title}, {comparison.train_images:,} training and "
        f"{comparison.test_images:,} test images",
        color=_INK,
        fontsize=13,
    )
    kinds = {_BY_NAME[one.name].kind for one in rows}
    handles = [
        Line2D([], [], color=colour, marker="o", linestyle="", label=kind)
        for kind, colour in _COLOURS.items()
        if kind in kinds
    ]
    if errors.get_legend_handles_labels()[1]:
        handles.append(
            Line2D(
                [], [], color=_INK, marker="D", linestyle="", markerfacecolor="none",
                markersize=6, label=_PAPER,
            )
        )  # fmt: skip
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
    return figure


def _draw_errors(axes: Axes, rows: Sequence[Result], paper: bool) -> None:
    then = {
        place: float(contestant.paper_error.split()[0])
        for place, one in enumerate(rows)
        if paper and (contestant := _BY_NAME[one.name]).paper_error
    }
    # A logarithmic axis has no place for 0, where the interval of a perfect score begins.
    ends = [100 * (one.interval[0] or one.interval[1] / 8) for one in rows]
    left = min([*ends, *then.values()]) / 1.15
    right = max([*(100 * one.interval[1] for one in rows), *then.values()]) * 1.3
    axes.set_xscale("log")
    axes.set_xlim(left, right)
    for place, one in enumerate(rows):
        colour = _COLOURS[_BY_NAME[one.name].kind]
        error, low, high = (max(100 * x, left) for x in (one.error, *one.interval))
        axes.plot([low, high], [place, place], color=colour, linewidth=2.5, alpha=0.5)
        axes.plot(error, place, "o", color=colour, markersize=7, clip_on=False)
        axes.annotate(
            f"{100 * one.error:.2f}", (error, place), (0, 7), textcoords="offset points",
            ha="center", color=colour, fontsize=9,
        )  # fmt: skip
        if place in then:
            axes.plot(
                then[place], place, "D", color=_INK, markerfacecolor="none", markersize=7,
                label=_PAPER,
            )  # fmt: skip
    steps = [n * 10.0**power for power in range(-4, 3) for n in (1, 1.5, 2, 3, 5, 7)]
    axes.set_xticks([step for step in steps if left <= step <= right])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title("test error in %, with its 95% interval", fontsize=10.5, color=_INK)
    _tidy(axes)


def _draw_counts(
    axes: Axes, rows: Sequence[Result], title: str, count: Callable[[Result], int | None]
) -> None:
    numbers = [count(one) for one in rows]
    found = [number for number in numbers if number]
    # Without any the axis needs some range all the same.
    low, high = (min(found) / 3, max(found) * 30) if found else (1, 10)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    for place, (one, number) in enumerate(zip(rows, numbers, strict=True)):
        colour = _COLOURS[_BY_NAME[one.name].kind]
        if number:
            axes.plot([low, number], [place, place], color=colour, linewidth=2, alpha=0.35)
            axes.plot(number, place, "o", color=colour, markersize=7)
            text, at = short(number), number
        else:
            text, at = f"none ({one.comparisons:,.0f} comparisons)", low
        axes.annotate(
            text, (at, place), (7, 0), textcoords="offset points", va="center", color=colour,
            fontsize=9,
        )  # fmt: skip
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title(title, fontsize=10.5, color=_INK)
    _tidy(axes)


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=10)
    axes.tick_params(axis="x", labelsize=9, labelcolor=_INK)
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
