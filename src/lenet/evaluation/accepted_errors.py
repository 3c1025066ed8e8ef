"""Counts the errors among the answers that a calibrated network accepts."""

from dataclasses import dataclass

import numpy as np

from lenet.calibration.calibration import Calibration
from lenet.calibration.interval import wilson_interval
from lenet.evaluation.metrics import Evaluation


@dataclass(frozen=True)
class Accepted:
    """The numbers of images, of accepted answers, and of wrong answers among the accepted."""

    images: int
    accepted: int
    wrong: int

    @property
    def rejected(self) -> float:
        """The share of the images that was rejected, 0 to 1."""
        return (self.images - self.accepted) / self.images

    @property
    def error(self) -> float | None:
        """The error rate among the accepted; None if none was accepted."""
        return self.wrong / self.accepted if self.accepted else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95% interval of `error`."""
        return wilson_interval(self.wrong, self.accepted) if self.accepted else None


def accepted(evaluation: Evaluation, calibration: Calibration, error: float) -> Accepted:
    """Count the answers that `calibration` accepts, and the wrong ones among them.

    Parameters
    ----------
    evaluation
        Its probabilities must come from this calibration.
    error
        The error rate to aim for (`Calibration.threshold`).

    Raises
    ------
    LenetError
        The calibration has no threshold for this error rate.
    """
    kept = ~calibration.rejected(evaluation.probabilities, error)
    wrong = np.count_nonzero(kept & ~evaluation.correct)
    return Accepted(len(kept), int(np.count_nonzero(kept)), int(wrong))
