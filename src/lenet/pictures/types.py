"""The types and the file name suffixes that everything about pictures shares."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
"""One picture or many, uint8 of 0 to 255; the shape stands where the type is used."""

Labels = NDArray[np.int64]
"""int64 ``[N]``, the class number of each of N images."""

Pictures = Literal["plain", "digits", "clothing", "numbers"]
"""The kind of pictures a network was trained on; it selects the preprocessing of a photo."""

_FORMATS = "avif bmp dib gif ico j2k jfif jp2 jpeg jpg pbm pcx pgm png pnm ppm tga tif tiff webp"
SUFFIXES = frozenset(f".{name}" for name in _FORMATS.split())
"""File name suffixes, in lower case, by which every command knows a picture in a folder."""
