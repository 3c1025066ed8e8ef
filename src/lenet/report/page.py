"""Makes ``report.html``: a run's results on one page that needs no server and no internet."""

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
from lenet.report.cells import Cell, least_confident, ranked, worst
from lenet.report.sprite import Sprite, sprite
from lenet.training.progress import Epoch

_MOST_MISTAKES, _MOST_UNSURE, _FIRST = 48, 16, 24
_MOST_EPOCHS = 40  # history.csv has all of them
_TILE = 76  # approximate size of an image on the page, in CSS pixels
_MOST_ANSWERS = 3


@dataclass(frozen=True)
class Tile:
    """A test image on the page, and the network's answer to it.

    Parameters
    ----------
    number
        The index of the image in the test split.
    x, y
        The place of the image in the sprite, in images.
    truth, answer
        Class names.
    probability
        The probability of the answer.
    """

    number: int
    x: int
    y: int
    truth: str
    answer: str
    probability: float

    @property
    def correct(self) -> bool:
        """Whether the answer is correct."""
        return self.truth == self.answer


@dataclass(frozen=True)
class Example:
    """A test image whose feature maps are shown, and its likeliest classes."""

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
    """Return ``report.html`` as text.

    `charts` are the figures ``curves``, ``reliability`` and ``reject`` as SVG. `data` is the name
    of the test images.
    """
    mistakes, unsure = worst(evaluation, _MOST_MISTAKES), least_confident(evaluation, _MOST_UNSURE)
    first = list(range(min(_FIRST, len(test))))
    choice = ranked(evaluation)
    examples = _examples(evaluation)
    shown = [*examples.values(), *mistakes, *unsure, *first, *choice.numbers.tolist()]
    sheet = sprite(test.images, shown)

    def tiles(numbers: Sequence[int]) -> list[Tile]:
        return [_tile(sheet, evaluation, n) for n in numbers if n in sheet.places]

    wrong = int(np.count_nonzero(~evaluation.correct))
    height, width = test.images.shape[1:3]
    template = _environment().get_template("page.html")
    return template.render(
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
        matrix=confusion.matrix(evaluation),
        frequent=confusion.most_frequent(evaluation),
        rows=confusion.class_rows(evaluation),
        mistakes=tiles(mistakes),
        unsure=tiles(unsure),
        first=tiles(first),
        reliability=confidence.reliability_sentence(evaluation),
        reject=confidence.reject_sentence(evaluation),
        thresholds=[
            (error, threshold, accepted(evaluation, artifact.calibration, error))
            for error, threshold in artifact.calibration.thresholds
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
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lenet.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = confusion.short
    return environment


def _tile(sheet: Sprite, evaluation: Evaluation, number: int) -> Tile:
    y, x = divmod(sheet.places[number], sheet.columns)
    truth = evaluation.classes[int(evaluation.labels[number])]
    answer = evaluation.classes[int(evaluation.predictions[number])]
    return Tile(number, x, y, truth, answer, float(evaluation.confidence[number]))


def _examples(evaluation: Evaluation) -> dict[str, int]:
    """Choose the images whose feature maps are shown: up to three, each with its title."""
    found: dict[str, int] = {}
    if evaluation.correct.any():
        of_correct = np.where(evaluation.correct, evaluation.confidence, -1)
        found["Correct, highest confidence"] = int(of_correct.argmax())
        found["Correct, lowest confidence"] = least_confident(evaluation, 1)[0]
    if not evaluation.correct.all():
        found["Mistake, highest confidence"] = worst(evaluation, 1)[0]
    return found


def _likeliest(evaluation: Evaluation, number: int) -> list[tuple[str, float]]:
    probabilities = evaluation.probabilities[number]
    order = np.argsort(-probabilities, kind="stable")[:_MOST_ANSWERS].tolist()
    return [(evaluation.classes[k], float(probabilities[k])) for k in order]


def _opened(
    sheet: Sprite, evaluation: Evaluation, cells: Mapping[Cell, list[int]]
) -> dict[str, dict[str, Any]]:
    """Return the data with which the page's script opens cells, by ``TRUTH-ANSWER``.

    They are the number of images, and for those that are shown the place in the sprite, the index
    in the test split and the probability.
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
    """Keep every n-th epoch, counted from the last, so that at most `_MOST_EPOCHS` remain."""
    every = -(-len(history) // _MOST_EPOCHS) or 1
    return [line for line in history if (len(history) - line.epoch) % every == 0]
