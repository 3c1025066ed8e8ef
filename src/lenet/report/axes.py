"""Holds the colours of the figures, and draws what their axes have in common."""

from typing import Any

from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, RED = "#2563ab", "#d97706", "#2f855a", "#b3261e"
INK, GREY = "#1f2937", "#64748b"


def note(
    axes: Axes, text: str, at: tuple[float, float], offset: tuple[int, int], **style: Any
) -> None:
    """Write `text` next to the data point `at`, moved by `offset` in points."""
    axes.annotate(text, at, offset, textcoords="offset points", **style)


def open_frame(axes: Axes) -> None:
    """Leave only the left and the lower edge of the frame."""
    axes.spines[["top", "right"]].set_visible(False)
