"""``lenet read``: read the handwritten numbers in pictures."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click

from lenet.artifact import load
from lenet.cli import completion
from lenet.cli.output.answer_all import answer_all
from lenet.cli.output.csv_rows import NUMBERS, csv_rows
from lenet.cli.output.error_rate import ErrorRate
from lenet.cli.output.reading_lines import as_text
from lenet.cli.output.show_input import numbered
from lenet.cli.pictures import pictures_of
from lenet.errors import LenetError
from lenet.files import whole_file
from lenet.pictures.image import ImageError
from lenet.pictures.prepare import Prepared
from lenet.pictures.types import Images
from lenet.reading.pattern import Pattern
from lenet.reading.reader import NAME, Reading, picture_reader


@click.command("read")
@click.argument("images", metavar="IMAGE...", nargs=-1)
@click.option("--demo", is_flag=True, help="Use the three pictures that come with lenet.")
@click.option("--json", is_flag=True, help="Print one JSON object per picture.")
@click.option("--csv", is_flag=True, help="Print a CSV table, one row per picture.")
@click.option(
    "--reject-error",
    type=ErrorRate(),
    help="Aim for this error rate, such as 0.5%, among the numbers that are not 'not sure'. "
    "By default 1%, or the lowest that the network has a threshold for, if it has any. Measured "
    "at 1%: of the accepted numbers on cheques that were kept for testing, 4.0% are wrong "
    "(docs/read.md).",
)
@click.option("--length", type=int, metavar="N", help="All numbers have N digits.")
@click.option(
    "--pattern",
    "template",
    metavar="TEMPLATE",
    help="All numbers match this: d is any digit, [0-4] one of these digits, and ?, *, + or {2,6} "
    "after it says how often, as in '[1-9]d{0,2}00'.",
)
@click.option(
    "--reader",
    metavar="RUN",
    shell_complete=completion.trained,
    default=NAME,
    show_default=True,
    help="The network: a run folder, or the name of one that comes with lenet.",
)
@click.option(
    "--show",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each picture into DIR, as PNG, with the digits that were read and their places.",
)
def command(
    images: tuple[str, ...],
    demo: bool,
    json: bool,
    csv: bool,
    reject_error: float | None,
    length: int | None,
    template: str | None,
    reader: str,
    folder: Path | None,
) -> None:
    """Read the handwritten number in each picture: all of its digits, without separators.

    Each IMAGE is a file; a folder, for the pictures in it and its subfolders; a quoted pattern such
    as 'scans/**/*.png'; or '-', standard input: a picture or, as text, one path per line. Each page
    of a file has an answer, with the name FILE#1, FILE#2 and so on.

    Uncertain numbers are marked 'not sure'. A picture that cannot be read is named, the others are
    answered, and the exit code is 2.
    """
    rows = csv_rows(NUMBERS, csv, json)
    if not images and not demo:
        raise click.UsageError("name the pictures: lenet read IMAGE..., or try --demo.")
    if images and demo:
        raise click.UsageError(f"--demo brings its own pictures; leave out {images[0]}.")
    if length is not None and template is not None:
        raise LenetError("--length and --pattern exclude each other: d{4} is the pattern of 4")
    pattern = Pattern.length(length) if length is not None else template
    read = picture_reader(reject_error, pattern, reader=load(reader))

    def answers(
        batch: list[Prepared[tuple[Reading, bytes | None]]], first: int
    ) -> Iterator[tuple[str, Reading | ImageError]]:
        for number, one in enumerate(batch, start=first):
            if isinstance(one.result, ImageError):
                yield one.name, one.result
                continue
            reading, png = one.result
            if folder is not None and png is not None:
                with whole_file(folder / numbered(number, one.name), sync=False) as part:
                    part.write_bytes(png)
            yield one.name, reading

    make = partial(_made, read, folder is not None)
    pictures = pictures_of(images, "numbers" if demo else None, folder)
    answer_all(pictures, make, answers, as_text, _table, json, rows, in_processes=True)


def _made(
    read: Callable[[Images], Reading], shown: bool, picture: Images
) -> tuple[Reading, bytes | None]:
    reading = read(picture)
    if not shown:
        return reading, None
    from lenet.cli.output.show_reading import as_png

    return reading, as_png(picture, reading)


def _table() -> Callable[[str, Reading], None]:
    from lenet.cli.output.console import safe_console
    from lenet.cli.output.reading_table import ReadingTable

    return ReadingTable(safe_console()).add
