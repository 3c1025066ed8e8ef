"""``lenet predict``: what a trained network calls images."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
import numpy as np

from lenet.answers import Answer, accepted_error
from lenet.artifact import Artifact, load
from lenet.cli.output.answer_all import answer_all
from lenet.cli.output.answer_lines import as_json, as_text
from lenet.cli.output.error_rate import ErrorShare
from lenet.cli.output.show_input import write_inputs
from lenet.errors import LenetError
from lenet.pictures.image import ImageError
from lenet.pictures.network_input import network_input
from lenet.pictures.prefetch import Prepared
from lenet.pictures.types import Images


@click.command("predict")
@click.argument("run", metavar="RUN|NAME")
@click.argument("images", nargs=-1, required=True)
@click.option("--json", is_flag=True, help="Print one JSON object an image.")
@click.option(
    "--reject-error",
    type=ErrorShare(),
    help="Share of wrong answers to accept, such as 0.5%: less sure ones become 'not sure'. "
    "By default 1%, or the least that the network knows, if it knows any.",
)
@click.option(
    "--show-input",
    "input_folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write what the network sees of each image into DIR, as PNG.",
)
def command(
    run: str, images: tuple[str, ...], json: bool, reject_error: float | None,
    input_folder: Path | None,
) -> None:  # fmt: skip
    """Say what the network in the run folder RUN, or the shipped one called NAME, sees in IMAGES.

    Each of IMAGES is a file; a folder, for the pictures in it and its subfolders; a quoted pattern
    such as 'scans/**/*.png'; or '-', standard input: an image or, as text, paths one a line.

    A picture that cannot be read is named, the others are answered, and the exit code is 2.
    """
    artifact = load(run)
    if artifact.pictures == "numbers":
        raise LenetError(f"{run} reads whole numbers: use lenet read --reader {run} IMAGE...")
    accepted_error(artifact.calibration, reject_error)  # what makes no sense is said at once
    make = partial(network_input, pictures=artifact.pictures, shape=artifact.network.input_shape)

    def answers(
        batch: list[Prepared[Images]], first: int
    ) -> Iterator[tuple[str, Answer | ImageError]]:
        if input_folder is not None:
            write_inputs(input_folder, batch, first)
        return _answered(artifact, batch, reject_error)

    answer_all(images, make, answers, _shower(artifact, json), json, input_folder)


def _shower(artifact: Artifact, json: bool) -> Callable[[str, Answer], None]:
    if json:
        return lambda name, answer: click.echo(as_json(name, answer))
    if not sys.stdout.isatty():
        return lambda name, answer: click.echo(as_text(name, answer))
    from rich.console import Console

    from lenet.cli.output.answer_table import AnswerTable

    table = AnswerTable(Console(), artifact.classes, artifact.network.rubbish is not None)
    return table.add


def _answered(
    artifact: Artifact, batch: list[Prepared[Images]], reject_error: float | None
) -> Iterator[tuple[str, Answer | ImageError]]:
    inputs = [one.result for one in batch if not isinstance(one.result, ImageError)]
    answers = iter(artifact.predict(np.stack(inputs), reject_error) if inputs else ())
    for one in batch:
        yield one.name, one.result if isinstance(one.result, ImageError) else next(answers)
