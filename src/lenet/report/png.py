"""From a figure, or from pixels, to the bytes of a PNG."""

import warnings
from io import BytesIO

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image


def png(figure: Figure, dots: int = 120) -> bytes:
    """Draw a figure at `dots` an inch."""
    buffer = BytesIO()
    with warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes; a page shows it well.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(buffer, format="png", dpi=dots)
    return buffer.getvalue()


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Write pixels, uint8 ``[height, width]`` or ``[height, width, 3]``, as they are."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return buffer.getvalue()


def png_in_colours(values: NDArray[np.floating], colours: str) -> bytes:
    """Write numbers from 0 to 1, ``[height, width]``, in a colour map of matplotlib's.

    What is not a number is transparent.
    """
    shades = np.rint(np.nan_to_num(values) * 254).astype(np.uint8)
    image = Image.fromarray(np.where(np.isnan(values), np.uint8(255), shades))
    table = matplotlib.colormaps[colours](np.linspace(0, 1, 255), bytes=True)[:, :3]
    image.putpalette([*table.ravel().tolist(), 255, 255, 255])
    buffer = BytesIO()
    image.save(buffer, format="png", transparency=255)
    return buffer.getvalue()
