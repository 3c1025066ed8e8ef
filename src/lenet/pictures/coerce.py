"""What Python code holds as pictures (arrays, paths, Pillow's images), decoded or made an input."""

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.errors import LenetError
from lenet.pictures.image import read_image, read_opened
from lenet.pictures.network_input import network_input
from lenet.pictures.types import Images, Pictures

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
    for one in _each(given):
        stack = _as_it_is(one, shape)
        if stack is not None:
            yield stack
            continue
        for picture in _decoded(one):
            yield network_input(picture, pictures, shape)[None]


def pictures_of(given: Given | Iterable[Given]) -> Iterator[Images]:
    """Decode pictures one by one, in their order.

    Parameters
    ----------
    given
        As for `network_inputs`. An array of three dimensions whose last is 3 is one picture in
        colour, any other a stack of grey ones.

    Yields
    ------
    uint8 ``[height, width]`` or ``[height, width, 3]``.

    Raises
    ------
    ImageError
        A path cannot be read as an image.
    LenetError
        What is given is none of these.
    """
    for one in _each(given):
        yield from _decoded(one)


def _each(given: object) -> Iterator[object]:
    if isinstance(given, Iterable) and not isinstance(
        given, np.ndarray | str | bytes | bytearray | memoryview
    ):
        yield from cast("Iterable[object]", given)
    else:
        yield given


def _as_it_is(given: object, shape: tuple[int, ...]) -> Images | None:
    """Return an array that has the network's own form, as a stack; None for all else."""
    if not isinstance(given, np.ndarray):
        return None
    images = _as_uint8(cast("NDArray[Any]", given))
    channels, height, width = shape
    own = (height, width) if channels == 1 else (height, width, channels)
    if images.shape == own:
        return images[None]
    return images if images.ndim == len(own) + 1 and images.shape[1:] == own else None


def _decoded(given: object) -> Iterator[Images]:
    match given:
        case np.ndarray():
            yield from _in_array(cast("NDArray[Any]", given))
        case str() | PathLike():
            yield read_image(Path(cast("str", given)))
        case Image.Image():
            yield read_opened(given)
        case _:
            raise LenetError(f"{type(given).__name__} is not a picture; {_ACCEPTED}")


def _in_array(array: NDArray[Any]) -> Iterator[Images]:
    images = _as_uint8(array)
    if images.ndim == 2 or (images.ndim == 3 and images.shape[2] == 3):
        images = images[None]
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or 0 in images.shape[1:] or images.shape[3:] not in ((), (3,)):
        raise LenetError(f"an array of shape {list(array.shape)} holds no pictures; {_ACCEPTED}")
    yield from images


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
