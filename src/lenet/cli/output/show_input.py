"""Writes the inputs of a network, made from pictures, as PNG files."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from lenet.files import whole_file
from lenet.pictures.network_input import NetworkInput
from lenet.pictures.prepare import Prepared

_LONGEST_STEM = 80  # letters of up to three bytes; file systems allow 255 bytes


def write_inputs(folder: Path, batch: Sequence[Prepared[NetworkInput]], first: int) -> None:
    """Write each picture's input as ``folder/NUMBER-NAME.png``; unreadable pictures have none.

    Parameters
    ----------
    first
        The number of the batch's first picture. Numbers keep pictures with equal names apart.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    for number, picture in enumerate(batch, start=first):
        if isinstance(picture.result, NetworkInput):
            with whole_file(folder / numbered(number, picture.name), sync=False) as part:
                Image.fromarray(picture.result.image).save(part, "PNG")


def numbered(number: int, name: str) -> str:
    """Return the name of a PNG file for picture `number`, with letters for every file system."""
    stem = Path(name).stem[:_LONGEST_STEM]
    stem = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in stem)
    return f"{number:05}-{stem or '_'}.png"
