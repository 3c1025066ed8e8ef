"""Holds the parameters of a network in training."""

from collections.abc import Mapping

import numpy as np

from lenet.engine.checks import Floats


class Weights:
    """Parameters by name, in arrays that training changes in place.

    Examples
    --------
    >>> weights = Weights({"fc1.bias": np.zeros(2, np.float32)})
    >>> weights.arrays()["fc1.bias"] += 1
    >>> weights.are_finite(), weights.arrays()["fc1.bias"].tolist()
    (True, [1.0, 1.0])
    """

    def __init__(self, first: Mapping[str, Floats]) -> None:
        self._arrays = dict(first)

    def arrays(self) -> dict[str, Floats]:
        """Return the parameters; on the CPU they are the memory that training changes."""
        return self._arrays

    def load(self, values: Mapping[str, Floats]) -> None:
        """Change the parameters, in place, to `values`, which have the same names and shapes."""
        for name, value in values.items():
            self._arrays[name][...] = value

    def are_finite(self) -> bool:
        """Return whether no parameter is infinite or NaN."""
        return all(bool(np.isfinite(value).all()) for value in self.arrays().values())
