"""Single digits cut out of real cheques, as somebody cuts them who wants each one read.

Other hands than MNIST's: sevens with a bar, ones like a caret, a neighbour's stroke at the border.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from lenet.data.cheques import Box, Cheque
from lenet.pictures.digit import SIDE
from lenet.pictures.image import read_image, to_grey
from lenet.pictures.network_input import network_input
from lenet.pictures.types import Images, Labels

_MARGIN = (-0.02, 0.2)  # around the box on each side, in its longer side


def cut_digits(
    cheques: Iterable[Cheque], versions: int, random: np.random.Generator
) -> tuple[Images, Labels]:
    """Cut out each digit by its box `versions` times, with margins drawn anew, and frame it.

    Parameters
    ----------
    cheques
        Of whatever part is given.

    Returns
    -------
    uint8 ``[N, 28, 28]``, each as `network_input` makes a photo of a digit; and int64 ``[N]``.

    Raises
    ------
    lenet.pictures.image.ImageError
        A crop cannot be read.
    """
    images: list[Images] = []
    labels: list[int] = []
    for cheque in cheques:
        grey = to_grey(read_image(cheque.path))
        for digit, box in zip(cheque.digits, cheque.boxes, strict=True):
            for _ in range(versions):
                cut = cut_out(grey, box, random.uniform(*_MARGIN, 4).tolist())
                if cut.size:  # a box may lie outside of its picture
                    images.append(network_input(cut, "digits", (1, SIDE, SIDE)))
                    labels.append(int(digit))
    stacked = np.stack(images) if images else np.zeros((0, SIDE, SIDE), np.uint8)
    return stacked, np.array(labels, np.int64)


def cut_out(picture: Images, box: Box, margins: Sequence[float]) -> Images:
    """Cut a box and what is around it out of a picture, as far as the picture goes.

    Parameters
    ----------
    margins
        Left, above, right and below, in the box's longer side.

    Returns
    -------
    A view of the picture; without pixels, where the box lies outside of it.
    """
    x, y, width, height = box
    left, top, right, bottom = np.multiply(margins, max(width, height))
    first, last = np.maximum(np.rint([y - top, y + height + bottom]), 0).astype(int)
    before, behind = np.maximum(np.rint([x - left, x + width + right]), 0).astype(int)
    return picture[first:last, before:behind]
