"""Draws the figures of a run: curves, confusion matrix, sheets of images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lenet.data import Split
from lenet.evaluation import Evaluation
from lenet.report.axes import BLUE, GREEN, ORANGE, RED, open_frame
from lenet.report.glyphs import drawable
from lenet.report.shown_figure import ShownFigure
from lenet.training.progress import Epoch

# With more classes, numbers in the cells of a confusion matrix are too small to read.
_MOST_NUMBERED_CLASSES = 20
# With more classes, only some of the names fit at the edges of the matrix.
_MOST_NAMED_CLASSES = 64


def curves(history: Sequence[Epoch]) -> ShownFigure:
    """Draw train loss, train accuracy and test accuracy by epoch, as in the textbook."""
    figure = ShownFigure(figsize=(6.4, 4), layout="constrained")
    axes = figure.add_subplot()
    epochs = [line.epoch for line in history]
    marker = "o" if len(history) < 40 else ""
    for label, values, colour, style in (
        ("train loss", [line.train_loss for line in history], BLUE, "-"),
        ("train accuracy", [line.train_accuracy for line in history], ORANGE, "--"),
        ("test accuracy", [line.test_accuracy for line in history], GREEN, "-."),
    ):
        axes.plot(epochs, values, style, color=colour, marker=marker, markersize=3, label=label)
    axes.set_xlabel("epoch")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    open_frame(axes)
    return figure


def confusion(evaluation: Evaluation) -> ShownFigure:
    """Draw the confusion matrix: the colour is the share of the row, the number is the count."""
    table = evaluation.confusion
    count = len(evaluation.classes)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = min(max(0.62 * count + 1.8, 4), 16)
    figure = ShownFigure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    named = range(0, count, -(-count // _MOST_NAMED_CLASSES))
    names, fonts = drawable(_short(evaluation.classes[place]) for place in named)
    axes.set_xticks(named, names, rotation=45, ha="right", parse_math=False, family=fonts)
    axes.set_yticks(named, names, parse_math=False, family=fonts)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(f"accuracy {evaluation.accuracy:.1%} on {len(evaluation.labels):,} test images")
    if count <= _MOST_NUMBERED_CLASSES:
        for (row, column), number in np.ndenumerate(table):
            if number:
                ink = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(number), ha="center", va="center", color=ink, size=8)
    return figure


def sheet(split: Split, evaluation: Evaluation, numbers: Sequence[int], title: str) -> Figure:
    """Draw the images `numbers` of `split` with the network's answers.

    Wrong answers are red, with the true class below.

    All images are pasted into one picture on one pair of axes, because one pair per image would
    take as long as an epoch of training.
    """
    columns = 8
    rows = max(-(-len(numbers) // columns), 1)
    high, wide = split.images.shape[1:3]
    side = max(high, wide)
    across, down = round(1.12 * side), round(1.5 * side)  # from one image to the next
    top = down - side
    canvas = np.full((rows * down, columns * across, 3), 255, np.uint8)
    figure = Figure(figsize=(1.25 * columns, 1.25 * columns * rows * down / (columns * across)))
    figure.suptitle(title, y=0.995, va="top")
    axes = figure.add_axes((0.01, 0.0, 0.98, 1 - 0.35 / figure.get_figheight()))
    names, fonts = drawable(_short(name) for name in evaluation.classes)
    style: dict[str, Any] = {"size": 7, "ha": "center", "va": "bottom", "parse_math": False}
    style["family"] = fonts
    for place, number in enumerate(numbers):
        y, x = place // columns * down + top, place % columns * across
        image = split.images[number]
        canvas[y : y + high, x : x + wide] = image if image.ndim == 3 else image[..., None]
        answer, truth = int(evaluation.predictions[number]), int(evaluation.labels[number])
        probability = evaluation.probabilities[number, answer]
        text = f"{names[answer]} {probability:.0%}"
        if answer != truth:
            text += f"\ntrue: {names[truth]}"
        colour = "black" if answer == truth else RED
        axes.text(x + wide / 2, y - 1.5, text, color=colour, **style)
    axes.imshow(canvas, interpolation="nearest")
    axes.set_axis_off()
    return figure


def _short(name: str) -> str:
    return name if len(name) <= 12 else name[:11] + "…"
