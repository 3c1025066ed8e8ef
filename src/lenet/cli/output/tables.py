"""Prints tables without frames, so that more fits into 80 columns."""

from rich.table import Table

from lenet.interactive.tables import compact_table, safe_console


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal, or up to 120 columns wide where there is none."""
    safe_console(width=None if safe_console().is_terminal else 120).print(table)


__all__ = ["compact_table", "print_table"]
