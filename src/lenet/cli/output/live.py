"""Shows a training run on the terminal: a progress bar, and the curves so far."""

from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lenet.cli.output.console import plain_in_notebooks, safe_console
from lenet.interactive.progress import epoch_line
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.progress import Epoch, Progress
from lenet.visible import visible

_LEVELS = "▁▂▃▄▅▆▇█"
_SPARKLINE_WIDTH = 60


class TrainingProgress(TrainingCallbacks):
    """Prints a line for each epoch; on a terminal also a live bar with the curves under it.

    It is a context manager: leaving it removes the bar.

    Parameters
    ----------
    epochs
        The epochs of the whole run.
    history
        The finished epochs; the training adds to this list.
    quiet
        True prints nothing.
    """

    def __init__(self, epochs: int, history: list[Epoch], quiet: bool) -> None:
        self.console = safe_console(quiet=quiet, force_terminal=plain_in_notebooks())
        self._epochs = epochs
        self._history = history
        self._images = 0
        self._live = Live(console=self.console, transient=True, refresh_per_second=10)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Remove the bar."""
        if self.console.is_terminal:
            self._live.update("")
            self._live.stop()

    def on_start(self, images: int) -> None:
        """See `TrainingCallbacks`."""
        self._images = images

    def on_message(self, text: str) -> None:
        """Print one line above the bar."""
        self.console.print(visible(text), soft_wrap=True)

    def on_epoch(self, epoch: Epoch) -> None:
        """Print the epoch's results."""
        self.on_message(epoch_line(epoch, self._epochs, self._images))
        self._live.update(self._curves())

    def on_step(self, progress: Progress, seen: int) -> None:
        """Move the bar."""
        if not self.console.is_terminal:
            return
        rate = seen / progress.seconds if progress.seconds else 0.0
        left = (self._epochs - progress.epoch) * self._images - seen
        row = Table.grid(padding=(0, 2))
        row.add_row(
            f"epoch {progress.epoch + 1}/{self._epochs}",
            ProgressBar(total=self._images, completed=seen, width=24),
            f"loss {progress.loss_sum / seen:.3f}",
            f"train {progress.correct / seen:.1%}",
            f"{rate:,.0f} images/s",
            f"{left / rate:.0f} s left" if rate else "",
        )
        self._live.update(Group(row, self._curves()))

    def _curves(self) -> RenderableType:
        if len(self._history) < 2:
            return Text()
        table = Table.grid(padding=(0, 2))
        for name in ("train_loss", "train_accuracy", "test_accuracy"):
            values = [getattr(epoch, name) for epoch in self._history[-_SPARKLINE_WIDTH:]]
            ends = f"{values[0]:.3f} → {values[-1]:.3f}"
            table.add_row(name.replace("_", " "), sparkline(values), ends)
        return table


def sparkline(values: list[float]) -> str:
    """Draw values as blocks of eight heights, from the smallest to the greatest.

    Examples
    --------
    >>> sparkline([0.5, 0.7, 0.8, 0.85])
    '▁▅▇█'
    """
    low, high = min(values), max(values)
    span = high - low or 1.0
    top = len(_LEVELS) - 1
    return "".join(_LEVELS[round((value - low) / span * top)] for value in values)
