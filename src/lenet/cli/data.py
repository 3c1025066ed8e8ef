"""``lenet data``: the catalog."""

import click

from lenet.data.catalog import CATALOG, entry_named
from lenet.errors import LenetError


@click.group("data", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List and fetch data sets."""


@command.command("list")
def list_() -> None:
    """Print every data set known by name."""
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for heading in ("name", "what", "training", "test", "classes", "licence"):
        number = heading in ("training", "test", "classes")
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for entry in CATALOG.values():
        table.add_row(
            entry.name,
            entry.title,
            f"{entry.train:,}",
            f"{entry.test:,}",
            str(len(entry.classes)),
            entry.licence,
        )
    Console(width=None if Console().is_terminal else 120).print(table)


@command.command("fetch")
@click.argument("name")
def fetch_(name: str) -> None:
    """Fetch the data set NAME into the cache and check it."""
    from lenet.cli.output.console import DataNews
    from lenet.data.fetch import fetch

    try:
        entry = entry_named(name)
    except LenetError as error:
        raise click.UsageError(str(error)) from error
    with DataNews() as news:
        files = fetch(entry, news)
    for path in files.values():
        click.echo(path)
