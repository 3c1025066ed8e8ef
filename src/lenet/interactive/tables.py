"""Makes tables without frames, so that more fits into 80 columns."""

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lenet.visible import visible


class SafeConsole(Console):
    """A console that writes what a terminal would act on as escapes, in texts and in cells."""

    def render_str(self, text: str, **options: Any) -> Text:  # pyright: ignore[reportIncompatibleMethodOverride] the same options
        """Return the text that is printed for a string."""
        return super().render_str(visible(text, lines=True), **options)


def safe_console(**options: Any) -> SafeConsole:
    """Return a console that prints names as they are: no markup, no emoji, no escape sequences.

    Parameters
    ----------
    options
        As for `rich.console.Console`.
    """
    plain: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}
    return SafeConsole(**plain, **options)


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
