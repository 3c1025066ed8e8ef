"""Encodes figures and pixels as PNG files."""

import warnings
from io import BytesIO

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image


def png(figure: Figure, dots: int = 120) -> bytes:
    """Return a figure as a PNG file, with `dots` dots per inch."""
    buffer = BytesIO()
    with warnings.catch_warnings():
        # The font may lack the letters of a class name. The page shows it correctly.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(buffer, format="png", dpi=dots)
    return buffer.getvalue()


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Return pixels, uint8 ``[height, width]`` or ``[height, width, 3]``, as a PNG file."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return buffer.getvalue()


def png_in_colours(values: NDArray[np.floating], colours: str) -> bytes:
    """Return values, 0 to 1, ``[height, width]``, as a PNG file in a colour map of matplotlib.

    NaN is transparent.
    """
    shades = np.rint(np.nan_to_num(values) * 254).astype(np.uint8)
    image = Image.fromarray(np.where(np.isnan(values), np.uint8(255), shades))
    table = matplotlib.colormaps[colours](np.linspace(0, 1, 255), bytes=True)[:, :3]
    image.putpalette([*table.ravel().tolist(), 255, 255, 255])
    buffer = BytesIO()
    image.save(buffer, format="png", transparency=255)
    return buffer.getvalue()
