"""Accuracy, confusion, precision and recall of a trained network on labelled images."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.engine.probabilities import probabilities
from lenet.errors import LenetError


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
        float32 ``[N, classes]``, see `lenet.engine.probabilities`.
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    scores: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    @cached_property
    def predictions(self) -> NDArray[np.int64]:
        """The answer to each image; probabilities may all be too small to tell."""
        return np.argmax(self.scores, axis=1)

    @property
    def accuracy(self) -> float:
        """Share of images named right."""
        return int(np.count_nonzero(self.predictions == self.labels)) / len(self.labels)

    @property
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
        predictions = self.predictions
        wrong = np.flatnonzero(predictions != self.labels)
        certainty = self.probabilities[wrong, predictions[wrong]]
        return wrong[np.argsort(certainty, kind="stable")]


def evaluate(artifact: Artifact, split: Split) -> Evaluation:
    """Let the network answer to all images of `split`.

    Raises
    ------
    LenetError
        The split's classes, size or channels are not the network's.
    """
    if split.classes != artifact.classes:
        raise LenetError(
            f"the network knows {_list(artifact.classes)}, the data {_list(split.classes)}"
        )
    scores = artifact.forward(split.images)
    return Evaluation(split.classes, split.labels, scores, probabilities(artifact.network, scores))


def _share(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None


def _list(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return f"{len(names)} classes ({shown}{', …' if len(names) > 4 else ''})"
