"""Writes answers as a CSV table (RFC 4180, but lines end in LF as text files do): ``--csv``."""

import csv
import io
import sys
from collections.abc import Sequence
from typing import Any

import click

from lenet.cli.output.answer_lines import printable

CLASSES = (
    "path",
    "label",
    "probability",
    "rejected",
    "several",
    "label_2",
    "probability_2",
    "label_3",
    "probability_3",
    "none",
    "error",
)
"""The columns of ``lenet predict --csv``; 2 and 3 are the next most probable classes."""

NUMBERS = ("path", "text", "confidence", "rejected", "error")
"""The columns of ``lenet read --csv``."""


class CsvRows:
    """Prints a header, and a row for each picture; `answer` takes what ``--json`` would print."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns

    def head(self) -> None:
        """Print the header."""
        click.echo(csv_line(self._columns))

    def answer(self, table: dict[str, Any]) -> None:
        """Print the row of an answer, from its JSON object; what it lacks is left empty."""
        cells = dict(table)
        for rank, one in enumerate(table.get("top", ()), start=1):
            cells |= {f"{key}_{rank}": value for key, value in one.items()}
        self._print(cells)

    def error(self, name: str, sentence: str) -> None:
        """Print the row of a picture that could not be read: its name and the error."""
        self._print({"path": name, "error": sentence})

    def _print(self, cells: dict[str, Any]) -> None:
        texts = [_text(cells.get(column)) for column in self._columns]
        if sys.stdout.isatty():
            texts = [printable(text) for text in texts]
        click.echo(csv_line(texts))


def csv_rows(columns: Sequence[str], csv: bool, json: bool) -> CsvRows | None:
    """Return what prints the table; None without ``--csv``. With ``--json`` too, a usage error."""
    if csv and json:
        raise click.UsageError("--csv and --json exclude each other; leave out one of them.")
    return CsvRows(columns) if csv else None


def csv_line(cells: Sequence[str]) -> str:
    """Return one row without its line end, quoted where needed.

    Examples
    --------
    >>> print(csv_line(["a, b.png", "7", ""]))
    "a, b.png",7,
    """
    buffer = io.StringIO()
    # Python before 3.13 quotes a line end only if it is part of its own.
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().removesuffix("\r\n")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # A path's bytes that are not UTF-8 are lone surrogates, which no encoding has.
    return str(value).encode("utf-8", "backslashreplace").decode()
