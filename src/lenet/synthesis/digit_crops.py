"""Crops single digits from real cheques, loosely, as a user would crop them.

The crops show handwriting that MNIST lacks: sevens with a bar, ones like a caret, and strokes of a
neighbour at the border.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from lenet.data.cheques import Box, Cheque
from lenet.pictures.digit import SIDE
from lenet.pictures.image import read_image, to_grey
from lenet.pictures.network_input import network_input
from lenet.pictures.types import Images, Labels

_MARGIN = (-0.02, 0.2)  # range of the margin on each side of a box, relative to its longer side


def digit_crops(
    cheques: Iterable[Cheque], versions: int, random: np.random.Generator
) -> tuple[Images, Labels]:
    """Crop each digit of the cheques `versions` times by its box, with random margins.

    Returns
    -------
    Crops, preprocessed by `network_input`: uint8 ``[N, 28, 28]``; and the digits, int64 ``[N]``.
    """
    images: list[Images] = []
    labels: list[int] = []
    for cheque in cheques:
        grey = to_grey(read_image(cheque.path))
        for digit, box in zip(cheque.digits, cheque.boxes, strict=True):
            for _ in range(versions):
                cut = crop(grey, box, random.uniform(*_MARGIN, 4).tolist())
                if cut.size:  # a box may be outside its picture
                    images.append(network_input(cut, "digits", (1, SIDE, SIDE)))
                    labels.append(int(digit))
    return np.array(images, np.uint8).reshape(-1, SIDE, SIDE), np.array(labels, np.int64)


def crop(picture: Images, box: Box, margins: Sequence[float]) -> Images:
    """Crop a box with margins, as far as the picture extends.

    Parameters
    ----------
    margins
        Left, top, right and bottom, relative to the box's longer side.

    Returns
    -------
    A view of the picture; empty if the box is outside it.
    """
    x, y, width, height = box
    left, top, right, bottom = np.multiply(margins, max(width, height))
    first, last = np.maximum(np.rint([y - top, y + height + bottom]), 0).astype(int)
    before, after = np.maximum(np.rint([x - left, x + width + right]), 0).astype(int)
    return picture[first:last, before:after]
