"""What a trained network's answers to labelled images are worth, and its confidence in them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.calibration.error import Reliability, reliability
from lenet.calibration.reject_curve import RejectCurve, reject_curve
from lenet.data import Split
from lenet.errors import LenetError
from lenet.evaluation.reject import rejected_for_error

HALF_PERCENT = 0.005
"""The error among the accepted answers for which Figure 10 of the 1998 paper counts rejections."""


@dataclass(frozen=True)
class ClassResult:
    """How one class fares.

    Precision is the share of right answers among those that named this class; recall is the
    share of this class's images that were named so. None where there is nothing to divide by.
    """

    name: str
    images: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Evaluation:
    """A network's answers to labelled images.

    Parameters
    ----------
    classes
        Class names.
    labels
        int64 ``[N]``, the truth.
    scores
        float32 ``[N, classes]``; the greatest is the answer.
    probabilities
        float32 ``[N, classes]``, see `lenet.calibration.calibration`.
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    scores: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    @cached_property
    def predictions(self) -> NDArray[np.int64]:
        """The answer to each image; probabilities may all be too small to tell."""
        return np.argmax(self.scores, axis=1)

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is right."""
        return self.predictions == self.labels

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of each answer: what a user sees of it, and what is rejected by."""
        return self.probabilities[np.arange(len(self.labels)), self.predictions]

    @property
    def accuracy(self) -> float:
        """Share of images named right."""
        return int(np.count_nonzero(self.right)) / len(self.labels)

    @cached_property
    def reliability(self) -> Reliability:
        """Accuracy beside confidence."""
        return reliability(self.confidence, self.right)

    @property
    def calibration_error(self) -> float:
        """The expected calibration error, 0 to 1."""
        return self.reliability.error

    @cached_property
    def reject_curve(self) -> RejectCurve:
        """What rejecting the answers of least confidence buys."""
        return reject_curve(self.confidence, self.right)

    @cached_property
    def rejected_at_half_percent(self) -> float | None:
        """Least share of these images to reject so that 0.5% of the other answers are wrong.

        As in Figure 10 of the 1998 paper the threshold is chosen on the images themselves, so that
        networks can be compared; which to reject the probability of the answer decides, where the
        paper takes the difference of the two largest outputs. None: no threshold achieves it.
        """
        return rejected_for_error(self.confidence, self.right, HALF_PERCENT)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """Counts ``[truth, prediction]``."""
        count = len(self.classes)
        flat = np.bincount(self.labels * count + self.predictions, minlength=count**2)
        return flat.reshape(count, count)

    @property
    def per_class(self) -> list[ClassResult]:
        """Precision and recall of each class."""
        table = self.confusion
        return [
            ClassResult(
                name,
                int(table[i].sum()),
                _share(table[i, i], table[:, i].sum()),
                _share(table[i, i], table[i].sum()),
            )
            for i, name in enumerate(self.classes)
        ]

    def mistakes(self) -> NDArray[np.int64]:
        """Numbers of the images named wrong, the least certain answers first."""
        wrong = np.flatnonzero(~self.right)
        return wrong[np.argsort(self.confidence[wrong], kind="stable")]


def evaluate(artifact: Artifact, split: Split) -> Evaluation:
    """Let the network answer to all images of `split`.

    Raises
    ------
    LenetError
        The split's classes, size or channels are not the network's, or its scores are no numbers.
    """
    if split.classes != artifact.classes:
        raise LenetError(
            f"the network knows {_list(artifact.classes)}, the data {_list(split.classes)}"
        )
    scores = artifact.forward(split.images)
    lost = int(np.count_nonzero(~np.isfinite(scores).all(axis=1)))
    if lost:
        raise LenetError(
            f"the network answers to {lost:,} of {len(scores):,} images with scores that are no "
            "numbers; train it again with a smaller --lr"
        )
    shares = artifact.calibration.probabilities(artifact.network, scores)
    return Evaluation(split.classes, split.labels, scores, shares)


def _share(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None


def _list(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return f"{len(names)} classes ({shown}{', …' if len(names) > 4 else ''})"
