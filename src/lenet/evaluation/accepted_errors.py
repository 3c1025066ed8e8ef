"""What is left when a calibrated network rejects what it is not sure of."""

from dataclasses import dataclass

import numpy as np

from lenet.calibration.calibration import Calibration
from lenet.calibration.interval import wilson_interval
from lenet.evaluation.metrics import Evaluation


@dataclass(frozen=True)
class Accepted:
    """How many of `images` were accepted, and how many of those were wrong."""

    images: int
    accepted: int
    wrong: int

    @property
    def rejected(self) -> float:
        """Share of the images rejected, 0 to 1."""
        return (self.images - self.accepted) / self.images

    @property
    def error(self) -> float | None:
        """Share of wrong answers among the accepted; None where there are none."""
        return self.wrong / self.accepted if self.accepted else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95% interval of `error`."""
        return wilson_interval(self.wrong, self.accepted) if self.accepted else None


def accepted(evaluation: Evaluation, calibration: Calibration, error: float) -> Accepted:
    """Count what `calibration` accepts of the evaluated answers.

    Parameters
    ----------
    evaluation
        With the probabilities that this calibration made.
    error
        The share of wrong answers that is tolerable, see `Calibration.threshold`.

    Raises
    ------
    LenetError
        The calibration has no threshold for such an error.
    """
    kept = ~calibration.rejected(evaluation.probabilities, error)
    wrong = np.count_nonzero(kept & ~evaluation.right)
    return Accepted(len(kept), int(np.count_nonzero(kept)), int(wrong))
