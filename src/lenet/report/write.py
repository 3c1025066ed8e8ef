"""The pictures and ``report.html`` of a run, written into its folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation import Evaluation
from lenet.files import whole_file, write_text
from lenet.report import confidence, figures
from lenet.report.page import render
from lenet.report.png import png
from lenet.report.svg import inline_svg
from lenet.training.progress import Epoch

PAGE = "report.html"
_ON_A_SHEET = 32
# Of what the page shows of the pictures, what it says to whom cannot see them.
_ON_THE_PAGE = {
    "curves": "Train loss, train accuracy and test accuracy by epoch",
    "reliability": "Accuracy against confidence, and how often each confidence occurs",
    "reject": "Error among the accepted images against the share rejected",
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
    """Write ``curves.png`` (if there is a history), ``confusion.png``,
    ``reliability.png``, ``reject.png``, ``predictions.png``, ``mistakes.png`` and ``report.html``.

    The page holds its pictures itself and needs neither a server nor the network.

    Parameters
    ----------
    folder
        Exists.
    artifact
        The network.
    test, evaluation
        Labelled images and its answers to them.
    history, metrics
        Of the run that has just trained it, on this machine; without, only the network is
        described.
    data
        What the labelled images are called; by default what the network was trained on.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """  # noqa: D205 one sentence that lists the files is easier to read than a summary of it
    charts: dict[str, Markup] = {}
    for name, figure in _figures(test, evaluation, history).items():
        drawn = png(figure)
        with whole_file(folder / f"{name}.png") as part:
            part.write_bytes(drawn)
        if name in _ON_THE_PAGE:
            charts[name] = inline_svg(figure, name, _ON_THE_PAGE[name])
    processor = None
    if metrics:
        from lenet.machine import processor as processor_of  # it brings torch, loaded then

        processor = processor_of()
    data = data or str(artifact.origin.get("data", "own data"))
    page = render(artifact, test, evaluation, history, metrics or {}, charts, processor, data)
    write_text(folder / PAGE, page)


def _figures(test: Split, evaluation: Evaluation, history: Sequence[Epoch]) -> dict[str, Figure]:
    """Draw the pictures that are files of their own too."""
    found: dict[str, Figure] = {}
    if history:
        found["curves"] = figures.curves(history)
    found["confusion"] = figures.confusion(evaluation)
    found["reliability"] = confidence.reliability(evaluation)
    found["reject"] = confidence.reject(evaluation)
    shown = range(min(_ON_A_SHEET, len(test)))
    found["predictions"] = figures.sheet(
        test, evaluation, shown, "The first test images: the network's answer and its probability"
    )
    wrong = evaluation.mistakes()
    title = (
        f"{min(len(wrong), _ON_A_SHEET)} of {len(wrong):,} mistakes, the least certain first"
        if len(wrong)
        else "No mistakes"
    )
    found["mistakes"] = figures.sheet(test, evaluation, wrong[:_ON_A_SHEET].tolist(), title)
    return found
