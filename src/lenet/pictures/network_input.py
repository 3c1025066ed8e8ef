"""From a picture of anything to what a network reads: made like the images it learnt from."""

import numpy as np

from lenet.errors import LenetError
from lenet.pictures.clothing import article
from lenet.pictures.digit import SIDE, digit
from lenet.pictures.image import fit, resize, to_colour, to_grey
from lenet.pictures.types import Images, Pictures

_CLEAN = 16  # the margin of an image of MNIST differs by less from black


def network_input(image: Images, pictures: Pictures, shape: tuple[int, ...]) -> Images:
    """Bring a picture to a network's input ``(channels, height, width)``.

    Parameters
    ----------
    image
        uint8 ``[height, width]`` or ``[height, width, 3]``, as
        `lenet.pictures.image.read_image` gives.
    pictures
        What the network learnt to read: see ``docs/photos.md`` for what is done for each.

    Returns
    -------
    uint8 ``[height, width]`` for one channel, else ``[height, width, channels]``.

    Raises
    ------
    ImageError
        The network reads neither grey nor red, green and blue.
    LenetError
        The network reads numbers, which takes more than one input a picture: `lenet.read`.
    """
    if pictures == "numbers":
        raise LenetError(
            "this network reads numbers, along a whole picture: use lenet.read, or 'lenet read'"
        )
    channels, height, width = shape
    if pictures == "plain" or channels not in (1, 3):
        return fit(image, shape)
    grey = to_grey(image)
    if pictures == "digits":
        small = _digit_within(grey, (height, width))
    else:
        small = _framed(_like_fashion(grey, image), (height, width))
    return small if channels == 1 else to_colour(small)


def _digit_within(grey: Images, size: tuple[int, int]) -> Images:
    if grey.shape == size != (SIDE, SIDE):
        return grey
    small = _like_mnist(grey)
    return _filling(small, size) if min(size) < SIDE else _framed(small, size)


def _like_mnist(grey: Images) -> Images:
    if grey.shape == (SIDE, SIDE):
        ring = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        # Nine tenths of it; a stroke may touch the border.
        if np.count_nonzero(ring <= _CLEAN) >= 0.9 * len(ring):
            return grey
        if np.count_nonzero(ring >= 255 - _CLEAN) >= 0.9 * len(ring):
            return 255 - grey
    return digit(grey)


def _like_fashion(grey: Images, image: Images) -> Images:
    if grey.shape == (SIDE, SIDE):
        corners = grey[[0, 0, -1, -1], [0, -1, 0, -1]]
        return 255 - grey if corners.min() >= 255 - _CLEAN else grey
    return article(image)


def _framed(image: Images, size: tuple[int, int]) -> Images:
    """Put 28 x 28 into the middle of a black frame; make it smaller where the frame is."""
    if min(size) < SIDE:
        return resize(image, size)
    frame = np.zeros(size, np.uint8)
    top, left = (size[0] - SIDE) // 2, (size[1] - SIDE) // 2
    frame[top : top + SIDE, left : left + SIDE] = image
    return frame


def _filling(image: Images, size: tuple[int, int]) -> Images:
    """Let a digit fill its frame, as those of USPS do."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    if not len(rows):
        return np.zeros(size, np.uint8)
    alone = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    wide = np.pad(alone, 1)  # `resize` fills what stays free with the colour of the border
    return resize(wide, size)
