"""Turns scores into probabilities by a temperature, and rejects answers by thresholds.

`lenet.calibration.fit` fits temperature and thresholds on held-out images. They are saved with the
network.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.engine.probabilities import probabilities, softmax
from lenet.errors import LenetError
from lenet.networks.checks import is_finite
from lenet.networks.network import Network


@dataclass(frozen=True)
class Calibration:
    """How to compute probabilities from a network's scores, and which answers to reject.

    Parameters
    ----------
    temperature
        Divides the scores before they become probabilities (Guo, Pleiss, Sun, Weinberger, "On
        Calibration of Modern Neural Networks", ICML 2017, section 4.2). None: the probabilities are
        those of `lenet.engine.probabilities`.
    thresholds
        Pairs ``(error, probability)`` with rising errors: if answers of at least this probability
        are accepted, the error rate among them is expected to be at most `error`.
    most_none
        An image is rejected if its probability of "none" (1 minus the sum of its row) is above this
        number. None: no image is rejected for this reason.

    Raises
    ------
    LenetError
        A value is out of range, or the thresholds are not in order.

    Examples
    --------
    >>> calibration = Calibration(thresholds=((0.01, 0.95), (0.1, 0.6)))
    >>> calibration.threshold(0.05)  # the one for 1%, because the one for 10% is too low
    0.95
    >>> probabilities = np.array([[0.97, 0.03], [0.3, 0.7]], np.float32)
    >>> calibration.rejected(probabilities, 0.05).tolist()
    [False, True]
    """

    temperature: float | None = None
    thresholds: tuple[tuple[float, float], ...] = ()
    most_none: float | None = None

    def __post_init__(self) -> None:
        errors = [error for error, _ in self.thresholds]
        least = [probability for _, probability in self.thresholds]
        # Scores are float32: a quotient by a number beyond these bounds could be infinite.
        if self.temperature is not None and not 1e-6 <= self.temperature <= 1e6:
            raise LenetError(
                f"a temperature is a positive number from 1e-6 to 1e6, not {self.temperature}"
            )
        if errors != sorted(set(errors)) or not all(0 < error < 1 for error in errors):
            raise LenetError("thresholds must be for rising errors between 0 and 1")
        if least != sorted(least, reverse=True) or not all(0 <= one <= 1 for one in least):
            raise LenetError("thresholds must be probabilities that do not rise with the error")
        if self.most_none is not None and not 0 <= self.most_none <= 1:
            raise LenetError(f"most_none is a probability from 0 to 1, not {self.most_none}")

    def probabilities(self, network: Network, scores: Floats) -> Floats:
        """Convert scores ``[N, classes]`` to probabilities, float32, of the same shape."""
        if self.temperature is None:
            return probabilities(network, scores)
        temperature = np.float32(self.temperature)
        rubbish = None if network.rubbish is None else network.rubbish / self.temperature
        return softmax(scores / temperature, rubbish)

    def threshold(self, error: float) -> float:
        """Return the lowest probability to accept for an error rate among the accepted.

        Parameters
        ----------
        error
            The error rate, 0 to 1. Between two fitted error rates the lower one counts.

        Raises
        ------
        LenetError
            There is no threshold for this error rate or a lower one.
        """
        fitted = [probability for one, probability in self.thresholds if one <= error]
        if not self.thresholds:
            raise LenetError(
                "the network does not know when to reject an image; train it with images held out "
                "for that: lenet train --validation 0.1"
            )
        if not fitted:
            raise LenetError(
                f"the network has no threshold for an error rate of {100 * error:g}%; its smallest "
                f"is {100 * self.thresholds[0][0]:g}%, and a smaller one needs more images held "
                "out in training"
            )
        return fitted[-1]

    def rejected(self, probabilities: Floats, error: float | None) -> NDArray[np.bool_]:
        """Return which images to reject, bool ``[N]``.

        An image is rejected if a probability is NaN, if its probability of "none" (1 minus the sum
        of its row) is above `most_none`, or if its highest probability is below the threshold for
        `error`.

        Parameters
        ----------
        probabilities
            float32 ``[N, classes]``, as the method `probabilities` returns them.
        error
            As for `threshold`. None: no threshold is applied.

        Raises
        ------
        LenetError
            There is no threshold for `error`.
        """
        rejected: NDArray[np.bool_] = np.isnan(probabilities.sum(axis=1))
        if self.most_none is not None:
            rejected = rejected | (none_of_these(probabilities) > self.most_none)
        if error is not None:
            rejected = rejected | (probabilities.max(axis=1) < self.threshold(error))
        return rejected

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back."""
        return {
            "temperature": self.temperature,
            "thresholds": [list(pair) for pair in self.thresholds],
            "most_none": self.most_none,
        }

    @classmethod
    def from_json(cls, value: object) -> "Calibration":
        """Build from plain values; values that `to_json` does not return are a `LenetError`."""
        table = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        if set(table) != {"temperature", "thresholds", "most_none"}:
            raise LenetError("calibration must hold 'temperature', 'thresholds' and 'most_none'")
        pairs = table["thresholds"]
        if not isinstance(pairs, list) or not all(map(_is_pair, cast("list[object]", pairs))):
            raise LenetError("calibration 'thresholds' must be a list of pairs of numbers")
        for key in ("temperature", "most_none"):
            if table[key] is not None and not is_finite(table[key]):
                raise LenetError(f"calibration {key!r} must be a number or null")
        thresholds = ((float(error), float(least)) for error, least in cast("list[Any]", pairs))
        return cls(table["temperature"], tuple(thresholds), table["most_none"])


UNCALIBRATED = Calibration()


def none_of_these(probabilities: Floats) -> Floats:
    """Return the probability of "none", ``[N]``: 1 minus the sum of each image's row."""
    return np.clip(1 - probabilities.sum(axis=1), 0, 1)


def _is_pair(value: object) -> bool:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return len(items) == 2 and all(map(is_finite, items))
