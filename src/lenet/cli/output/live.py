"""What the terminal shows while a network trains: a bar, and the curves as they grow."""

from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lenet.training.progress import Epoch, Progress

_LEVELS = "▁▂▃▄▅▆▇█"
_SPARKLINE_WIDTH = 60


class TrainingNews:
    """A line for each epoch; on a terminal also a live bar with the curves under it.

    A `lenet.training.progress.TrainingListener`, and a context manager.
    """

    def __init__(self, epochs: int, images: int, quiet: bool) -> None:
        self.console = Console(quiet=quiet, highlight=False)
        self.epochs = epochs
        self.images = images
        self.history: list[Epoch] = []
        self._live = Live(console=self.console, transient=True, refresh_per_second=10)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.console.is_terminal:
            self._live.update("")
            self._live.stop()

    def line(self, text: str) -> None:
        """Print one line above the bar."""
        self.console.print(text, markup=False, soft_wrap=True)

    def epoch(self, line: Epoch) -> None:
        """Print the epoch's results."""
        self.history.append(line)
        width = len(str(self.epochs))
        self.line(
            f"epoch {line.epoch:>{width}}/{self.epochs}  loss {line.train_loss:.3f}  "
            f"train {line.train_accuracy:7.2%}  test {line.test_accuracy:7.2%}  "
            f"{self.images / line.seconds:>8,.0f} images/s"
        )
        self._live.update(self._curves())

    def step(self, progress: Progress, seen: int) -> None:
        """Move the bar."""
        if not self.console.is_terminal:
            return
        rate = seen / progress.seconds if progress.seconds else 0.0
        left = self.images - seen + (self.epochs - progress.epoch - 1) * self.images
        row = Table.grid(padding=(0, 2))
        row.add_row(
            f"epoch {progress.epoch + 1}/{self.epochs}",
            ProgressBar(total=self.images, completed=seen, width=24),
            f"loss {progress.loss_sum / seen:.3f}",
            f"train {progress.correct / seen:.1%}",
            f"{rate:,.0f} images/s",
            f"{left / rate:.0f} s left" if rate else "",
        )
        self._live.update(Group(row, self._curves()))

    def _curves(self) -> RenderableType:
        if len(self.history) < 2:
            return Text()
        table = Table.grid(padding=(0, 2))
        for label, values in (
            ("train loss", [line.train_loss for line in self.history]),
            ("train accuracy", [line.train_accuracy for line in self.history]),
            ("test accuracy", [line.test_accuracy for line in self.history]),
        ):
            values = values[-_SPARKLINE_WIDTH:]
            table.add_row(label, sparkline(values), f"{values[0]:.3f} → {values[-1]:.3f}")
        return table


def sparkline(values: list[float]) -> str:
    """Draw values as blocks of eight heights, from the least to the greatest."""
    low, high = min(values), max(values)
    span = high - low or 1.0
    top = len(_LEVELS) - 1
    return "".join(_LEVELS[round((value - low) / span * top)] for value in values)
