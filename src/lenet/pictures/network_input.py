"""Preprocesses any picture into the input of a network, like the images it was trained on."""

from dataclasses import dataclass

import numpy as np

from lenet.errors import LenetError
from lenet.pictures.clothing import article
from lenet.pictures.components import box_of, cropped
from lenet.pictures.digit import SIDE, digit
from lenet.pictures.image import fit, resize, to_colour, to_grey
from lenet.pictures.types import Images, Pictures

_CLEAN = 16  # the border of an image of MNIST is at most this far from black
_LONGEST = (18, 21)  # pixels: bounds for the longest side of the ink in an image of MNIST
_OFF = 0.75  # pixels: its centre of mass is at most this far from the middle


@dataclass(frozen=True)
class NetworkInput:
    """A picture that was converted to a network's input.

    Parameters
    ----------
    image
        As `network_input` returns it.
    several
        True if the picture shows several digits. The image may hold one of them or more.
    """

    image: Images
    several: bool = False


def network_input(image: Images, pictures: Pictures, shape: tuple[int, ...]) -> Images:
    """Convert a picture to a network's input ``(channels, height, width)``.

    Parameters
    ----------
    image
        uint8 ``[height, width]`` or ``[height, width, 3]``.
    pictures
        The kind of pictures that the network was trained on. ``docs/predict.md`` describes the
        steps for each kind.

    Returns
    -------
    uint8 ``[height, width]`` for one channel, otherwise ``[height, width, channels]``.

    Raises
    ------
    ImageError
        The network has neither 1 nor 3 channels.
    LenetError
        The network reads numbers, which needs more than one input per picture: use `lenet.read`.

    Examples
    --------
    >>> photo = np.full((200, 300), 230, np.uint8)
    >>> photo[50:150, 145:155] = 40  # a one
    >>> image = network_input(photo, "digits", (1, 28, 28))
    >>> image.shape, np.flatnonzero(image[14]).tolist()  # light ink on black, as in MNIST
    ((28, 28), [14, 15])
    """
    return prepared_input(image, pictures, shape).image


def prepared_input(image: Images, pictures: Pictures, shape: tuple[int, ...]) -> NetworkInput:
    """Convert a picture as `network_input` does, and say whether it shows several digits."""
    if pictures == "numbers":
        raise LenetError(
            "this network reads numbers, which needs more than one input per picture; "
            "use lenet.read, or 'lenet read'"
        )
    channels, height, width = shape
    if pictures == "plain" or channels not in (1, 3):
        return NetworkInput(fit(image, shape))
    grey = to_grey(image)
    if pictures == "digits":
        small, several = _digit_within(grey, (height, width))
    else:
        small, several = _framed(_like_fashion(grey, image), (height, width)), False
    return NetworkInput(small if channels == 1 else to_colour(small), several)


def array_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the array that `network_input` returns for a network.

    Examples
    --------
    >>> array_shape((1, 28, 28)), array_shape((3, 32, 32))
    ((28, 28), (32, 32, 3))
    """
    channels, height, width = shape
    return (height, width) if channels == 1 else (height, width, channels)


def _digit_within(grey: Images, size: tuple[int, int]) -> tuple[Images, bool]:
    if grey.shape == size != (SIDE, SIDE):
        return grey, False
    small, several = _like_mnist(grey)
    return (_filling if min(size) < SIDE else _framed)(small, size), several


def _like_mnist(grey: Images) -> tuple[Images, bool]:
    if grey.shape == (SIDE, SIDE):
        for image in (grey, 255 - grey):
            if _is_mnists(image):
                return image, False
    return digit(grey)


def _is_mnists(image: Images) -> bool:
    """Return True if a 28 x 28 image is framed like those of MNIST; all 70,000 of them are."""
    ring = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    # 90% of the border is enough, because a stroke may touch it.
    if np.count_nonzero(ring <= _CLEAN) < 0.9 * len(ring):
        return False
    left, top, right, bottom = box_of(image > _CLEAN)
    if not _LONGEST[0] <= max(right - left, bottom - top) <= _LONGEST[1]:
        return False
    weights = image.astype(np.int64)
    places = np.arange(SIDE)
    middles = (int(weights.sum(axis=axis) @ places) / int(weights.sum()) for axis in (0, 1))
    return all(abs(middle - SIDE / 2) <= _OFF for middle in middles)


def _like_fashion(grey: Images, image: Images) -> Images:
    if grey.shape == (SIDE, SIDE):
        corners = grey[[0, 0, -1, -1], [0, -1, 0, -1]]
        return 255 - grey if corners.min() >= 255 - _CLEAN else grey
    return article(image)


def _framed(image: Images, size: tuple[int, int]) -> Images:
    """Place a 28 x 28 image in the middle of a black frame; scale it down for a smaller frame."""
    if min(size) < SIDE:
        return resize(image, size)
    frame = np.zeros(size, np.uint8)
    top, left = (size[0] - SIDE) // 2, (size[1] - SIDE) // 2
    frame[top : top + SIDE, left : left + SIDE] = image
    return frame


def _filling(image: Images, size: tuple[int, int]) -> Images:
    """Scale a digit to fill its frame, as in USPS."""
    # The border of zeros makes `resize` fill the free space with zeros.
    return resize(np.pad(cropped(image, image > 0), 1), size)
