"""Which test images stand behind each cell of a confusion matrix, and which of them to show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.evaluation import Evaluation

MOST_WRONG = 60
"""So many images of a cell off the diagonal are shown: the most certain ones, the worst."""
MOST_RIGHT = 12
"""So many of a cell on the diagonal: the least certain ones."""

Cell = tuple[int, int]
"""``(truth, answer)``, places of classes."""


@dataclass(frozen=True)
class Ranked:
    """Images to show, the first of every cell before the second of any.

    Parameters
    ----------
    numbers
        int64 ``[images]``, places in the test split.
    cells
        The numbers of each cell, in the order in which to show them.
    """

    numbers: NDArray[np.int64]
    cells: dict[Cell, list[int]]


def ranked(evaluation: Evaluation) -> Ranked:
    """Choose the images of each cell that are most worth looking at."""
    count = len(evaluation.classes)
    cell = evaluation.labels * count + evaluation.predictions
    # Right ones from the least certain on, wrong ones from the most certain on.
    worth = np.where(evaluation.right, evaluation.confidence, -evaluation.confidence)
    order = np.lexsort((worth, cell))
    _, starts, sizes = np.unique(cell[order], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    kept = rank < np.where(evaluation.right[order], MOST_RIGHT, MOST_WRONG)
    numbers, rank = order[kept], rank[kept]
    cells: dict[Cell, list[int]] = {}
    for number in numbers.tolist():
        place = (int(evaluation.labels[number]), int(evaluation.predictions[number]))
        cells.setdefault(place, []).append(number)
    return Ranked(numbers[np.argsort(rank, kind="stable")], cells)


def worst(evaluation: Evaluation, most: int) -> list[int]:
    """Return the wrong answers that were most certain, the worst first."""
    return evaluation.mistakes()[::-1][:most].tolist()


def least_sure(evaluation: Evaluation, most: int) -> list[int]:
    """Return the right answers that were least certain, the least certain first."""
    right = np.flatnonzero(evaluation.right)
    return right[np.argsort(evaluation.confidence[right], kind="stable")][:most].tolist()
