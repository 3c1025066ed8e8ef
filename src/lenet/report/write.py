"""The pictures and ``report.html`` of a run, written into its folder."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.figure import Figure

from lenet.artifact import Artifact
from lenet.data import Split
from lenet.evaluation import Evaluation
from lenet.evaluation.accepted import accepted
from lenet.files import whole_file, write_text
from lenet.report import confidence, figures
from lenet.report.png import png
from lenet.training.progress import Epoch

PAGE = "report.html"
_ON_A_SHEET = 32
# A page lists at most so many epochs; history.csv has them all.
_MOST_EPOCHS = 40


def write_report(
    folder: Path,
    artifact: Artifact,
    test: Split,
    evaluation: Evaluation,
    history: Sequence[Epoch] = (),
    metrics: Mapping[str, Any] | None = None,
) -> None:
    """Write ``curves.png`` (if there is a history), ``confusion.png``,
    ``reliability.png``, ``reject.png``, ``predictions.png``, ``mistakes.png`` and ``report.html``.

    The page holds its pictures itself and needs neither a server nor the network.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """  # noqa: D205 one sentence that lists the files is easier to read than a summary of it
    pictures: dict[str, Figure] = {}
    if history:
        pictures["curves"] = figures.curves(history)
    pictures["confusion"] = figures.confusion(evaluation)
    pictures["reliability"] = confidence.reliability(evaluation)
    pictures["reject"] = confidence.reject(evaluation)
    shown = range(min(_ON_A_SHEET, len(test)))
    pictures["predictions"] = figures.sheet(
        test, evaluation, shown, "The first test images: the network's answer and its probability"
    )
    wrong = evaluation.mistakes()
    title = (
        f"{min(len(wrong), _ON_A_SHEET)} of {len(wrong):,} mistakes, the least certain first"
        if len(wrong)
        else "No mistakes"
    )
    pictures["mistakes"] = figures.sheet(test, evaluation, wrong[:_ON_A_SHEET].tolist(), title)
    encoded: dict[str, str] = {}
    for name, figure in pictures.items():
        drawn = png(figure)
        with whole_file(folder / f"{name}.png") as part:
            part.write_bytes(drawn)
        encoded[name] = b64encode(drawn).decode("ascii")
    environment = Environment(
        loader=PackageLoader("lenet.report"), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("page.html").render(
        artifact=artifact,
        evaluation=evaluation,
        history=_thinned(history),
        reliability=confidence.reliability_sentence(evaluation),
        reject=confidence.reject_sentence(evaluation),
        promises=[
            (error, least, accepted(evaluation, artifact.calibration, error))
            for error, least in artifact.calibration.thresholds
        ],
        metrics=metrics or {},
        pictures=encoded,
    )
    write_text(folder / PAGE, page)


def _thinned(history: Sequence[Epoch]) -> Sequence[Epoch]:
    """Keep every so many epochs, counted from the last."""
    every = -(-len(history) // _MOST_EPOCHS) or 1
    return [line for line in history if (len(history) - line.epoch) % every == 0]
