"""The confusion matrix as a table of HTML: what each cell says and how strongly it is coloured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenet.evaluation import Evaluation
from lenet.report.cells import Cell

MOST_CLASSES = 64
"""Beyond so many the matrix is too large for a page: the most frequent confusions are listed."""
_MOST_LISTED = 60
# A name in the head of a row or a column.
_LONGEST_NAME = 24


@dataclass(frozen=True)
class Square:
    """One cell.

    Parameters
    ----------
    cell
        Truth and answer.
    count
        How many test images.
    heat
        0 to 1. On the diagonal, the share of the class that is named right. Elsewhere the root of
        the share, of the largest such: most confusions are rare, and must be seen all the same.
    """

    cell: Cell
    count: int
    heat: float

    @property
    def right(self) -> bool:
        """Whether it lies on the diagonal."""
        return self.cell[0] == self.cell[1]


@dataclass(frozen=True)
class ClassRow:
    """How one class fares, and what it is taken for most.

    Parameters
    ----------
    name, short
        Of the class: whole, and cut to what fits a table.
    images
        How many of the test images are of it.
    precision, recall
        As in `lenet.evaluation.metrics.ClassResult`.
    most
        The largest cell of its row that is wrong, and how many images it has; None: none of its
        images is named wrong.
    """

    name: str
    short: str
    images: int
    precision: float | None
    recall: float | None
    most: tuple[Cell, int] | None


def squares(evaluation: Evaluation) -> list[list[Square]]:
    """Return the matrix, a row for each true class; empty for more than `MOST_CLASSES`."""
    table = evaluation.confusion
    if len(table) > MOST_CLASSES:
        return []
    shares: NDArray[np.float64] = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    wrong: NDArray[np.float64] = shares * ~np.eye(len(table), dtype=bool)
    heat: NDArray[np.float64] = np.where(wrong > 0, np.sqrt(wrong / (wrong.max() or 1)), shares)
    return [
        [
            Square((truth, answer), count, round(float(heat[truth, answer]), 2))
            for answer, count in enumerate(row)
        ]
        for truth, row in enumerate(table.tolist())
    ]


def most_frequent(evaluation: Evaluation) -> list[tuple[Cell, int]]:
    """Return the confusions of most images and how many they are, the most frequent first."""
    wrong = _only_wrong(evaluation)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_MOST_LISTED]
    cells = zip(*(places.tolist() for places in np.unravel_index(order, wrong.shape)), strict=True)
    return [(cell, int(wrong[cell])) for cell in cells if wrong[cell]]


def class_rows(evaluation: Evaluation) -> list[ClassRow]:
    """Return the classes in their order; of very many, those of least recall, the worst first."""
    wrong = _only_wrong(evaluation)
    rows: list[ClassRow] = []
    for truth, (one, answer) in enumerate(
        zip(evaluation.per_class, wrong.argmax(axis=1).tolist(), strict=True)
    ):
        count = int(wrong[truth, answer])
        rows.append(
            ClassRow(
                one.name,
                short(one.name),
                one.images,
                one.precision,
                one.recall,
                ((truth, answer), count) if count else None,
            )
        )
    if len(rows) <= MOST_CLASSES:
        return rows
    known = [row for row in rows if row.recall is not None]
    return sorted(known, key=lambda row: row.recall or 0.0)[:MOST_CLASSES]


def _only_wrong(evaluation: Evaluation) -> NDArray[np.int64]:
    wrong = evaluation.confusion.copy()
    np.fill_diagonal(wrong, 0)
    return wrong


def short(name: str) -> str:
    """Cut a name that would not fit, in its middle: names that begin alike may end otherwise."""
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[1 - half :]}"
