"""What a network says to an image: a name, how sure it is, and whether that is sure enough."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.calibration.calibration import Calibration, none_of_these
from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks.network import Network

ACCEPTED_ERROR = 0.01
"""The share of wrong answers that is accepted where nobody says otherwise."""

_TOP = 3


@dataclass(frozen=True)
class Answer:
    """A network's answer to one image.

    Parameters
    ----------
    label
        The most probable class, whether rejected or not.
    probability
        Its probability, 0 to 1.
    rejected
        The network is not sure enough for the answer to be used, or the picture shows nothing: all
        of it has one shade.
    top
        The three most probable classes, or all where there are fewer, each with its probability.
    none
        The probability that the image is none of the classes; None if the network does not ask.
    """

    label: str
    probability: float
    rejected: bool
    top: tuple[tuple[str, float], ...]
    none: float | None


def accepted_error(calibration: Calibration, asked: float | None) -> float | None:
    """Return the share of wrong answers to accept: what was asked for, or the default.

    Parameters
    ----------
    asked
        A share above 0 and below 1. None: `ACCEPTED_ERROR`, or the least error that the network
        has a threshold for if that is greater; no limit if it has no thresholds at all.

    Raises
    ------
    LenetError
        A share is asked for that is none, or that the network has no threshold for.
    """
    fitted = calibration.thresholds
    if asked is None:
        return max(ACCEPTED_ERROR, fitted[0][0]) if fitted else None
    if not 0 < asked < 1:
        raise LenetError(f"a share of wrong answers lies between 0 and 1, {asked} does not")
    calibration.threshold(asked)
    return asked


def answers(
    network: Network,
    classes: tuple[str, ...],
    calibration: Calibration,
    scores: Floats,
    error: float | None,
    empty: NDArray[np.bool_],
) -> list[Answer]:
    """Turn scores ``[N, classes]`` into N answers.

    Parameters
    ----------
    error
        What `accepted_error` gave.
    empty
        bool ``[N]``, which images show nothing: these are rejected.
    """
    shares = calibration.probabilities(network, scores)
    rejected = calibration.rejected(shares, error) | empty
    nones = none_of_these(shares)
    # By score: probabilities of a network trained by squared error are clipped and may tie.
    order = np.argsort(-scores, axis=1, kind="stable")[:, :_TOP]
    result: list[Answer] = []
    for row, best in enumerate(order):
        top = tuple((classes[k], float(shares[row, k])) for k in map(int, best))
        none = None if network.rubbish is None else float(nones[row])
        result.append(Answer(*top[0], bool(rejected[row]), top, none))
    return result
