"""From a figure to the bytes of a PNG."""

import warnings
from io import BytesIO

from matplotlib.figure import Figure


def png(figure: Figure, dots: int = 120) -> bytes:
    """Draw a figure at `dots` an inch."""
    buffer = BytesIO()
    with warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes; a page shows it well.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(buffer, format="png", dpi=dots)
    return buffer.getvalue()
