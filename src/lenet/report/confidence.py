"""Draws the figures of calibration and of rejection, and says each result in a sentence."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter, StrMethodFormatter
from numpy.typing import NDArray

from lenet.calibration.interval import wilson_interval
from lenet.evaluation import Evaluation
from lenet.evaluation.reject import REJECT_ERROR
from lenet.report.axes import BLUE, GREY, INK, ORANGE, note, open_frame

_MOST_POINTS = 300  # more points do not make the curve finer, and each needs an interval
_LEAST_ACCEPTED = 0.02  # the curve ends where fewer are accepted: their error rate is uncertain
_FEW_POINTS = 10  # shorter curves are drawn with their points


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
    axes.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1.2)
    for text, (x, y) in (("overconfident", (0.82, 0.07)), ("underconfident", (0.2, 0.92))):
        axes.text(x, y, text, color=GREY, fontsize=11, ha="center", style="italic")
    low, high = _intervals(np.rint(accuracy * counts).astype(int), counts)
    axes.vlines(confidence, low, high, color=BLUE, linewidth=5, alpha=0.25)
    axes.plot(confidence, accuracy, "o", color=BLUE, markersize=6, clip_on=False, zorder=3)
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy: share of correct answers")
    title = f"expected calibration error {evaluation.calibration_error:.2%}; bars: 95% intervals"
    axes.set_title(title, fontsize=11, color=INK)
    below.bar((filled + 0.5) / bins, counts, 0.94 / bins, color=BLUE)
    below.set_yscale("log")
    below.set(ylim=(0.7, 2 * float(counts.max())), ylabel="answers")
    below.yaxis.set_major_locator(LogLocator(10, numticks=4))
    below.yaxis.set_minor_locator(NullLocator())
    below.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    below.set_xlabel("confidence: probability of the answer")
    below.xaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    for one in (axes, below):
        _finish(one)
    return figure


def reliability_sentence(evaluation: Evaluation) -> str:
    """Return sentences for the figure that `reliability` draws.

    They give the accuracy and the mean confidence, and say how far they differ.
    """
    excess, error = evaluation.reliability.excess, evaluation.calibration_error
    verdict = "on average, the two agree"
    if abs(excess) >= 0.005:
        word = "over" if excess > 0 else "under"
        verdict = f"the network is {word}confident by {100 * abs(excess):.1f} percentage points"
    return (
        f"{evaluation.accuracy:.1%} of the answers are correct, and the mean confidence is "
        f"{evaluation.accuracy + excess:.1%}: {verdict}. Among answers of similar confidence, "
        f"confidence and accuracy differ by {100 * error:.1f} percentage points on average."
    )


def reject(evaluation: Evaluation) -> Figure:
    """Draw the error rate among the accepted answers against the share of rejected answers."""
    curve, half = evaluation.reject_curve, 100 * REJECT_ERROR
    share = evaluation.rejected_at_half_percent
    end = 1.0 if share is None else min(max(2 * share, 0.04), 1.0)
    enough = curve.accepted >= _LEAST_ACCEPTED * len(evaluation.labels)
    shown = np.flatnonzero(enough & (curve.rejected <= 1.1 * end))
    points = shown[np.unique(np.linspace(0, len(shown) - 1, _MOST_POINTS).round().astype(int))]
    rejected, error = 100 * curve.rejected[points], 100 * curve.error[points]
    low, high = _intervals(curve.wrong[points], curve.accepted[points])
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.fill_between(rejected, 100 * low, 100 * high, color=BLUE, alpha=0.18, linewidth=0)
    marker = "o" if len(points) < _FEW_POINTS else ""
    axes.plot(rejected, error, color=BLUE, marker=marker, linewidth=2, clip_on=len(points) > 1)
    axes.axhline(half, color=ORANGE, linewidth=1, linestyle="--")
    if share:
        there = np.argmin(np.abs(curve.rejected - share))
        place = (100 * share, 100 * float(curve.error[there]))
        axes.plot(*place, "o", color=ORANGE, markersize=8, clip_on=False, zorder=3)
        text = f"{half:g}% wrong\nwith {share:.1%} rejected"
        align = "left" if share < 0.65 * end else "center"
        note(axes, text, place, (8, 12), color=ORANGE, fontsize=10.5, ha=align)
    text = f"{error[-1]:.2f}% wrong with none rejected"
    note(axes, text, (0, error[-1]), (14, 5), color=BLUE, fontsize=10.5)
    axes.set(xlim=(0, 100 * end), ylim=(0, 1.1 * max(100 * float(high[-1]), half)))
    axes.set_xlabel("images rejected, those of lowest confidence first, in %")
    axes.set_ylabel("error rate among the accepted, in %")
    title = f"{len(evaluation.labels):,} test images; shaded: 95% interval"
    axes.set_title(title, fontsize=11, color=INK)
    _finish(axes)
    return figure


def reject_sentence(evaluation: Evaluation) -> str:
    """Return sentences for the figure that `reject` draws.

    They give the error rate if no image is rejected, and the share to reject for an error rate of
    0.5%, or say that no threshold reaches it.
    """
    share, wrong = evaluation.rejected_at_half_percent, 1 - evaluation.accuracy
    start = f"If no image is rejected, {wrong:.2%} of the answers are wrong"
    if share is None:
        return f"{start}. No threshold reaches an error rate of 0.5%."
    if share == 0:
        return f"{start}. For an error rate of 0.5%, no image has to be rejected."
    return (
        f"{start}. If the {share:.1%} of lowest confidence are rejected, the error rate of the "
        "others is 0.5%. This threshold is chosen on the test images, as in Figure 10 of the 1998 "
        "paper."
    )


def _intervals(
    part: NDArray[np.int64], whole: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pairs = zip(part.tolist(), whole.tolist(), strict=True)
    ends = np.array([wilson_interval(*pair) for pair in pairs])
    return ends[:, 0], ends[:, 1]


def _finish(axes: Axes) -> None:
    open_frame(axes)
    axes.grid(axis="y", alpha=0.25)
    axes.set_axisbelow(True)
