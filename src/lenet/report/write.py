"""Writes the figures and ``report.html`` of a run into its folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation import Evaluation
from lenet.files import whole_file, write_text
from lenet.machine import processor
from lenet.report import confidence, figures
from lenet.report.page import render
from lenet.report.png import png
from lenet.report.svg import inline_svg
from lenet.training.progress import Epoch

PAGE = "report.html"
_ON_A_SHEET = 32
# The figures that are also on the page, with their texts for screen readers.
_ON_THE_PAGE = {
    "curves": "Train loss, train accuracy and test accuracy by epoch",
    "reliability": "Accuracy against confidence, and how often each confidence occurs",
    "reject": "Error rate among the accepted images against the share rejected",
}


def write_report(
    folder: Path,
    artifact: Artifact,
    test: Split,
    evaluation: Evaluation,
    history: Sequence[Epoch] = (),
    metrics: Mapping[str, Any] | None = None,
    data: str | None = None,
) -> None:
    """Write ``report.html`` and its figures as PNG files.

    The figures are ``curves.png`` (if there is a history), ``confusion.png``, ``reliability.png``,
    ``reject.png``, ``predictions.png`` and ``mistakes.png``. The page contains all that it shows:
    it needs no server and no internet.

    Parameters
    ----------
    folder
        An existing folder.
    artifact
        The network.
    test, evaluation
        Labelled images, and the network's answers to them.
    history, metrics
        The training of the network on this machine; leave them out for other networks.
    data
        The name of the test images; by default that of the training data.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    charts: dict[str, Markup] = {}
    for name, figure in _figures(test, evaluation, history).items():
        drawn = png(figure)
        with whole_file(folder / f"{name}.png") as part:
            part.write_bytes(drawn)
        if name in _ON_THE_PAGE:
            charts[name] = inline_svg(figure, name, _ON_THE_PAGE[name])
    machine = processor() if metrics else None
    data = data or str(artifact.origin.get("data", "own data"))
    page = render(artifact, test, evaluation, history, metrics or {}, charts, machine, data)
    write_text(folder / PAGE, page)


def _figures(test: Split, evaluation: Evaluation, history: Sequence[Epoch]) -> dict[str, Figure]:
    found: dict[str, Figure] = {"curves": figures.curves(history)} if history else {}
    found["confusion"] = figures.confusion(evaluation)
    found["reliability"] = confidence.reliability(evaluation)
    found["reject"] = confidence.reject(evaluation)
    first = range(min(_ON_A_SHEET, len(test)))
    title = "The first test images, each with the answer and its probability"
    found["predictions"] = figures.sheet(test, evaluation, first, title)
    wrong = evaluation.mistakes()
    shown = wrong[:_ON_A_SHEET].tolist()
    title = f"{len(shown)} of {len(wrong):,} mistakes, those of lowest confidence first"
    title = title if shown else "No mistakes"
    found["mistakes"] = figures.sheet(test, evaluation, shown, title)
    return found
