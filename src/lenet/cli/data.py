"""``lenet data``: list the data sets known by name, and download them."""

import click

from lenet.cli import completion
from lenet.cli.output.tables import compact_table, print_table
from lenet.data.catalog import CATALOG, entry_named
from lenet.errors import LenetError
from lenet.visible import visible


@click.group("data", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List data sets and download them."""


@command.command("list")
def list_() -> None:
    """Print every data set known by name."""
    table = compact_table()
    table.add_column("name", no_wrap=True)
    table.add_column("description")
    for heading in ("training", "test", "classes"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("licence")
    for entry in CATALOG.values():
        description = entry.title.partition(": ")[2]
        counts = (f"{number:,}" for number in (entry.train, entry.test, len(entry.classes)))
        table.add_row(entry.name, description, *counts, entry.licence)
    print_table(table)


@command.command("fetch")
@click.argument("name", shell_complete=completion.data_to_fetch)
def fetch_(name: str) -> None:
    """Download the data set NAME into the cache.

    The files are checked, and their paths are printed.
    """
    from lenet.cli.output.console import DataProgress, echo
    from lenet.data.fetch import fetch

    try:
        entry = entry_named(name)
    except LenetError as error:
        raise click.UsageError(str(error)) from error
    with DataProgress() as callbacks:
        files = fetch(entry, callbacks)
    for path in files.values():
        echo(visible(str(path)))
