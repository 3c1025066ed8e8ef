"""Shows progress while data is downloaded and read, and writes paths for the terminal."""

import os
from pathlib import Path
from typing import Self

import click
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn

from lenet.data.callbacks import DataCallbacks
from lenet.interactive.tables import safe_console
from lenet.visible import visible

__all__ = ["DataProgress", "echo", "plain_in_notebooks", "safe_console", "shown"]


def plain_in_notebooks() -> bool | None:
    """Return False for a command that a notebook runs with ``!``, else None: decide by the output.

    A notebook gives the command a terminal, but cannot move its cursor.
    """
    return False if "JPY_PARENT_PID" in os.environ else None


def echo(text: object, err: bool = False) -> None:
    """Print a text, which may have several lines, to standard output or standard error."""
    click.echo(visible(str(text), lines=True), err=err)


class DataProgress(DataCallbacks):
    """Prints messages to standard error; on a terminal also a progress bar for long work.

    It is a context manager: leaving it removes the bar.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.console = safe_console(stderr=True, quiet=quiet, force_terminal=plain_in_notebooks())
        self._bars: Progress | None = None
        self._label = ""

    def on_message(self, text: str) -> None:
        """Print one line."""
        self.console.print(visible(text), soft_wrap=True)

    def on_progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """Move the bar called `label`; without a terminal, print a line when all is done."""
        ended = done == total
        if not self.console.is_terminal:
            if ended:
                amount = f"{done / 1e6:,.1f} MB" if unit == "bytes" else f"{done:,} {unit}"
                self.on_message(f"{label}: {amount}")
            return
        if self._bars is None or self._label != label:
            self._clear()
            count = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
            columns = (TextColumn("{task.description}", markup=False), BarColumn(), count)
            self._bars = Progress(*columns, console=self.console, transient=True)
            self._label = label
            self._bars.add_task(visible(label))
            self._bars.start()
        self._bars.update(self._bars.task_ids[0], completed=done, total=total)
        if ended:
            self._clear()

    def _clear(self) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._clear()


def shown(path: Path) -> str:
    """Return a path as text, relative to the current folder if it lies inside."""
    try:
        return visible(str(path.resolve().relative_to(Path.cwd())))
    except ValueError:
        return visible(str(path))
