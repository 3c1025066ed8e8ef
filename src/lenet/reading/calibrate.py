"""Fits a reader's temperature and rejection thresholds, on held-out number images.

The reader must not have been trained on these images.
"""

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
from lenet.reading.reader import log_probabilities_at, scores_of

# A hundred strings can be read too well by chance, and then the temperature comes out too low. On
# 432 other strings, four pairs of networks were as accurate as their confidence at a temperature
# of 0.67 (docs/lab/reader.md), so a lower one is not accepted.
_COLDEST, _HOTTEST = 0.67, 8.0

Number = tuple[Images | None, str]
"""The ink of a number image (`lenet.pictures.field`), None if it has none, and its digits."""


def calibrate_reader(reader: Artifact, numbers: Sequence[Number]) -> Calibration:
    """Return the temperature and the rejection thresholds for a reader.

    The temperature makes the mean confidence equal to the share of strings that are read correctly.
    A fit by maximum likelihood, as for single images (`lenet.calibration.fit.fit_temperature`),
    would depend on few strings: of a hundred labelled amounts some have a wrong label.

    A few hundred strings are too few to count one error in a hundred. So the thresholds rest on the
    expected error, the mean of ``1 - confidence`` over the accepted strings.

    Parameters
    ----------
    numbers
        Labelled number images. Those without ink are left out.
    """
    scored = [(scores_of(reader, ink), digits) for ink, digits in numbers if ink is not None]
    temperature = _temperature(scored)
    confidence = [_read(members, temperature)[1] for members, _ in scored]
    return Calibration(temperature, _thresholds(np.array(confidence)))


def _read(scores: list[Floats], temperature: float) -> tuple[str, float]:
    return read_string([log_probabilities_at(temperature, one) for one in scores])


def _thresholds(confidence: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Return `Calibration.thresholds`: pairs of an error rate and the least confidence for it.

    Parameters
    ----------
    confidence
        ``[N]``, calibrated: of the strings with confidence c, a share of c is correct.
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
    """Find the temperature by bisection: a higher one gives a lower confidence."""
    low, high = log(_COLDEST), log(_HOTTEST)
    while high - low > 0.01:
        middle = (low + high) / 2
        excess = 0.0
        for scores, digits in scored:
            text, confidence = _read(scores, exp(middle))
            excess += confidence - (text == digits)
        low, high = (middle, high) if excess > 0 else (low, middle)
    return exp((low + high) / 2)
