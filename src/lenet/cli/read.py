"""``lenet read``: the numbers in pictures."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click

from lenet.artifact import load
from lenet.cli.output.answer_all import answer_all
from lenet.cli.output.error_rate import ErrorShare
from lenet.cli.output.reading_lines import as_json, as_text
from lenet.cli.output.show_input import numbered
from lenet.errors import LenetError
from lenet.files import whole_file
from lenet.pictures.image import ImageError
from lenet.pictures.prefetch import Prepared
from lenet.pictures.types import Images
from lenet.reading.pattern import Pattern
from lenet.reading.reader import NAME, Reading, picture_reader


@click.command("read")
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True)
@click.option("--json", is_flag=True, help="Print one JSON object an image.")
@click.option(
    "--reject-error",
    type=ErrorShare(),
    help="Share of wrong numbers to accept, such as 0.5%: less sure ones become 'not sure'. "
    "By default 1%, or the least that the network knows, if it knows any.",
)
@click.option("--length", type=int, metavar="N", help="All numbers have N digits.")
@click.option(
    "--pattern",
    "template",
    metavar="TEMPLATE",
    help="All numbers are like this: d is any digit, [0-4] one of several, and a ?, *, + or {2,6} "
    "behind says how often, as in '[1-9]d{0,2}00'.",
)
@click.option(
    "--reader",
    metavar="RUN",
    default=NAME,
    show_default=True,
    help="The network: a run folder, or the name of one that ships.",
)
@click.option(
    "--show",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write each picture into DIR, as PNG, with what was read and where.",
)
def command(
    images: tuple[str, ...], json: bool, reject_error: float | None, length: int | None,
    template: str | None, reader: str, folder: Path | None,
) -> None:  # fmt: skip
    """Read the number in each of IMAGES: all of its digits, without separators.

    Each of IMAGES is a file; a folder, for the pictures in it and its subfolders; a quoted pattern
    such as 'scans/**/*.png'; or '-', standard input: an image or, as text, paths one a line.

    A picture that cannot be read is named, the others are answered, and the exit code is 2.
    """
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
                with whole_file(folder / numbered(number, one.name)) as part:
                    part.write_bytes(png)
            yield one.name, reading

    make = partial(_made, read, folder is not None)
    answer_all(images, make, answers, _shower(json), json, folder, in_processes=True)


def _made(
    read: Callable[[Images], Reading], shown: bool, picture: Images
) -> tuple[Reading, bytes | None]:
    reading = read(picture)
    if not shown:
        return reading, None
    from lenet.cli.output.show_reading import as_png

    return reading, as_png(picture, reading)


def _shower(json: bool) -> Callable[[str, Reading], None]:
    if json:
        return lambda name, reading: click.echo(as_json(name, reading))
    if not sys.stdout.isatty():
        return lambda name, reading: click.echo(as_text(name, reading))
    from rich.console import Console

    from lenet.cli.output.reading_table import ReadingTable

    return ReadingTable(Console()).add
