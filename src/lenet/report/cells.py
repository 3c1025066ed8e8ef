"""Chooses the test images to show for each cell of a confusion matrix."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.evaluation import Evaluation

MOST_WRONG = 60
"""Images shown of a cell off the diagonal: those of highest confidence."""
MOST_CORRECT = 12
"""Images shown of a cell on the diagonal: those of lowest confidence."""

Cell = tuple[int, int]
"""The indices of the true class and of the answer."""


@dataclass(frozen=True)
class Ranked:
    """The test images to show for the cells of a confusion matrix.

    Parameters
    ----------
    numbers
        int64 ``[images]``, indices in the test split: the first of every cell, then the second of
        every cell, and so on.
    cells
        The indices for each cell, in the order in which to show them.
    """

    numbers: NDArray[np.int64]
    cells: dict[Cell, list[int]]


def ranked(evaluation: Evaluation) -> Ranked:
    """Choose the test images to show for each cell of the confusion matrix."""
    count = len(evaluation.classes)
    cell = evaluation.labels * count + evaluation.predictions
    # Ascending confidence for correct answers, descending confidence for mistakes.
    key = np.where(evaluation.correct, evaluation.confidence, -evaluation.confidence)
    order = np.lexsort((key, cell))
    _, starts, sizes = np.unique(cell[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    kept = rank < np.where(evaluation.correct[order], MOST_CORRECT, MOST_WRONG)
    numbers, rank = order[kept], rank[kept]
    cells: dict[Cell, list[int]] = {}
    for number in numbers.tolist():
        place = (int(evaluation.labels[number]), int(evaluation.predictions[number]))
        cells.setdefault(place, []).append(number)
    return Ranked(numbers[np.argsort(rank, kind="stable")], cells)


def worst(evaluation: Evaluation, most: int) -> list[int]:
    """Return the indices of at most `most` mistakes: the highest confidence first."""
    return evaluation.mistakes()[::-1][:most].tolist()


def least_confident(evaluation: Evaluation, most: int) -> list[int]:
    """Return the indices of at most `most` correct answers: the lowest confidence first."""
    correct = np.flatnonzero(evaluation.correct)
    return correct[np.argsort(evaluation.confidence[correct], kind="stable")][:most].tolist()
