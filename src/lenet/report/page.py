"""``report.html``: a run on one page that needs neither a server nor the network."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lenet.artifact import Artifact
from lenet.calibration.interval import wilson_interval
from lenet.data import Split
from lenet.evaluation import Evaluation
from lenet.evaluation.accepted_errors import accepted
from lenet.report import confidence, confusion, inside, origin
from lenet.report.cells import Cell, least_sure, ranked, worst
from lenet.report.sprite import Sprite, sprite
from lenet.training.progress import Epoch

_MOST_MISTAKES, _MOST_UNSURE, _FIRST = 48, 16, 24
# A page lists at most so many epochs; history.csv has them all.
_MOST_EPOCHS = 40
_TILE = 76  # about so many points wide and high is an image on the page
_MOST_ANSWERS = 3


@dataclass(frozen=True)
class Tile:
    """A test image on the page, with what the network says to it.

    Parameters
    ----------
    number
        Its place among the test images.
    x, y
        Its place in the sprite, counted in images.
    truth, answer
        Class names.
    probability
        Of the answer.
    """

    number: int
    x: int
    y: int
    truth: str
    answer: str
    probability: float

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.truth == self.answer


@dataclass(frozen=True)
class Example:
    """A test image whose way through the network is shown: why it, and the likeliest classes."""

    title: str
    tile: Tile
    likeliest: list[tuple[str, float]]


def render(
    artifact: Artifact,
    test: Split,
    evaluation: Evaluation,
    history: Sequence[Epoch],
    metrics: Mapping[str, Any],
    charts: Mapping[str, Markup],
    processor: str | None,
    data: str,
) -> str:
    """Return the page; `charts` are the pictures ``curves``, ``reliability`` and ``reject``."""
    mistakes, unsure = worst(evaluation, _MOST_MISTAKES), least_sure(evaluation, _MOST_UNSURE)
    first = list(range(min(_FIRST, len(test))))
    choice = ranked(evaluation)
    examples = _examples(evaluation)
    sheet = sprite(
        test.images,
        [*examples.values(), *mistakes, *unsure, *first, *choice.numbers.tolist()],
    )

    def tiles(numbers: Sequence[int]) -> list[Tile]:
        return [_tile(sheet, evaluation, n) for n in numbers if n in sheet.places]

    wrong = int(np.count_nonzero(~evaluation.right))
    height, width = test.images.shape[1:3]
    return _environment().get_template("page.html").render(
        artifact=artifact,
        evaluation=evaluation,
        data=PurePath(data).name or data,
        subtitle=origin.sentence(artifact.origin),
        wrong=wrong,
        interval=wilson_interval(len(test) - wrong, len(test)),
        metrics=metrics,
        history=_thinned(history),
        charts=charts,
        classes=[confusion.short(name) for name in evaluation.classes],
        upright=max(map(len, evaluation.classes)) > 3,
        matrix=confusion.squares(evaluation),
        frequent=confusion.most_frequent(evaluation),
        rows=confusion.class_rows(evaluation),
        mistakes=tiles(mistakes),
        unsure=tiles(unsure),
        first=tiles(first),
        reliability=confidence.reliability_sentence(evaluation),
        reject=confidence.reject_sentence(evaluation),
        promises=[
            (error, least, accepted(evaluation, artifact.calibration, error))
            for error, least in artifact.calibration.thresholds
        ],
        filters=inside.filters(artifact),
        examples=[
            Example(title, _tile(sheet, evaluation, number), _likeliest(evaluation, number))
            for title, number in examples.items()
        ],
        layers=inside.layer_maps(artifact, test, list(examples.values())),
        command=origin.command(artifact.origin, metrics),
        facts=origin.facts(artifact.origin, metrics, processor),
        settings=origin.settings(artifact.origin),
        sheet=sheet,
        sheet_data=b64encode(sheet.png).decode("ascii"),
        height=height,
        width=width,
        zoom=max(round(_TILE / max(height, width)), 1),
        opened=_opened(sheet, evaluation, choice.cells),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("lenet.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _tile(sheet: Sprite, evaluation: Evaluation, number: int) -> Tile:
    y, x = divmod(sheet.places[number], sheet.columns)
    return Tile(
        number,
        x,
        y,
        evaluation.classes[int(evaluation.labels[number])],
        evaluation.classes[int(evaluation.predictions[number])],
        float(evaluation.confidence[number]),
    )


def _examples(evaluation: Evaluation) -> dict[str, int]:
    """Choose the images whose way through the network is shown, of the kinds that there are."""
    found: dict[str, int] = {}
    sure = np.where(evaluation.right, evaluation.confidence, -1)
    if evaluation.right.any():
        found["The surest right answer"] = int(sure.argmax())
        found["The least sure right answer"] = least_sure(evaluation, 1)[0]
    if not evaluation.right.all():
        found["The surest mistake"] = worst(evaluation, 1)[0]
    return found


def _likeliest(evaluation: Evaluation, number: int) -> list[tuple[str, float]]:
    shares = evaluation.probabilities[number]
    order = np.argsort(-shares, kind="stable")[:_MOST_ANSWERS].tolist()
    return [(evaluation.classes[k], float(shares[k])) for k in order]


def _opened(
    sheet: Sprite, evaluation: Evaluation, cells: Mapping[Cell, list[int]]
) -> dict[str, dict[str, Any]]:
    """Return what the page's script needs to open cells, by their places in the matrix.

    Of each: how many images it has, and place in the sprite, number and probability of some.
    """
    found: dict[str, dict[str, Any]] = {}
    for (truth, answer), numbers in cells.items():
        images = [
            [sheet.places[n], n, round(float(evaluation.confidence[n]), 4)]
            for n in numbers
            if n in sheet.places
        ]
        if images:
            total = int(evaluation.confusion[truth, answer])
            found[f"{truth}-{answer}"] = {"total": total, "images": images}
    return found


def _thinned(history: Sequence[Epoch]) -> Sequence[Epoch]:
    """Keep every so many epochs, counted from the last."""
    every = -(-len(history) // _MOST_EPOCHS) or 1
    return [line for line in history if (len(history) - line.epoch) % every == 0]
