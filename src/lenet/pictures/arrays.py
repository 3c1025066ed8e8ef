"""Converts arrays and tensors to stacks of pictures: which dimension is what."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.errors import LenetError
from lenet.pictures.image import read_opened, to_colour
from lenet.pictures.pixel_range import to_levels
from lenet.pictures.types import Images

ACCEPTED = (
    "give arrays of pixels from 0 to 255 or from 0 to 1, or of uint16, of shape [height, width], "
    "[height, width, channels], [N, height, width] or [N, height, width, channels] with 1 to 4 "
    "channels, torch tensors, paths, open files, bytes, Pillow images, or an iterable of these"
)

_REMEDY = "give uint8 for pixels from 0 to 255, or divide by the value of white"

_CHANNELS = (1, 2, 3, 4)  # grey, grey and alpha, colour, colour and alpha
_TRANSPARENT = (2, 4)


def is_tensor(value: object) -> bool:
    """Return True for a torch tensor, without importing torch."""
    return all(hasattr(value, name) for name in ("detach", "cpu", "numpy"))


def tensor_to_array(tensor: Any) -> NDArray[Any]:
    """Return the values of a torch tensor, on any device, as an array."""
    values = tensor.detach().cpu()
    try:
        return np.asarray(values.numpy())
    except TypeError:  # bfloat16, which NumPy lacks
        return np.asarray(values.float().numpy())


def as_stack(array: NDArray[Any], tensor: bool, own: tuple[int, int] | None) -> Images:
    """Convert an array to a stack of pictures.

    Parameters
    ----------
    array
        Pixels, whose range `lenet.pictures.pixel_range` finds. Two dimensions are one grey
        picture. Three are one picture if the last has 1 to 4 elements, which are its channels;
        otherwise they are a stack of grey pictures. Four are a stack, with channels last or, if
        only that fits, channels first.
    tensor
        True for torch's order: three dimensions are one picture if the first has 1 to 4 elements,
        and channels come first in a stack.
    own
        The network's height and width: ``[n, height, width]`` of these is a stack of grey pictures
        for a tensor too, unless it is a grey picture stored as three equal channels.

    Returns
    -------
    uint8 ``[N, height, width]`` or ``[N, height, width, 3]``; pictures with alpha are put on a
    background.

    Raises
    ------
    LenetError
        The array has the wrong dtype, range or shape.
    """
    if array.dtype.kind not in "fiub":
        raise LenetError(f"an array of {array.dtype} holds no pictures; {ACCEPTED}")
    pixels = _channels_last(array, tensor, own)
    if pixels is None or 0 in pixels.shape[1:]:
        raise LenetError(f"an array of shape {list(array.shape)} holds no pictures; {ACCEPTED}")
    stack = to_levels([pixels], "an array", remedy=_REMEDY)[0]
    if stack.ndim == 4 and stack.shape[3] == 1:
        return stack[..., 0]
    if stack.ndim == 4 and stack.shape[3] in _TRANSPARENT and len(stack):
        return np.stack([to_colour(one) for one in opaque(stack)])
    return stack


def opaque(stack: Images) -> list[Images]:
    """Return the pictures of a stack; those with a channel of alpha are put on a background."""
    if stack.ndim == 3 or stack.shape[3] not in _TRANSPARENT:
        return list(stack)
    return [read_opened(Image.fromarray(np.ascontiguousarray(one))) for one in stack]


def _channels_last(
    array: NDArray[Any], tensor: bool, own: tuple[int, int] | None
) -> NDArray[Any] | None:
    """Return ``[N, H, W]`` or ``[N, H, W, C]``; None if the array is neither."""
    shape = array.shape
    if array.ndim == 2:
        return array[None]
    if array.ndim == 3:
        if not tensor:
            return array[None] if shape[2] in _CHANNELS else array
        if shape[1:] == own:  # several grey pictures, or a grey one stored as colour
            is_grey = shape[0] == 3 and (array == array[:1]).all()
            return array[:1] if is_grey else array
        return np.moveaxis(array, 0, 2)[None] if shape[0] in _CHANNELS else array
    if array.ndim == 4:
        first, last = shape[1] in _CHANNELS, shape[3] in _CHANNELS
        if first and (tensor or not last):
            return np.moveaxis(array, 1, 3)
        return array if last else None
    return None
