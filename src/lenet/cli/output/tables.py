"""Prints tables without frames, so that more fits into 80 columns."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


def compact_table(title: str | None = None, headings: Sequence[str] = ()) -> Table:
    """Return an empty table: the first column flush left, the others flush right."""
    table = Table(
        title=title,
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal, or up to 120 columns wide where there is none."""
    Console(width=None if Console().is_terminal else 120, highlight=False).print(table)
