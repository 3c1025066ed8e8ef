"""``lenet predict``: what a trained network calls images."""

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import click
import numpy as np

from lenet.answers import Answer, accepted_error
from lenet.artifact import Artifact, load
from lenet.cli.answer_lines import as_json, as_text, json_line, printable
from lenet.cli.share import ErrorShare
from lenet.cli.show_input import write_inputs
from lenet.data.image import ImageError
from lenet.data.pictures import find_pictures
from lenet.data.stream import Prepared, prepare


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
    accepted_error(artifact.calibration, reject_error)  # what makes no sense is said at once
    if input_folder is not None:
        input_folder.mkdir(parents=True, exist_ok=True)
    show = _shower(artifact, json)
    skipped: Counter[str] = Counter()
    given = answered = unsure = 0
    found = find_pictures(images, _standard_input(), skipped, input_folder)
    # Pillow warns of doubtful files; set here, because the threads that read share the filters.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for batch in prepare(found, artifact.pictures, artifact.network.input_shape):
            if input_folder is not None:
                write_inputs(input_folder, batch, given + 1)
            for name, result in _answered(artifact, batch, reject_error):
                if isinstance(result, Answer):
                    answered += 1
                    unsure += result.rejected
                    show(name, result)
                else:
                    _complain(name, result, json)
            given += len(batch)
    if not json and sys.stdout.isatty() and given > 1:
        failed = f", {given - answered:,} could not be read" if answered < given else ""
        click.echo(f"{answered:,} answered, {unsure:,} not sure{failed}")
    if skipped:
        kinds = ", ".join(sorted(printable(suffix) or "no suffix" for suffix in skipped))
        click.echo(f"lenet: left out {skipped.total():,} that are no pictures ({kinds})", err=True)
    if answered < given:
        raise click.exceptions.Exit(2)


def _standard_input() -> FileIO | None:
    # Its own end of the pipe: a thread that waits in Python's would hold the process at its end.
    try:
        return None if sys.stdin is None else FileIO(sys.stdin.fileno(), closefd=False)
    except OSError:
        return None


def _shower(artifact: Artifact, json: bool) -> Callable[[str, Answer], None]:
    if json:
        return lambda name, answer: click.echo(as_json(name, answer))
    if not sys.stdout.isatty():
        return lambda name, answer: click.echo(as_text(name, answer))
    from rich.console import Console

    from lenet.cli.answer_table import AnswerTable

    table = AnswerTable(Console(), artifact.classes, artifact.network.rubbish is not None)
    return table.add


def _answered(
    artifact: Artifact, batch: list[Prepared], reject_error: float | None
) -> Iterator[tuple[str, Answer | ImageError]]:
    inputs = [one.result for one in batch if not isinstance(one.result, ImageError)]
    answers = iter(artifact.predict(np.stack(inputs), reject_error) if inputs else ())
    for one in batch:
        yield one.name, one.result if isinstance(one.result, ImageError) else next(answers)


def _complain(name: str, error: ImageError, json: bool) -> None:
    if json:
        click.echo(json_line({"path": name, "error": str(error)}))
    else:
        click.echo(f"lenet: {printable(str(error))}", err=True)
