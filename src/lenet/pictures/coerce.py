"""Pictures in the forms that Python code has them in: arrays, paths, Pillow images."""

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
from lenet.pictures.pixel_range import to_levels
from lenet.pictures.types import Images, Pictures

PictureLike = NDArray[Any] | str | PathLike[str] | Image.Image
"""One picture; an array may also be a stack of pictures."""

_ACCEPTED = (
    "give arrays from 0 to 255 or from 0 to 1, of shape [height, width], [N, height, width] or "
    "[N, height, width, channels], paths, Pillow images, or an iterable of these"
)

_REMEDY = "give uint8 for pixels from 0 to 255, or divide by the value of white"


def network_inputs(
    images: PictureLike | Iterable[PictureLike], pictures: Pictures, shape: tuple[int, ...]
) -> Iterator[Images]:
    """Convert pictures to stacks of a network's input, in order; errors as for `pictures_of`.

    Parameters
    ----------
    images
        As for `pictures_of`. An array with the network's height, width and channels, or a stack of
        them, is used unchanged; `network_input` converts all other pictures.
    pictures, shape
        As for `lenet.pictures.network_input.network_input`.

    Yields
    ------
    uint8 ``[n, height, width]``, or ``[n, height, width, channels]``.
    """
    for one in _each(images):
        stack = _unchanged(one, shape)
        if stack is not None:
            yield stack
        else:
            yield from (network_input(image, pictures, shape)[None] for image in _decoded(one))


def pictures_of(images: PictureLike | Iterable[PictureLike]) -> Iterator[Images]:
    """Decode pictures one by one, in order.

    Parameters
    ----------
    images
        One picture or many. An array with three dimensions is one colour picture if the last
        dimension is 3, otherwise a stack of grey pictures.

    Yields
    ------
    uint8 ``[height, width]`` or ``[height, width, 3]``.

    Raises
    ------
    ImageError
        A path cannot be read as an image.
    LenetError
        An object is not a picture, or an array has the wrong dtype, range or shape.
    """
    for one in _each(images):
        yield from _decoded(one)


def _each(images: object) -> Iterator[object]:
    single = np.ndarray | str | bytes | bytearray | memoryview
    if isinstance(images, Iterable) and not isinstance(images, single):
        yield from cast("Iterable[object]", images)
    else:
        yield images


def has_own_size(image: Images, shape: tuple[int, ...]) -> bool:
    """Return whether a picture has the height, width and channels of a network's input."""
    channels, height, width = shape
    return image.shape == ((height, width) if channels == 1 else (height, width, channels))


def _unchanged(image: object, shape: tuple[int, ...]) -> Images | None:
    """Return an array that already has the network's shape, as a stack; None for other objects."""
    if not isinstance(image, np.ndarray):
        return None
    channels, height, width = shape
    own = (height, width) if channels == 1 else (height, width, channels)
    images = _as_uint8(cast("NDArray[Any]", image))
    stack = images[None] if images.ndim == len(own) else images
    return stack if stack.shape[1:] == own else None


def _decoded(image: object) -> Iterator[Images]:
    match image:
        case np.ndarray():
            yield from _stack(cast("NDArray[Any]", image))
        case str() | PathLike():
            yield read_image(Path(cast("str", image)))
        case Image.Image():
            yield read_opened(image)
        case _:
            raise LenetError(f"{type(image).__name__} is not a picture; {_ACCEPTED}")


def _stack(array: NDArray[Any]) -> Images:
    images = _as_uint8(array)
    if images.ndim == 2 or (images.ndim == 3 and images.shape[2] == 3):
        images = images[None]
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim < 3 or 0 in images.shape[1:] or images.shape[3:] not in ((), (3,)):
        raise LenetError(f"an array of shape {list(array.shape)} holds no pictures; {_ACCEPTED}")
    return images


def _as_uint8(array: NDArray[Any]) -> Images:
    if array.dtype.kind not in "fiub":
        raise LenetError(f"an array of {array.dtype} holds no pictures; {_ACCEPTED}")
    return to_levels([array], "an array", remedy=_REMEDY)[0]
