"""What a network sees of pictures, as PNG files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lenet.files import whole_file
from lenet.pictures.prefetch import Prepared
from lenet.pictures.types import Images

_LONGEST_STEM = 80  # in letters, of up to three bytes; file systems take 255 bytes


def write_inputs(folder: Path, batch: Sequence[Prepared[Images]], first: int) -> None:
    """Write each picture's input as ``folder/NUMBER-NAME.png``; unreadable pictures have none.

    Parameters
    ----------
    first
        The number of the batch's first picture: numbers keep pictures of one name apart.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    for number, picture in enumerate(batch, start=first):
        if isinstance(picture.result, np.ndarray):
            with whole_file(folder / numbered(number, picture.name)) as part:
                Image.fromarray(picture.result).save(part, "PNG")


def numbered(number: int, name: str) -> str:
    """Return the name of a PNG file about the picture called `name`, the `number`-th."""
    return f"{number:05}-{_stem(name)}.png"


def _stem(name: str) -> str:
    """Keep of a file's name what every file system takes."""
    stem = Path(name).stem[:_LONGEST_STEM]
    return "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in stem) or "_"
