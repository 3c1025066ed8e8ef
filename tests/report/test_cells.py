import numpy as np
import pytest

from lenet.evaluation import Evaluation
from lenet.report.cells import MOST_CORRECT, MOST_WRONG, least_confident, ranked, worst
from lenet.report.confusion import (
    MOST_CLASSES,
    class_rows,
    matrix,
    most_frequent,
    short,
)


def answers(triples: list[tuple[int, int, float]], classes: int) -> Evaluation:
    """Answers as (truth, answer, confidence)."""
    labels = np.array([truth for truth, _, _ in triples], np.int64)
    scores = np.zeros((len(triples), classes), np.float32)
    shares = np.zeros_like(scores)
    for row, (_, answer, confidence) in enumerate(triples):
        scores[row, answer] = 1
        shares[row, answer] = confidence
    return Evaluation(tuple("abcdefgh"[:classes]), labels, scores, shares)


SIX = answers(
    [(0, 0, 0.9), (0, 1, 0.6), (0, 0, 0.5), (1, 0, 0.7), (0, 1, 0.8), (2, 2, 0.4)], classes=3
)


def test_each_cell_has_its_images_the_most_important_first() -> None:
    found = ranked(SIX)
    assert found.cells == {(0, 0): [2, 0], (0, 1): [4, 1], (1, 0): [3], (2, 2): [5]}
    # The first of every cell before the second of any.
    assert set(found.numbers[:4].tolist()) == {2, 4, 3, 5}
    assert set(found.numbers[4:].tolist()) == {0, 1}


def test_a_cell_shows_so_many_and_no_more() -> None:
    many = [(0, 0, 0.5)] * (MOST_CORRECT + 3) + [(0, 1, 0.5)] * (MOST_WRONG + 3) + [(1, 1, 0.5)]
    found = ranked(answers(many, classes=2))
    assert {cell: len(numbers) for cell, numbers in found.cells.items()} == {
        (0, 0): MOST_CORRECT,
        (0, 1): MOST_WRONG,
        (1, 1): 1,
    }
    assert len(found.numbers) == MOST_CORRECT + MOST_WRONG + 1


def test_the_worst_and_the_least_confident() -> None:
    assert worst(SIX, 2) == [4, 3]
    assert least_confident(SIX, 2) == [5, 2]
    only_correct = answers([(0, 0, 0.5)], classes=1)
    assert worst(only_correct, 5) == []
    assert least_confident(answers([(0, 1, 0.5)], classes=2), 5) == []


def test_the_matrix_and_its_colours_by_hand() -> None:
    rows = matrix(SIX)
    assert [[count for count, _ in row] for row in rows] == [[2, 2, 0], [1, 0, 0], [0, 0, 1]]
    # Shares of the rows: 1/2 of class 0 is correct; all of class 1, the largest share, is wrong.
    assert [[colour for _, colour in row] for row in rows] == [
        [0.5, 0.71, 0],
        [1, 0, 0],
        [0, 0, 1],
    ]
    assert most_frequent(SIX) == [((0, 1), 2), ((1, 0), 1)]


def test_the_most_frequent_mistake_of_a_class_by_hand() -> None:
    rows = class_rows(SIX)
    assert [(row.name, row.images, cell, count) for row, cell, count in rows[:2]] == [
        ("a", 4, (0, 1), 2),
        ("b", 1, (1, 0), 1),
    ]
    assert rows[2][0].name == "c"
    assert rows[2][2] == 0
    assert [row.precision for row, _, _ in rows] == [2 / 3, 0, 1]
    assert [row.recall for row, _, _ in rows] == [0.5, 0, 1]


@pytest.mark.parametrize("classes", [1, MOST_CLASSES, MOST_CLASSES + 1, 1000])
def test_what_is_listed_is_bounded(classes: int) -> None:
    labels = np.arange(classes, dtype=np.int64)
    # Every third class is answered correctly, the others with the class before.
    scores = np.eye(classes, dtype=np.float32)[(labels - (labels % 3 > 0)) % classes]
    result = Evaluation(tuple(map(str, labels)), labels, scores, scores)
    assert len(matrix(result)) == (classes if classes <= MOST_CLASSES else 0)
    rows = class_rows(result)
    assert len(rows) == min(classes, MOST_CLASSES)
    if classes > MOST_CLASSES + 1:
        assert {row.recall for row, _, _ in rows} == {0}  # there are more than enough of those
    assert len(most_frequent(result)) <= 60


@pytest.mark.parametrize(
    ("name", "cut"),
    [("", ""), ("x" * 24, "x" * 24), ("abcdefghijklmnopqrstuvwxyz", "abcdefghijkl…pqrstuvwxyz")],
)
def test_long_names_lose_their_middle(name: str, cut: str) -> None:
    assert short(name) == cut
