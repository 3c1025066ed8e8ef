"""Converts arrays of images from the shapes that files have to one shape."""

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError

Array = NDArray[np.generic]

_CHANNELS = (1, 2, 3, 4)  # grey, grey with transparency, colour, colour with transparency


def upright(images: Array, source: str) -> Array:
    """Return images as ``[N, height, width]`` or ``[N, height, width, 2 to 4 channels]``.

    Also accepted are ``[N, height, width, 1]``, channels first as in PyTorch (``[N, 1, height,
    width]``, ``[N, 3, height, width]``), and rows of pixels of square grey images (``[N, 784]``).

    Raises
    ------
    LenetError
        The array has another shape, or is empty.

    Examples
    --------
    >>> [upright(np.zeros(s), "x").shape for s in [(5, 784), (5, 3, 8, 9), (5, 8, 9, 1)]]
    [(5, 28, 28), (5, 8, 9, 3), (5, 8, 9)]
    """
    shape = images.shape
    if images.ndim == 2 and shape[1] and isqrt(shape[1]) ** 2 == shape[1]:
        images = images.reshape(len(images), isqrt(shape[1]), -1)
    elif images.ndim == 4 and shape[3] not in _CHANNELS and shape[1] in _CHANNELS:
        images = np.moveaxis(images, 1, 3)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] not in _CHANNELS):
        raise LenetError(
            f"{source}: images must be [N, height, width], [N, height, width, 3], "
            f"[N, 3, height, width] or rows of square images, not of shape {shape}"
        )
    if 0 in images.shape:
        raise LenetError(f"{source}: no images: an array of shape {shape}")
    return images
