"""Turns a network's scores into answers: the class, its probability, whether it is rejected."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import drawing
from lenet.calibration.calibration import Calibration, none_of_these
from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks.network import Network

ACCEPTED_ERROR = 0.01
"""The default error rate among the accepted answers."""

_TOP = 3


@dataclass(frozen=True)
class Answer:
    """A network's prediction for one picture.

    Parameters
    ----------
    label
        The most probable class, whether rejected or not.
    probability
        Its probability, 0 to 1.
    rejected
        True if the probability is below the threshold, if the picture is probably none of the
        classes, if all of it has one shade, or if it shows several digits.
    top
        The three most probable classes (all of them if there are fewer) with their probabilities,
        the most probable first.
    none
        The probability that the picture is none of the classes; None if the network has no class
        "none".
    several
        True if the picture shows several digits; the label is that of one. `lenet.read` reads all.

    Examples
    --------
    >>> import lenet, numpy
    >>> (answer,) = lenet.load("digits").predict(numpy.zeros((28, 28), numpy.uint8))
    >>> answer.rejected
    True
    """

    label: str
    probability: float
    rejected: bool
    top: tuple[tuple[str, float], ...]
    none: float | None
    several: bool = False

    def _repr_html_(self) -> str:
        sure = "not sure" if self.rejected else f"{self.label}, {self.probability:.1%}"
        return drawing.html_line(f"Answer: {sure}") + drawing.bars(self.top)

    def to_json(self, path: str | None) -> dict[str, Any]:
        """Return the object that ``lenet predict --json`` and the service give for the picture.

        Parameters
        ----------
        path
            The picture's name.
        """
        top = [{"label": label, "probability": round(value, 6)} for label, value in self.top]
        table: dict[str, Any] = {
            "path": path,
            **top[0],
            "rejected": self.rejected,
            "several": self.several,
            "top": top,
        }
        return table if self.none is None else {**table, "none": round(self.none, 6)}


def accepted_error(calibration: Calibration, asked: float | None) -> float | None:
    """Return the error rate to aim for among the accepted answers: what was asked, or the default.

    Parameters
    ----------
    asked
        A fraction above 0 and below 1: 0.005 is 0.5%, and 0.5 is 50%. None means `ACCEPTED_ERROR`,
        or the lowest error rate for which the network has a threshold if that is higher.

    Returns
    -------
    None if nothing was asked and the network has no thresholds.

    Raises
    ------
    LenetError
        `asked` is not between 0 and 1, or lower than any for which the network has a threshold.
    """
    fitted = calibration.thresholds
    if asked is None:
        return max(ACCEPTED_ERROR, fitted[0][0]) if fitted else None
    if not 0 < asked < 1:
        raise LenetError(f"an error rate lies between 0 and 1, {asked} does not")
    calibration.threshold(asked)
    return asked


def answers(
    network: Network,
    classes: tuple[str, ...],
    calibration: Calibration,
    scores: Floats,
    error: float | None,
    empty: NDArray[np.bool_],
    several: Sequence[bool] = (),
) -> list[Answer]:
    """Turn scores into answers.

    Parameters
    ----------
    scores
        float32 ``[N, classes]``.
    error
        The error rate to aim for, as `accepted_error` returns it.
    empty
        bool ``[N]``, True for pictures of one shade. They are rejected.
    several
        True for pictures of several digits, which are rejected; empty if there are none.
    """
    probabilities = calibration.probabilities(network, scores)
    rejected = calibration.rejected(probabilities, error) | empty
    crowded = several or [False] * len(scores)
    nones = none_of_these(probabilities)
    # Ranked by score: probabilities of a network trained by squared error are clipped and may tie.
    order = np.argsort(-scores, axis=1, kind="stable")[:, :_TOP]
    result: list[Answer] = []
    for row, best in enumerate(order):
        top = tuple((classes[k], float(probabilities[row, k])) for k in map(int, best))
        none = None if network.rubbish is None else float(nones[row])
        result.append(Answer(*top[0], bool(rejected[row] or crowded[row]), top, none, crowded[row]))
    return result
