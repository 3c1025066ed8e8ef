"""Computes the confusion matrix of a report: its cells, frequent confusions, and classes."""

import numpy as np
from numpy.typing import NDArray

from lenet.evaluation import Evaluation
from lenet.evaluation.metrics import ClassResult
from lenet.report.cells import Cell

MOST_CLASSES = 64
"""With more classes, a page lists the most frequent confusions instead of the matrix."""
_MOST_LISTED = 60
_LONGEST_NAME = 24


def matrix(evaluation: Evaluation) -> list[list[tuple[int, float]]]:
    """Return a row for each true class with each answer's count and colour, 0 to 1.

    The colour of a cell on the diagonal is the share of the row. Elsewhere it is the square root of
    this share, divided by the largest, so that rare confusions are visible too. The list is empty
    for more than `MOST_CLASSES` classes.
    """
    table = evaluation.confusion
    if len(table) > MOST_CLASSES:
        return []
    shares: NDArray[np.float64] = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    wrong: NDArray[np.float64] = shares * ~np.eye(len(table), dtype=bool)
    colours: NDArray[np.float64] = np.where(wrong > 0, np.sqrt(wrong / (wrong.max() or 1)), shares)
    return [
        [(count, round(colour, 2)) for count, colour in zip(*rows, strict=True)]
        for rows in zip(table.tolist(), colours.tolist(), strict=True)
    ]


def most_frequent(evaluation: Evaluation) -> list[tuple[Cell, int]]:
    """Return the most frequent confusions, at most 60, with the number of images of each.

    The most frequent is first; correct answers are left out.
    """
    wrong = _only_wrong(evaluation)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_MOST_LISTED]
    cells = zip(*(places.tolist() for places in np.unravel_index(order, wrong.shape)), strict=True)
    return [(cell, int(wrong[cell])) for cell in cells if wrong[cell]]


def class_rows(evaluation: Evaluation) -> list[tuple[ClassResult, Cell, int]]:
    """Return each class, its most frequent confusion, and how many images that has, perhaps 0.

    The classes are in their order; of more than `MOST_CLASSES`, those of lowest recall, the lowest
    first.
    """
    wrong = _only_wrong(evaluation)
    rows = [
        (one, (truth, answer), int(wrong[truth, answer]))
        for truth, (one, answer) in enumerate(
            zip(evaluation.per_class, wrong.argmax(axis=1).tolist(), strict=True)
        )
    ]
    if len(rows) <= MOST_CLASSES:
        return rows
    known = [row for row in rows if row[0].recall is not None]
    return sorted(known, key=lambda row: row[0].recall or 0.0)[:MOST_CLASSES]


def _only_wrong(evaluation: Evaluation) -> NDArray[np.int64]:
    wrong = evaluation.confusion.copy()
    np.fill_diagonal(wrong, 0)
    return wrong


def short(name: str) -> str:
    """Cut a long name in its middle, because names with equal beginnings may end differently."""
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[1 - half :]}"
