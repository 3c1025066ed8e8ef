"""What Python code holds as pictures (arrays, paths, Pillow's images) to a network's input."""

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.data.catalog import Pictures
from lenet.data.image import read_image, read_opened
from lenet.data.photo import network_input
from lenet.data.split import Images
from lenet.errors import LenetError

Given = NDArray[Any] | str | PathLike[str] | Image.Image
"""A picture or, as an array, a stack of them."""

_ACCEPTED = (
    "give uint8 arrays or floats from 0 to 1, of shape [height, width], [N, height, width] or "
    "[N, height, width, channels], paths, Pillow's images, or an iterable of these"
)


def network_inputs(
    given: Given | Iterable[Given], pictures: Pictures, shape: tuple[int, ...]
) -> Iterator[Images]:
    """Turn pictures into stacks of a network's input, in their order.

    Parameters
    ----------
    given
        Arrays that have the network's own height, width and channels are taken as they are, one
        image or a stack of them; all else goes through `photo.network_input`. An array of three
        dimensions that is not the network's own and whose last is 3 is one picture in colour.
    pictures, shape
        As for `photo.network_input`.

    Yields
    ------
    uint8 ``[n, height, width]``, or ``[n, height, width, channels]``.

    Raises
    ------
    ImageError
        A path cannot be read as an image.
    LenetError
        What is given is none of these.
    """
    if isinstance(given, Iterable) and not isinstance(
        given, np.ndarray | str | bytes | bytearray | memoryview
    ):
        for one in cast("Iterable[object]", given):
            yield from _inputs(one, pictures, shape)
    else:
        yield from _inputs(cast("object", given), pictures, shape)


def _inputs(given: object, pictures: Pictures, shape: tuple[int, ...]) -> Iterator[Images]:
    match given:
        case np.ndarray():
            yield from _from_array(cast("NDArray[Any]", given), pictures, shape)
        case str() | PathLike():
            yield network_input(read_image(Path(cast("str", given))), pictures, shape)[None]
        case Image.Image():
            yield network_input(read_opened(given), pictures, shape)[None]
        case _:
            raise LenetError(f"{type(given).__name__} is not a picture; {_ACCEPTED}")


def _from_array(
    array: NDArray[Any], pictures: Pictures, shape: tuple[int, ...]
) -> Iterator[Images]:
    images = _as_uint8(array)
    channels, height, width = shape
    own = (height, width) if channels == 1 else (height, width, channels)
    if images.shape == own:
        yield images[None]
        return
    if images.ndim == len(own) + 1 and images.shape[1:] == own:
        yield images
        return
    if images.ndim == 2 or (images.ndim == 3 and images.shape[2] == 3):
        images = images[None]
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or 0 in images.shape[1:] or images.shape[3:] not in ((), (3,)):
        raise LenetError(f"an array of shape {list(array.shape)} holds no pictures; {_ACCEPTED}")
    for image in images:
        yield network_input(image, pictures, shape)[None]


def _as_uint8(array: NDArray[Any]) -> Images:
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise LenetError(f"an array of {array.dtype} holds no pictures; {_ACCEPTED}")
    if array.size and not (array.min() >= 0 and array.max() <= 1):  # NaN fails too
        raise LenetError(
            f"pixels run from {array.min():g} to {array.max():g}: floats must lie in 0 to 1, "
            "whole numbers from 0 to 255 be uint8"
        )
    return np.round(array * np.float32(255)).astype(np.uint8)
