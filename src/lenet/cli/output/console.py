"""What the terminal shows while data is fetched and read."""

from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn


class DataNews:
    """Lines on stderr, and a progress bar for each long piece of work if it is a terminal.

    A `lenet.data.callbacks.Listener`, and a context manager: leaving it clears the bars.
    """

    def __init__(self, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self._bars: Progress | None = None
        self._label = ""

    def line(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, markup=False, soft_wrap=True)

    def progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """Move the bar called `label`; without a terminal, say only how it ended."""
        ended = done == total
        if not self.console.is_terminal:
            if ended:
                amount = f"{done / 1e6:,.1f} MB" if unit == "bytes" else f"{done:,} {unit}"
                self.line(f"{label}: {amount}")
            return
        if self._bars is None or self._label != label:
            self._clear()
            count = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
            self._bars = Progress(
                TextColumn("{task.description}"), BarColumn(), count,
                console=self.console, transient=True,
            )  # fmt: skip
            self._label = label
            self._bars.add_task(label)
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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()


def shown(path: Path) -> str:
    """Write a path relative to here where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
