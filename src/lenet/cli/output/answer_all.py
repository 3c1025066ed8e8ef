"""Answers many pictures: prints each answer and each error, and sets the exit code."""

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import click

from lenet.cli.output.answer_lines import json_line, printable
from lenet.cli.output.csv_rows import CsvRows
from lenet.cli.pictures import FoundPictures
from lenet.pictures.image import ImageError
from lenet.pictures.prefetch import prepare
from lenet.pictures.prepare import Prepared
from lenet.pictures.types import Images

if TYPE_CHECKING:  # at run time each command imports only its own kind of answers
    from lenet.answers import Answer
    from lenet.reading.reader import Reading

T = TypeVar("T")
A = TypeVar("A", "Answer", "Reading")


def answer_all(
    pictures: FoundPictures,
    make: Callable[[Images], T],
    answers: Callable[[list[Prepared[T]], int], Iterator[tuple[str, A | ImageError]]],
    as_text: Callable[[str, A], str],
    table: Callable[[], Callable[[str, A], None]],
    json: bool,
    csv: CsvRows | None = None,
    in_processes: bool = False,
) -> None:
    """Answer pictures as they are found; exit with 2 if some could not be read.

    Parameters
    ----------
    make
        Turns a decoded picture into what `answers` needs; called in threads or processes.
    answers
        Receives some prepared pictures and the number of the first of them, counted from 1; yields
        the name and the answer of each.
    as_text
        Writes the answer to a picture with a name as one line.
    table
        Begins a table on the terminal; returns the function that prints a row.
    json
        True prints answers and errors as JSON lines; False prints errors to standard error.
    csv
        Prints answers and errors as rows of a CSV table; None prints none.
    in_processes
        As for `lenet.pictures.prefetch.prepare`.
    """
    row = table() if sys.stdout.isatty() and not json and csv is None else None
    if csv is not None:
        csv.head()
    total = answered = unsure = 0
    for batch in prepare(pictures.found, make, in_processes):
        for one, (name, result) in zip(batch, answers(batch, total + 1), strict=True):
            if isinstance(result, ImageError):
                if csv is not None:
                    csv.error(name, str(result))
                elif json:
                    click.echo(json_line({"path": name, "error": str(result)}))
                else:
                    click.echo(f"lenet: {printable(str(result))}", err=True)
                continue
            answered += 1
            unsure += result.rejected
            if csv is not None:
                csv.answer(result.to_json(name))
            elif row is not None:
                row(name, result)
            elif json:
                notice = {} if one.notice is None else {"notice": one.notice}
                click.echo(json_line({**result.to_json(name), **notice}))
            else:
                click.echo(as_text(name, result))
            if one.notice is not None and not json:
                click.echo(f"lenet: {printable(f'{name}: {one.notice}')}", err=True)
        total += len(batch)
    if row is not None and total > 1:
        failed = f", {total - answered:,} could not be read" if answered < total else ""
        click.echo(f"{answered:,} answered, {unsure:,} not sure{failed}")
    skipped = pictures.skipped
    if skipped:
        kinds = ", ".join(sorted(printable(suffix) or "no suffix" for suffix in skipped))
        click.echo(
            f"lenet: skipped files that are not pictures: {skipped.total():,} ({kinds})", err=True
        )
    if answered < total:
        raise click.exceptions.Exit(2)
