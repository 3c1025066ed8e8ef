"""Single digits cut out of real cheques, as somebody cuts them who wants each one read.

Other hands than MNIST's: sevens with a bar, ones like a caret, a neighbour's stroke at the border.
"""

from collections.abc import Iterable

import numpy as np

from lenet.data.cheques import Cheque
from lenet.data.digit import SIDE
from lenet.data.image import read_image, to_grey
from lenet.data.photo import network_input
from lenet.data.split import Images, Labels

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
    lenet.data.image.ImageError
        A crop cannot be read.
    """
    images: list[Images] = []
    labels: list[int] = []
    for cheque in cheques:
        grey = to_grey(read_image(cheque.path))
        for digit, (x, y, width, height) in zip(cheque.digits, cheque.boxes, strict=True):
            for _ in range(versions):
                left, top, right, bottom = random.uniform(*_MARGIN, 4) * max(width, height)
                first, last = np.maximum(np.rint([y - top, y + height + bottom]), 0).astype(int)
                before, behind = np.maximum(np.rint([x - left, x + width + right]), 0).astype(int)
                cut = grey[first:last, before:behind]
                if cut.size:  # a box may lie outside of its picture
                    images.append(network_input(cut, "digits", (1, SIDE, SIDE)))
                    labels.append(int(digit))
    stacked = np.stack(images) if images else np.zeros((0, SIDE, SIDE), np.uint8)
    return stacked, np.array(labels, np.int64)
