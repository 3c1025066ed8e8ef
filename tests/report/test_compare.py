from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lenet.evaluation.compare.comparison import Comparison, Result
from lenet.report.compare import picture, write_picture
from lenet.report.compare_table import cells, markdown, short, short_cells


def result(name: str, wrong: int, work: int | None, rejected: float | None, by: str) -> Result:
    comparisons = None if work else 1234.5
    epochs = 20 if name in ("modern", "mlp-77") else None
    return Result(name, wrong, 1000, 61_706, work, comparisons, epochs, 3.14, 2e-6, rejected, by)


RESULTS = (
    result("modern", 10, 416_520, 0.012, "the native engine"),
    result("mlp-77", 40, 61_138, 0.1, "PyTorch"),
    result("knn", 30, 47_040_000, None, "scikit-learn"),
    result("forest", 25, None, 0.25, "scikit-learn"),
)
MNIST = Comparison("mnist", "mnist", 60_000, 1000, 0, "a machine", 2, {"lenet": "1"}, RESULTS)
OTHER = replace(MNIST, data="scans", source="/somewhere/scans")


def test_cells_by_hand() -> None:
    headings, rows = cells(OTHER)
    assert headings == [
        "classifier",
        "test error",
        "95% interval",
        "parameters",
        "multiply-accumulates",
        "training time",
        "time per image",
        "rejected for 0.5% error",
    ]
    # Wilson's interval of 10 among 1,000.
    assert rows[0] == [
        "LeNet with ReLU and max pooling",
        "1.00%",
        "0.54–1.83",
        "61,706",
        "416,520",
        "3.1 s",
        "2.0 µs",
        "1.2%",
    ]
    assert rows[2][-1] == "not reached"
    assert rows[3][4] == "1,234 comparisons"


def test_of_mnist_the_papers_figures_stand_beside() -> None:
    headings, rows = cells(MNIST)
    assert headings[3] == headings[-1] == "in 1998"
    assert [row[3] for row in rows] == ["", "4.7% (300 units)", "5.0%", ""]
    assert [row[-1] for row in rows] == ["", "3.2% (300 units, deslanted)", "8.1% (deslanted)", ""]


@pytest.mark.parametrize("comparison", [MNIST, OTHER])
def test_the_terminals_table_says_the_same_in_80_columns(comparison: Comparison) -> None:
    headings, rows = short_cells(comparison)
    assert {len(row) for row in rows} == {len(headings)}
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    assert sum(widths) + len(widths) + 1 <= 80
    # modern: 61,706 parameters, 416,520 multiply-accumulates
    paper = [""] if comparison is MNIST else []
    assert rows[0] == [
        "modern",
        "1.00%",
        "0.54–1.83",
        *paper,
        "61.7 k",
        "417 k",
        "3.1 s",
        "2.0 µs",
        "1.2%",
        *paper,
    ]
    assert headings.count("1998") == 2 * len(paper)


@pytest.mark.parametrize("comparison", [MNIST, OTHER])
def test_markdown_is_one_table_and_says_how_to_read_it(comparison: Comparison) -> None:
    text = markdown(comparison)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(RESULTS)
    assert len({line.count("|") for line in table}) == 1
    assert "60,000 training and 1,000 test images, seed 0; a machine, 2 threads; lenet 1." in text
    assert "the native engine: modern; PyTorch: mlp-77; scikit-learn: knn, forest." in text
    assert "Epochs: modern 20, mlp-77 20." in text
    assert "modern, mlp-77: weights and biases; knn: pixels and labels" in text
    assert ("Figures 9 and 10" in text) == (comparison is MNIST)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1 k"),
        (61_706, "61.7 k"),
        (47_040_000, "47 M"),
        (2_346_000_000, "2.35 G"),
    ],
)
def test_counts_in_three_digits(number: int, text: str) -> None:
    assert short(number) == text


def test_the_picture_shows_each_error_and_count() -> None:
    errors, sizes, work = picture(MNIST).axes
    # The fewest mistakes on top.
    assert [label.get_text() for label in errors.get_yticklabels()] == [
        "LeNet with ReLU and max pooling",
        "random forest, 200 trees",
        "3 nearest neighbours",
        "MLP, 77 hidden units",
    ]
    assert dots(errors, "o") == [(1.0, 0), (2.5, 1), (3.0, 2), (4.0, 3)]
    assert dots(errors, "D") == [(5.0, 2), (4.7, 3)]
    assert dots(sizes, "o") == [(61_706, place) for place in range(4)]
    assert dots(work, "o") == [(416_520, 0), (47_040_000, 2), (61_138, 3)]
    assert "none (1,234 comparisons)" in [text.get_text() for text in work.texts]
    assert dots(picture(OTHER).axes[0], "D") == []


def dots(axes: Any, marker: str) -> list[tuple[float, int]]:
    lines = [line for line in axes.lines if line.get_marker() == marker]
    return [(float(line.get_xdata()[0]), int(line.get_ydata()[0])) for line in lines]


@pytest.mark.parametrize(
    "results", [RESULTS, RESULTS[:1], RESULTS[3:], tuple(replace(one, wrong=0) for one in RESULTS)]
)
@pytest.mark.parametrize("comparison", [MNIST, OTHER])
def test_one_classifier_and_no_mistakes_can_be_drawn(
    comparison: Comparison, results: tuple[Result, ...], tmp_path: Path
) -> None:
    path = tmp_path / "compare.png"
    write_picture(path, replace(comparison, results=results))
    with Image.open(path) as image:
        assert 300 < image.height < image.width
        assert len(np.unique(np.asarray(image.convert("L")))) > 10  # drawn, not blank
