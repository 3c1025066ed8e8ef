"""Computes a network's metrics on labelled images: accuracy, confusion, confidence."""

from dataclasses import dataclass
from functools import cached_property
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from lenet import drawing
from lenet.artifact import Artifact
from lenet.calibration.error import Reliability, reliability
from lenet.calibration.reject_curve import RejectCurve, reject_curve
from lenet.data import Split
from lenet.errors import LenetError
from lenet.evaluation.reject import REJECT_ERROR, rejected_for_error

_MOST_ROWS = 20  # of the table that an evaluation shows itself as


@dataclass(frozen=True)
class ClassResult:
    """One class: the number of its images, its precision and recall; None if they are undefined."""

    name: str
    images: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True)
class Evaluation:
    """A network's answers to labelled images, and their metrics.

    Parameters
    ----------
    classes
        Class names.
    labels
        int64 ``[N]``, the true classes.
    scores
        float32 ``[N, classes]``; the answer is the class with the highest score.
    probabilities
        float32 ``[N, classes]``, calibrated (`lenet.calibration.calibration`).

    Examples
    --------
    >>> probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], np.float32)
    >>> labels = np.array([0, 1, 1])
    >>> result = Evaluation(("a", "b"), labels, np.log(probabilities), probabilities)
    >>> result.predictions.tolist(), round(result.accuracy, 3)
    ([0, 0, 1], 0.667)
    >>> result.mistakes().tolist()
    [1]
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    scores: NDArray[np.float32]
    probabilities: NDArray[np.float32]

    @cached_property
    def predictions(self) -> NDArray[np.int64]:
        """The answer to each image, by score: all probabilities of an image may round to 0."""
        return np.argmax(self.scores, axis=1)

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each answer is correct."""
        return self.predictions == self.labels

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of each answer."""
        return self.probabilities[np.arange(len(self.labels)), self.predictions]

    @property
    def accuracy(self) -> float:
        """The share of correct answers."""
        return int(np.count_nonzero(self.correct)) / len(self.labels)

    @cached_property
    def reliability(self) -> Reliability:
        """The reliability diagram: accuracy against confidence."""
        return reliability(self.confidence, self.correct)

    @property
    def calibration_error(self) -> float:
        """The expected calibration error, 0 to 1."""
        return self.reliability.error

    @cached_property
    def reject_curve(self) -> RejectCurve:
        """The error rate among the accepted answers, against the share of rejected answers."""
        return reject_curve(self.confidence, self.correct)

    @cached_property
    def rejected_at_half_percent(self) -> float | None:
        """The smallest share of these images to reject for an error rate of 0.5% among the others.

        The threshold is chosen on the images themselves, as in Figure 10 of the 1998 paper, so that
        networks can be compared. The paper rejects by the difference of the two largest outputs;
        here the confidence decides. None if no threshold reaches the error rate.
        """
        return rejected_for_error(self.confidence, self.correct, REJECT_ERROR)

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """The confusion matrix: counts ``[truth, prediction]``."""
        count = len(self.classes)
        flat = np.bincount(self.labels * count + self.predictions, minlength=count**2)
        return flat.reshape(count, count)

    @property
    def per_class(self) -> list[ClassResult]:
        """Precision and recall of each class."""
        table = self.confusion
        given, own = table.sum(axis=0), table.sum(axis=1)
        return [
            ClassResult(
                name, int(own[i]), _ratio(table[i, i], given[i]), _ratio(table[i, i], own[i])
            )
            for i, name in enumerate(self.classes)
        ]

    def _table(self) -> tuple[tuple[str, ...], list[list[str]]]:
        rows = [
            [row.name, f"{row.images:,}"]
            + ["–" if x is None else f"{x:.3f}" for x in (row.precision, row.recall)]
            for row in self.per_class[:_MOST_ROWS]
        ]
        return ("class", "images", "precision", "recall"), rows

    def _line(self) -> str:
        left = len(self.classes) - _MOST_ROWS
        return (f"and {left} more classes; " if left > 0 else "") + (
            f"accuracy {self.accuracy:.2%} on {len(self.labels):,} images, "
            f"expected calibration error {self.calibration_error:.2%}"
        )

    def __repr__(self) -> str:
        return f"{drawing.text_table(*self._table())}\n{self._line()}"

    def _repr_html_(self) -> str:
        return drawing.html_table(*self._table()) + drawing.html_line(self._line())

    def mistakes(self) -> NDArray[np.int64]:
        """Return the indices of the images with wrong answers, the least confident first."""
        wrong = np.flatnonzero(~self.correct)
        return wrong[np.argsort(self.confidence[wrong], kind="stable")]


def evaluate(artifact: Artifact, split: Split) -> Evaluation:
    """Compute the network's answers to all images of `split`.

    Classes are matched by name: the split may have them in another order, or only some of them.

    Raises
    ------
    LenetError
        The network does not fit the split's classes, size or channels, or its scores are infinite
        or NaN.

    Examples
    --------
    >>> import lenet
    >>> digits = lenet.load("digits")
    >>> blank = lenet.Split(np.zeros((2, 28, 28), np.uint8), np.array([1, 7]), digits.classes)
    >>> evaluate(digits, blank).confusion.shape
    (10, 10)
    """
    split = in_classes_of(artifact, split)
    scores = artifact.forward(split.images)
    lost = int(np.count_nonzero(~np.isfinite(scores).all(axis=1)))
    if lost:
        raise LenetError(
            f"the network's scores are infinite or NaN for {lost:,} of {len(scores):,} images; "
            "train it again with a smaller --lr"
        )
    probabilities = artifact.calibration.probabilities(artifact.network, scores)
    return Evaluation(split.classes, split.labels, scores, probabilities)


def in_classes_of(artifact: Artifact, split: Split) -> Split:
    """Return `split` with the classes of a network, matched by name.

    Raises
    ------
    LenetError
        The network does not know a class that has images.
    """
    if split.classes == artifact.classes:
        return split
    places = {normalize("NFC", name): place for place, name in enumerate(artifact.classes)}
    known = [places.get(normalize("NFC", name), -1) for name in split.classes]
    labels = np.array(known, np.int64)[split.labels]
    if labels.min() < 0:
        lost = split.classes[int(split.labels[int(labels.argmin())])]
        raise LenetError(
            f"the network knows {_list(artifact.classes)}, the data {_list(split.classes)}; "
            f"it does not know {lost!r}"
        )
    return Split(split.images, labels, artifact.classes)


def _ratio(part: np.int64, whole: np.int64) -> float | None:
    return float(part / whole) if whole else None


def _list(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return f"{len(names)} classes ({shown}{', …' if len(names) > 4 else ''})"
