"""Makes tables without frames, so that more fits into 80 columns."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
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
