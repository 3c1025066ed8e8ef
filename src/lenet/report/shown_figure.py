"""Defines the figure that a notebook shows, without pyplot."""

from matplotlib.figure import Figure

from lenet.report.png import png


class ShownFigure(Figure):
    """A matplotlib figure that shows itself as the result of a notebook's cell."""

    def _repr_png_(self) -> bytes:
        return png(self)
