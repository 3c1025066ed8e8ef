"""What a network's probabilities are worth: a temperature, and from which on to believe it.

Fitted on images that neither trained the network nor test it (`lenet.calibration.fit`), and
kept in the artifact.
"""

from dataclasses import dataclass
from math import isfinite
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.engine.probabilities import probabilities, softmax
from lenet.errors import LenetError
from lenet.networks.network import Network


@dataclass(frozen=True)
class Calibration:
    """How sure a network may be.

    Parameters
    ----------
    temperature
        Scores are divided by it before they become probabilities (Guo, Pleiss, Sun, Weinberger,
        "On Calibration of Modern Neural Networks", ICML 2017, section 4.2). None: not fitted, the
        network's probabilities stay as its loss makes them.
    thresholds
        Pairs ``(error, least probability)``, errors rising, probabilities not: of the answers whose
        probability is at least so much, a share of at most `error` is expected to be wrong.
    most_none
        The greatest probability of "none of the classes" with which an image is still answered;
        None: images are not asked whether they are any of the classes.

    Raises
    ------
    LenetError
        Values that mean nothing.
    """

    temperature: float | None = None
    thresholds: tuple[tuple[float, float], ...] = ()
    most_none: float | None = None

    def __post_init__(self) -> None:
        errors = [error for error, _ in self.thresholds]
        least = [probability for _, probability in self.thresholds]
        # Scores are float32; beyond these bounds dividing them would make infinities of them.
        if self.temperature is not None and not 1e-6 <= self.temperature <= 1e6:
            raise LenetError(
                f"a temperature is a positive number, 1e-6 to 1e6, not {self.temperature}"
            )
        if errors != sorted(set(errors)) or not all(0 < error < 1 for error in errors):
            raise LenetError("thresholds must be for rising errors between 0 and 1")
        if least != sorted(least, reverse=True) or not all(0 <= one <= 1 for one in least):
            raise LenetError("thresholds must be probabilities that do not rise with the error")
        if self.most_none is not None and not 0 <= self.most_none <= 1:
            raise LenetError(
                f"the greatest probability of none of the classes is 0 to 1, not {self.most_none}"
            )

    def probabilities(self, network: Network, scores: Floats) -> Floats:
        """Turn scores ``[N, classes]`` into probabilities, float32, of the same shape."""
        if self.temperature is None:
            return probabilities(network, scores)
        warmth = np.float32(self.temperature)
        rubbish = None if network.rubbish is None else network.rubbish / self.temperature
        return softmax(scores / warmth, rubbish)

    def threshold(self, error: float) -> float:
        """Return the least probability to accept so that few of the accepted answers are wrong.

        Parameters
        ----------
        error
            The share of wrong answers that is tolerable, 0 to 1. Between two of the errors that
            were fitted the stricter one counts.

        Raises
        ------
        LenetError
            Nothing was fitted for so small an error.
        """
        fitted = [least for most, least in self.thresholds if most <= error]
        if not self.thresholds:
            raise LenetError(
                "the network does not know when to reject an image; train it with images held out "
                "for that: lenet train --validation 0.1"
            )
        if not fitted:
            raise LenetError(
                f"the network has no threshold for so small an error as {100 * error:g}%; its "
                f"smallest is {100 * self.thresholds[0][0]:g}%, and smaller ones take more images "
                "held out in training"
            )
        return fitted[-1]

    def rejected(self, shares: Floats, error: float | None) -> NDArray[np.bool_]:
        """Tell which images to leave unanswered: bool ``[N]``.

        Probabilities that are no numbers are never accepted.

        Parameters
        ----------
        shares
            float32 ``[N, classes]``, what `probabilities` gave.
        error
            See `threshold`; None accepts every answer that is not "none of the classes".

        Raises
        ------
        LenetError
            See `threshold`.
        """
        unsure: NDArray[np.bool_] = np.isnan(shares.sum(axis=1))
        if self.most_none is not None:
            unsure = unsure | (none_of_these(shares) > self.most_none)
        if error is not None:
            unsure = unsure | (shares.max(axis=1) < self.threshold(error))
        return unsure

    def to_json(self) -> dict[str, Any]:
        """Return plain values that `from_json` reads back."""
        return {
            "temperature": self.temperature,
            "thresholds": [list(pair) for pair in self.thresholds],
            "most_none": self.most_none,
        }

    @classmethod
    def from_json(cls, value: object) -> "Calibration":
        """Build from plain values; anything else than `to_json` gives is a `LenetError`."""
        table = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        if set(table) != {"temperature", "thresholds", "most_none"}:
            raise LenetError("calibration must hold 'temperature', 'thresholds' and 'most_none'")
        pairs = table["thresholds"]
        if not isinstance(pairs, list) or not all(map(_is_pair, cast("list[object]", pairs))):
            raise LenetError("calibration 'thresholds' must be a list of pairs of numbers")
        for key in ("temperature", "most_none"):
            if table[key] is not None and not _is_number(table[key]):
                raise LenetError(f"calibration {key!r} must be a number or null")
        return cls(
            table["temperature"],
            tuple(
                (float(error), float(least)) for error, least in cast("list[list[float]]", pairs)
            ),
            table["most_none"],
        )


UNCALIBRATED = Calibration()


def none_of_these(shares: Floats) -> Floats:
    """Return the probability ``[N]`` that is left for none of the classes, 0 to 1.

    Parameters
    ----------
    shares
        ``[N, classes]``, what `Calibration.probabilities` gave.
    """
    return np.clip(1 - shares.sum(axis=1), 0, 1)


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(items := cast("list[object]", value)) == 2
        and all(map(_is_number, items))
    )


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return isfinite(value)
    except OverflowError:  # a whole number of more than 308 digits
        return False
