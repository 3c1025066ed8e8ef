"""Takes the arrays that Python code holds: a pair of images and labels."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lenet.data.found import Found, labelled_array
from lenet.data.labels import names_of
from lenet.errors import LenetError

NAME = "arrays"
SOURCE = "arrays in memory"
"""What a data set of arrays names as its source; no file holds it."""
_EXPECTED = "give (images, labels), two arrays of the same length"


def found_in_arrays(pair: object) -> Found:
    """Return a pair of arrays ``(images, labels)`` as what a reader found.

    Parameters
    ----------
    pair
        Images of the shapes that `lenet.data.image_shapes.upright` takes, uint8 or floats, or
        torch tensors; labels as for `lenet.data.labels.names_of`.

    Raises
    ------
    LenetError
        It is no pair, an array has the wrong shape or type, or there is not one label an image.

    Examples
    --------
    >>> found = found_in_arrays((np.zeros((2, 28, 28), np.uint8), ["cat", "dog"]))
    >>> found.parts["train"].names
    ['cat', 'dog']
    """
    parts = _parts(pair)
    if len(parts) != 2:
        raise LenetError(f"{type(pair).__name__} is no data to train on; {_EXPECTED}")
    images, labels = (_array(part) for part in parts)
    if images.dtype.kind not in "biuf":
        raise LenetError(f"images must be numbers, not {images.dtype}; {_EXPECTED}")
    names = names_of(labels, SOURCE)
    return Found(NAME, SOURCE, {"train": labelled_array(images, names, "train", SOURCE)})


def _parts(pair: object) -> list[object]:
    return list(cast("list[object]", pair)) if isinstance(pair, tuple | list) else []


def _array(value: object) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:  # unequal rows, a GPU's tensor
        raise LenetError(f"the arrays cannot be read ({error}); {_EXPECTED}") from error
    if array.dtype.kind == "O":  # pandas keeps texts as objects
        if not all(isinstance(one, str) for one in cast("list[object]", array.ravel().tolist())):
            raise LenetError(f"an array holds objects instead of numbers or texts; {_EXPECTED}")
        array = array.astype(str)
    return array
