"""Make a reader's confidence mean something, by fields that it did not learn from."""

from collections.abc import Sequence
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.calibration.fit import ERRORS
from lenet.engine.checks import Floats
from lenet.pictures.types import Images
from lenet.reading.decoder import read_string
from lenet.reading.reader import scores_of, tempered

# A hundred strings can be read too well by chance. What four pairs of networks said of 432 others
# was right as often as they said at 0.67 (docs/reading_tried.md): nothing colder is believed.
_COLDEST, _HOTTEST = 0.67, 8.0

Number = tuple[Images | None, str]
"""The ink of a field, None where a picture shows none, and the digits that it says."""


def calibrate_reader(reader: Artifact, numbers: Sequence[Number]) -> Calibration:
    """Fit a temperature and thresholds.

    The temperature, by which each column's scores are divided, makes the mean confidence the share
    of strings that are read right. (To make the right strings the likeliest, as
    `lenet.calibration.fit.fit_temperature` does for single images, would let a few decide: of
    a hundred labelled amounts some are labelled wrong, and are read otherwise for good reason.) A
    few hundred strings are too few to count one error in a hundred among them; so a threshold is
    where the mean of ``1 - confidence`` of what is accepted comes down to the error asked for.

    Parameters
    ----------
    numbers
        Those that show no ink take no part.
    """
    scored = [(scores_of(reader, ink), digits) for ink, digits in numbers if ink is not None]
    temperature = _temperature(scored)
    confidence = [
        read_string([tempered(one, temperature) for one in views])[1] for views, _ in scored
    ]
    return Calibration(temperature, thresholds(np.array(confidence)))


def thresholds(confidence: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Return pairs ``(error, least confidence)``, as `Calibration.thresholds` has them.

    Parameters
    ----------
    confidence
        ``[N]``, calibrated: the share of right ones among those of confidence c is c.
    """
    falling = np.sort(confidence)[::-1]
    expected = np.cumsum(1 - falling) / np.arange(1, len(falling) + 1)
    pairs: list[tuple[float, float]] = []
    for error in ERRORS:
        enough = np.flatnonzero(expected <= error)
        if len(enough):
            pairs.append((error, float(falling[enough[-1]])))
        if len(enough) == len(falling):
            break
    return tuple(pairs)


def _temperature(scored: list[tuple[list[Floats], str]]) -> float:
    """Search by halves: the hotter, the less sure."""
    low, high = log(_COLDEST), log(_HOTTEST)
    while high - low > 0.01:
        middle = (low + high) / 2
        read = [
            (read_string([tempered(one, exp(middle)) for one in views]), digits)
            for views, digits in scored
        ]
        too_sure = sum(confidence - (text == digits) for (text, confidence), digits in read)
        low, high = (middle, high) if too_sure > 0 else (low, middle)
    return exp((low + high) / 2)
