"""``lenet predict``: classify pictures."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lenet.answers import Answer, accepted_error
from lenet.cli import completion
from lenet.cli.loading import load_classifier
from lenet.cli.output.answer_all import answer_all
from lenet.cli.output.answer_lines import as_text
from lenet.cli.output.csv_rows import CLASSES, csv_rows
from lenet.cli.output.error_rate import ErrorRate
from lenet.cli.output.show_input import write_inputs
from lenet.cli.pictures import network_and_images, pictures_of
from lenet.pictures.image import ImageError
from lenet.pictures.network_input import NetworkInput, prepared_input
from lenet.pictures.prepare import Prepared

if TYPE_CHECKING:
    from lenet.artifact import Artifact


@click.command("predict")
@click.argument(
    "words",
    metavar="[NETWORK] IMAGE...",
    nargs=-1,
    shell_complete=completion.trained_or_pictures,
)
@click.option("--demo", is_flag=True, help="Use the three pictures that come with lenet.")
@click.option("--json", is_flag=True, help="Print one JSON object per picture.")
@click.option("--csv", is_flag=True, help="Print a CSV table, one row per picture.")
@click.option(
    "--reject-error",
    type=ErrorRate(),
    help="Aim for this error rate, such as 0.5%, among the answers that are not 'not sure'. "
    "By default 1%, or the lowest that the network has a threshold for, if it has any. Measured "
    "at 1%: of the accepted answers of 'digits' on MNIST's test images, 0.42% are wrong; on other "
    "pictures it can be more (docs/predict.md).",
)
@click.option(
    "--show-input",
    "input_folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write what the network sees of each picture into DIR, as PNG.",
)
def command(
    words: tuple[str, ...],
    demo: bool,
    json: bool,
    csv: bool,
    reject_error: float | None,
    input_folder: Path | None,
) -> None:
    """Classify pictures with a trained network.

    NETWORK is a run folder, or the name of a network that comes with lenet; by default 'digits'.

    Each IMAGE is a file; a folder, for the pictures in it and its subfolders; a quoted pattern such
    as 'scans/**/*.png'; or '-', standard input: a picture or, as text, one path per line. Each page
    of a file has an answer, with the name FILE#1, FILE#2 and so on.

    Uncertain answers are marked 'not sure'. A picture that cannot be read is named, the others are
    answered, and the exit code is 2.
    """
    rows = csv_rows(CLASSES, csv, json)
    run, images = network_and_images(words, "predict", demo)
    artifact = load_classifier(run)
    accepted_error(artifact.calibration, reject_error)  # raises before any picture is read
    make = partial(prepared_input, pictures=artifact.pictures, shape=artifact.network.input_shape)

    def answers(
        batch: list[Prepared[NetworkInput]], first: int
    ) -> Iterator[tuple[str, Answer | ImageError]]:
        if input_folder is not None:
            write_inputs(input_folder, batch, first)
        return _answered(artifact, batch, reject_error)

    def table() -> Callable[[str, Answer], None]:
        from lenet.cli.output.answer_table import AnswerTable
        from lenet.cli.output.console import safe_console

        return AnswerTable(
            safe_console(), artifact.classes, artifact.network.rubbish is not None
        ).add

    pictures = pictures_of(images, "digits" if demo else None, input_folder)
    answer_all(pictures, make, answers, as_text, table, json, rows)


def _answered(
    artifact: "Artifact", batch: list[Prepared[NetworkInput]], reject_error: float | None
) -> Iterator[tuple[str, Answer | ImageError]]:
    inputs = [one.result for one in batch if not isinstance(one.result, ImageError)]
    answers = iter(artifact.answer(inputs, reject_error))
    for one in batch:
        yield one.name, one.result if isinstance(one.result, ImageError) else next(answers)
