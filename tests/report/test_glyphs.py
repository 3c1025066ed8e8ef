"""Names in every script are drawn without boxes; matplotlib warns of a box, which fails a test."""

from io import BytesIO

import numpy as np
import pytest

from lenet.data import Split
from lenet.evaluation import Evaluation
from lenet.report import figures
from lenet.report.glyphs import drawable

NAMES = (
    "T-shirt",
    "تی\u200cشرت",
    "猫と犬",
    "कमीज",
    "👩\u200d🔬",
    "a\u00a0b\u3000c",
    "ﬁx",
    "\U0001fae8",
)


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("T-shirt", "T-shirt"),
        ("Größe", "Größe"),
        ("$x^2$", "$x^2$"),
        ("\u732b", "\\u732b"),
        ("\U0001d504\u732b", "A\\u732b"),  # mathematical letters
        ("\u732b\u200d", "\\u732b"),
        ("x\ufe0f", "x"),
        ("\U000e0067", ""),
    ],
)
def test_names_as_they_are_drawn(name: str, drawn: str) -> None:
    (found,), families = drawable([name])
    # On a machine with a font for it, the sign itself is drawn.
    assert found in (name, drawn)
    assert families[0] == "DejaVu Sans"


def test_figures_have_no_boxes() -> None:
    count = len(NAMES)
    labels = np.arange(count)
    probabilities = np.full((count, count), 0.01, np.float32)
    probabilities[labels, labels[::-1]] = 0.9
    evaluation = Evaluation(NAMES, labels, np.log(probabilities), probabilities)
    split = Split(np.zeros((count, 28, 28), np.uint8), labels, NAMES)
    for figure in (
        figures.confusion(evaluation),
        figures.sheet(split, evaluation, range(count), "title"),
    ):
        figure.savefig(BytesIO())
