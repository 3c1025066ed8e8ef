"""What the commands that answer to many pictures share: finding them, errors, the end."""

import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import Protocol, TypeVar

import click

from lenet.cli.output.answer_lines import json_line, printable
from lenet.pictures.find_files import find_pictures
from lenet.pictures.image import ImageError
from lenet.pictures.prefetch import Prepared, prepare
from lenet.pictures.types import Images

T = TypeVar("T")


class Rejectable(Protocol):
    """An answer that may not be sure enough."""

    @property
    def rejected(self) -> bool:
        """Whether it is not."""
        ...


A = TypeVar("A", bound=Rejectable)


def answer_all(
    names: Iterable[str],
    make: Callable[[Images], T],
    answers: Callable[[list[Prepared[T]], int], Iterator[tuple[str, A | ImageError]]],
    show: Callable[[str, A], None],
    json: bool,
    folder: Path | None,
    in_processes: bool = False,
) -> None:
    """Answer to pictures as they are found; say which could not be read, and leave with 2 for them.

    Parameters
    ----------
    names
        As for `lenet.pictures.find_files.find_pictures`.
    make
        What to make of a decoded picture, in threads or, of many, in processes.
    answers
        Gets pictures so made, and the number of the first of them, counted from 1; gives each
        picture's name and answer.
    show
        Prints a picture's answer.
    json
        Errors are JSON lines among the answers; else they go to standard error.
    folder
        Where `answers` writes, if anywhere: it is made, and no pictures are looked for there.
    in_processes
        As for `lenet.pictures.prefetch.prepare`.

    Raises
    ------
    OSError
        The folder cannot be made, or what `answers` raises.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    skipped: Counter[str] = Counter()
    given = answered = unsure = 0
    found = find_pictures(names, _standard_input(), skipped, folder)
    # Pillow warns of doubtful files; set here, because the threads that read share the filters.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for batch in prepare(found, make, in_processes):
            for name, result in answers(batch, given + 1):
                if isinstance(result, ImageError):
                    _complain(name, result, json)
                else:
                    answered += 1
                    unsure += result.rejected
                    show(name, result)
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


def _complain(name: str, error: ImageError, json: bool) -> None:
    if json:
        click.echo(json_line({"path": name, "error": str(error)}))
    else:
        click.echo(f"lenet: {printable(str(error))}", err=True)
