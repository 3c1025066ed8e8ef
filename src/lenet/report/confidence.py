"""What a network's confidence is worth: the pictures of it, and what one sees in them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import NDArray

from lenet.calibration.interval import wilson_interval
from lenet.evaluation import Evaluation
from lenet.evaluation.metrics import HALF_PERCENT

_BLUE, _ORANGE, _INK, _GREY = "#2563ab", "#d97706", "#1f2937", "#64748b"
# A curve of more points is no finer at this size, and each costs an interval.
_MOST_POINTS = 300
# Where the curve is cut: of fewer accepted answers a share says little.
_LEAST_ACCEPTED = 0.02
# A curve of so few points is drawn with them.
_FEW = 10


def reliability(evaluation: Evaluation) -> Figure:
    """Draw accuracy against confidence, and how often each confidence occurs.

    The reliability diagram of Guo et al. 2017, Figure 1, as points with their 95% intervals.
    """
    found = evaluation.reliability
    bins = len(found.counts)
    filled = np.flatnonzero(found.counts)
    counts, confidence = found.counts[filled], found.confidence[filled]
    accuracy = found.accuracy[filled]
    figure = Figure(figsize=(5.6, 6.4), layout="constrained")
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.4, 1])
    axes.plot([0, 1], [0, 1], "--", color=_GREY, linewidth=1.2)
    for text, (x, y) in (("too sure", (0.82, 0.07)), ("not sure enough", (0.2, 0.92))):
        axes.text(x, y, text, color=_GREY, fontsize=11, ha="center", style="italic")
    right = np.rint(accuracy * counts).astype(int)
    low, high = _intervals(right, counts)
    axes.vlines(confidence, low, high, color=_BLUE, linewidth=5, alpha=0.25)
    axes.plot(confidence, accuracy, "o", color=_BLUE, markersize=6, clip_on=False, zorder=3)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy: share of answers that are right")
    axes.set_title(
        f"expected calibration error {evaluation.calibration_error:.2%}; bars: 95% intervals",
        fontsize=11, color=_INK,
    )  # fmt: skip
    below.bar((filled + 0.5) / bins, counts, 0.94 / bins, color=_BLUE)
    below.set_yscale("log")
    below.set(ylim=(0.7, 2 * float(counts.max())), ylabel="answers")
    below.yaxis.set_major_locator(LogLocator(10, numticks=4))
    below.yaxis.set_minor_locator(NullLocator())
    below.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    below.set_xlabel("confidence: probability of the answer")
    below.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    for one in (axes, below):
        _tidy(one)
    return figure


def reliability_sentence(evaluation: Evaluation) -> str:
    """Say what `reliability` shows."""
    excess, error = evaluation.reliability.excess, evaluation.calibration_error
    sure = (
        "on the whole it is as sure as it should be"
        if abs(excess) < HALF_PERCENT
        else f"on the whole it is {'too' if excess > 0 else 'not'} sure"
        f"{'' if excess > 0 else ' enough'}, by {100 * abs(excess):.1f} percentage points"
    )
    return (
        f"{evaluation.accuracy:.1%} of the answers are right, and the mean confidence is "
        f"{evaluation.accuracy + excess:.1%}: {sure}. Among answers of about the same confidence, "
        f"confidence and accuracy are {100 * error:.1f} percentage points apart on average."
    )


def reject(evaluation: Evaluation) -> Figure:
    """Draw the error among the accepted answers against the share rejected."""
    curve, half = evaluation.reject_curve, 100 * HALF_PERCENT
    share = evaluation.rejected_at_half_percent
    end = 1.0 if share is None else min(max(2 * share, 0.04), 1.0)
    # Of the fewest answers a share says nothing, but the last point is always one.
    some = curve.accepted >= _LEAST_ACCEPTED * len(evaluation.labels)
    shown = np.flatnonzero(some & (curve.rejected <= 1.1 * end))
    points = shown[np.unique(np.linspace(0, len(shown) - 1, _MOST_POINTS).round().astype(int))]
    rejected, error = 100 * curve.rejected[points], 100 * curve.error[points]
    low, high = _intervals(curve.wrong[points], curve.accepted[points])
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.fill_between(rejected, 100 * low, 100 * high, color=_BLUE, alpha=0.18, linewidth=0)
    marker = "o" if len(points) < _FEW else ""
    axes.plot(rejected, error, color=_BLUE, marker=marker, linewidth=2, clip_on=len(points) > 1)
    axes.axhline(half, color=_ORANGE, linewidth=1, linestyle="--")
    if share:
        there = np.argmin(np.abs(curve.rejected - share))
        place = (100 * share, 100 * float(curve.error[there]))
        axes.plot(*place, "o", color=_ORANGE, markersize=8, clip_on=False, zorder=3)
        axes.annotate(
            f"{half:g}% wrong\nwith {share:.1%} rejected", place, (8, 12),
            textcoords="offset points", color=_ORANGE, fontsize=10.5,
            ha="left" if share < 0.65 * end else "center",
        )  # fmt: skip
    axes.annotate(
        f"{error[-1]:.2f}% wrong with none rejected", (0, error[-1]), (14, 5),
        textcoords="offset points", color=_BLUE, fontsize=10.5,
    )  # fmt: skip
    axes.set(xlim=(0, 100 * end), ylim=(0, 1.1 * max(100 * float(high[-1]), half)))
    axes.set_xlabel("images rejected, the least sure first, in %")
    axes.set_ylabel("wrong among the accepted, in %")
    axes.set_title(
        f"{len(evaluation.labels):,} test images; shaded: 95% interval", fontsize=11, color=_INK
    )
    _tidy(axes)
    return figure


def reject_sentence(evaluation: Evaluation) -> str:
    """Say what `reject` shows."""
    share, wrong = evaluation.rejected_at_half_percent, 1 - evaluation.accuracy
    start = f"If it answers to every image, {wrong:.2%} of the answers are wrong"
    if share is None:
        return f"{start}; rejecting those it is least sure of never leaves as little as 0.5%."
    if share == 0:
        return f"{start}; it need not reject any for 0.5%."
    return (
        f"{start}; if it rejects the {share:.1%} it is least sure of, 0.5% of the others are "
        "wrong. The threshold for that is chosen on these test images, as in Figure 10 of the 1998 "
        "paper."
    )


def _intervals(
    part: NDArray[np.int64], whole: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pairs = zip(part.tolist(), whole.tolist(), strict=True)
    ends = np.array([wilson_interval(*pair) for pair in pairs])
    return ends[:, 0], ends[:, 1]


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25)
    axes.set_axisbelow(True)
