"""Defines types and file name suffixes that all modules about pictures share."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
"""One picture or a stack of pictures, levels 0 to 255. Each use of the type states the shape."""

Labels = NDArray[np.int64]
"""int64 ``[N]``: the class number of each image."""

Pictures = Literal["plain", "digits", "clothing", "numbers"]
"""The kind of pictures a network was trained on; it selects the preprocessing of a photo."""

_FORMATS = (
    "apng avif bmp dib gif heic heif hif ico j2c j2k jfif jp2 jpe jpeg jpf jpg jpx "
    "pbm pcx pgm png pnm ppm tga tif tiff webp"
)
SUFFIXES = frozenset(f".{name}" for name in _FORMATS.split())
"""Suffixes, in lower case, of the files in a folder that count as pictures."""

_SYSTEM = frozenset(
    (
        "@eadir",  # Synology's thumbnails, which are pictures too
        "#recycle",
        "$recycle.bin",
        "__macosx",
        "__pycache__",
        "desktop.ini",
        "lost+found",
        "system volume information",
        "thumbs.db",
    )
)


def is_hidden(name: str) -> bool:
    """Return whether a file or folder of this name is the system's own, and no user's."""
    return name.startswith(".") or name.casefold() in _SYSTEM
