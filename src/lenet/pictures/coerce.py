"""Converts pictures that Python code holds: arrays, tensors, files, Pillow images."""

import warnings
from collections.abc import Iterable, Iterator
from io import BytesIO, RawIOBase
from os import PathLike
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.errors import LenetError
from lenet.pictures.arrays import ACCEPTED, as_stack, is_tensor, tensor_to_array
from lenet.pictures.decode import ImageError
from lenet.pictures.image import read_opened
from lenet.pictures.network_input import NetworkInput, array_shape, prepared_input
from lenet.pictures.pages import page_name, read_pages
from lenet.pictures.standard_input import read_all
from lenet.pictures.types import Images, Pictures


class Tensor(Protocol):
    """A torch tensor."""

    def detach(self) -> Any:
        """Return the tensor without its gradient."""
        ...


PictureLike = NDArray[Any] | Tensor | str | PathLike[str] | bytes | IO[bytes] | Image.Image
"""One picture; an array may also be a stack of pictures, and a file may have several pages."""


def network_inputs(
    images: PictureLike | Iterable[PictureLike], pictures: Pictures, shape: tuple[int, ...]
) -> Iterator[list[NetworkInput]]:
    """Convert pictures to a network's inputs, some at a time; errors as for `pictures_of`.

    Parameters
    ----------
    images
        As for `pictures_of`. An array with the network's height, width and channels, or a stack of
        them, is used unchanged; `prepared_input` converts all other pictures.
    pictures, shape
        As for `lenet.pictures.network_input.network_input`.
    """
    channels, height, width = shape
    for one in _each(images):
        stack = _stack(one, (height, width) if channels == 1 else None)
        if stack is not None and stack.shape[1:] == array_shape(shape):
            yield [NetworkInput(image) for image in stack]
        else:
            decoded = _decoded(one) if stack is None else stack
            yield from ([prepared_input(image, pictures, shape)] for image in decoded)


def pictures_of(images: PictureLike | Iterable[PictureLike]) -> Iterator[Images]:
    """Decode pictures one by one, in order.

    Parameters
    ----------
    images
        One picture or many. `lenet.pictures.arrays.as_stack` says which arrays and tensors are one
        picture and which are stacks. A file with several pages gives a picture for each
        (`lenet.pictures.pages`); a Pillow image is one picture, its current frame. Open files are
        binary; they are read from their start, and stay open.

    Yields
    ------
    uint8 ``[height, width]`` or ``[height, width, 3]``.

    Raises
    ------
    ImageError
        A file cannot be read as an image.
    LenetError
        An object is not a picture, or an array has the wrong dtype, range or shape.

    Warns
    -----
    UserWarning
        Frames of an animation were left out.
    """
    for one in _each(images):
        stack = _stack(one, None)
        yield from _decoded(one) if stack is None else stack


def is_one_picture(images: object, shape: tuple[int, ...]) -> bool:
    """Return whether `images` is one picture or file, and neither a stack nor an iterable.

    Parameters
    ----------
    shape
        Channels, height and width of the network, as for `network_inputs`.

    Examples
    --------
    >>> sheet = np.zeros((28, 28), np.uint8)
    >>> [is_one_picture(one, (1, 28, 28)) for one in ("3.jpg", sheet, [sheet], sheet[None])]
    [True, True, False, False]
    """
    if not _is_single(images) and isinstance(images, Iterable):
        return False
    channels, height, width = shape
    stack = _stack(images, (height, width) if channels == 1 else None)
    if stack is None:
        return True
    dimensions: tuple[int, ...] = tuple(cast("Any", images).shape)
    if len(dimensions) != 3:
        return len(dimensions) == 2
    # An array [1, height, width] is a stack; a tensor of that shape is one grey picture.
    return len(stack) == 1 and (dimensions[0] != 1 or is_tensor(images))


def _each(images: object) -> Iterator[object]:
    if _is_single(images):
        yield images
    elif isinstance(images, Iterable):
        yield from cast("Iterable[object]", images)
    else:
        yield images


def _is_single(images: object) -> bool:
    """Return True for an object that can be iterated over and is yet one picture, or one array."""
    single = np.ndarray | str | bytes | bytearray | memoryview | Image.Image
    return isinstance(images, single) or _is_array(images) or hasattr(images, "read")


def _stack(image: object, own: tuple[int, int] | None) -> Images | None:
    """Return an array or a tensor as a stack of pictures; None for other objects."""
    if is_tensor(image):
        return as_stack(tensor_to_array(image), tensor=True, own=own)
    if _is_array(image):
        return as_stack(np.asarray(image), tensor=False, own=own)
    return None


def _is_array(image: object) -> bool:
    """Return True for an array of any library, but not for a single number."""
    return hasattr(image, "__array__") and not isinstance(image, np.generic)


def _decoded(image: object) -> Iterator[Images]:
    match image:
        case str() | PathLike():
            yield from _pages(Path(cast("str", image)), "")
        case bytes() | bytearray() | memoryview():
            yield from _pages(BytesIO(cast("bytes", image)), "the picture")
        case Image.Image():
            yield read_opened(image)
        case _ if hasattr(image, "read"):
            file = cast("IO[Any]", image)
            name = getattr(file, "name", None)
            name = name if isinstance(name, str) else "the picture"
            yield from _pages(_binary(file, name), name)
        case _:
            raise LenetError(f"{type(image).__name__} is not a picture; {ACCEPTED}")


def _binary(file: IO[Any], name: str) -> BinaryIO:
    """Return a binary file with random access; `LenetError` if it is opened as text or closed."""
    try:
        if file.seekable():
            file.seek(0)
            if isinstance(file.read(1), bytes):
                return cast("BinaryIO", file)
        elif isinstance(head := file.read(1), bytes):  # a pipe, or an answer from the network
            return BytesIO(read_all(cast("RawIOBase", file), head, name))
    except UnicodeDecodeError:  # text, which an image is not
        pass
    except (OSError, ValueError) as error:
        raise ImageError(f"{name}: cannot be read ({error})") from error
    raise LenetError(f"{name} is opened as text; open it with mode 'rb'")


def _pages(file: Path | BinaryIO, name: str) -> Iterator[Images]:
    for page in read_pages(file, name):
        if page.notice is not None:
            warnings.warn(
                f"{page_name(name or str(file), page.number)}: {page.notice}", stacklevel=2
            )
        if isinstance(page.result, ImageError):
            raise page.result
        yield page.result
