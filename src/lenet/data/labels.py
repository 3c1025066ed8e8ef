"""Makes names of classes from arrays of labels: numbers, texts, or one-hot rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.data.class_names import class_name
from lenet.errors import LenetError


def names_of(labels: NDArray[Any], source: str) -> list[str]:
    """Return the class name of each label.

    Whole numbers, also as floats, are their own names. A text is a name. A row of zeros with a
    single one stands for the number of its place. Labels may be a column, as MedMNIST has them.

    Raises
    ------
    LenetError
        There is not one label an image, or a label is none of these.

    Examples
    --------
    >>> names_of(np.array([[0, 1, 0], [1, 0, 0]]), "x.npz"), names_of(np.array([3.0]), "x.npz")
    (['1', '0'], ['3'])
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    elif labels.ndim == 2 and labels.dtype.kind in "iufb" and _one_hot(labels):
        labels = labels.argmax(axis=1)
    if labels.ndim != 1:
        raise LenetError(
            f"{source}: labels must be one number an image, not of shape {labels.shape}"
        )
    if labels.dtype.kind == "S":
        try:
            labels = np.char.decode(labels, "utf-8")
        except UnicodeDecodeError as error:
            raise LenetError(f"{source}: the labels are bytes, but no UTF-8 text") from error
    if labels.dtype.kind == "U":
        cleaned = {name: class_name(name, source) for name in np.unique(labels).tolist()}
        return [cleaned[name] for name in labels.tolist()]
    if labels.dtype.kind not in "iuf" or not np.all(
        np.isfinite(labels) & (labels == np.trunc(labels))
    ):
        raise LenetError(f"{source}: labels must be whole numbers or texts, not {labels.dtype}")
    return [str(int(label)) for label in labels.tolist()]


def _one_hot(labels: NDArray[Any]) -> bool:
    ones = labels == 1
    return bool(np.all(ones | (labels == 0)) and np.all(np.count_nonzero(ones, axis=1) == 1))
