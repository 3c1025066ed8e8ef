"""Gives the most probable classes instead of all scores: Triton's classification extension.

The extension: triton-inference-server/server, ``docs/protocol/extension_classification.md``. Its
clients ask for it with ``class_count``.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.exceptions import HTTPException


def class_count(parameters: dict[str, Any], name: str, array: NDArray[Any]) -> int | None:
    """Return how many classes of an output are asked for; None if it is wanted as it is.

    Raises
    ------
    HTTPException
        The number is none, or the output has no value for each class (400).
    """
    count: object = parameters.get("classification")
    if count is None:
        return None
    if type(count) is not int or count < 1:
        raise HTTPException(
            400, f"{name}: classification must be a whole number above 0, the number of classes"
        )
    if array.dtype.kind != "f":
        raise HTTPException(
            400, f"{name}: classification is for scores and probabilities; {name} has no numbers"
        )
    return count


def best_classes(values: NDArray[Any], classes: tuple[str, ...], count: int) -> NDArray[Any]:
    """Return for each image its `count` greatest values, as texts ``value:index:label``.

    Parameters
    ----------
    values
        float32 ``[N, classes]``.

    Returns
    -------
    ``str`` ``[N, count]``, the greatest value first; all classes if `count` is greater.

    Examples
    --------
    >>> best_classes(np.array([[0.2, 0.7, 0.1]]), ("cat", "dog", "hen"), 2).tolist()
    [['0.700000:1:dog', '0.200000:0:cat']]
    """
    order = np.argsort(-values, axis=1, kind="stable")[:, :count]
    rows = [
        [f"{values[row, k]:f}:{k}:{classes[k]}" for k in map(int, best)]
        for row, best in enumerate(order)
    ]
    return np.array(rows)
