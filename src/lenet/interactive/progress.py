"""Shows a training to Python code: a line an epoch, or in a notebook one picture that changes."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Any

from lenet import drawing
from lenet.data.callbacks import DataCallbacks
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.progress import Epoch, Progress
from lenet.visible import visible


def in_notebook() -> bool:
    """Return whether this code runs in the kernel of a notebook; IPython need not be installed."""
    module: Any = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return getattr(shell, "kernel", None) is not None


def epoch_line(epoch: Epoch, epochs: int, images: int) -> str:
    """Return an epoch's results in one line, for a run of `epochs` epochs of `images` images."""
    width = len(str(epochs))
    rate = images / epoch.seconds if epoch.seconds else 0.0
    return (
        f"epoch {epoch.epoch:>{width}}/{epochs}  loss {epoch.train_loss:.3f}  "
        f"train {epoch.train_accuracy:7.2%}  test {epoch.test_accuracy:7.2%}  "
        f"{rate:>8,.0f} images/s"
    )


class _Now:
    """What a notebook shows of a training now: one line, and the curves so far."""

    def __init__(self, line: str, history: list[dict[str, Any]]) -> None:
        self._line = line
        self._history = history

    def __repr__(self) -> str:
        return self._line

    def _repr_html_(self) -> str:
        drawn = drawing.curves(self._history) if len(self._history) > 1 else ""
        return drawing.html_line(self._line) + drawn


class Shown(TrainingCallbacks, DataCallbacks):
    """Prints messages and epochs, or updates one output of a notebook's cell in place.

    Parameters
    ----------
    epochs
        The epochs of the whole run.
    quiet
        True shows nothing.
    on_epoch
        Called after each epoch; the training stops if it returns True or raises KeyboardInterrupt.
    """

    def __init__(
        self, epochs: int, quiet: bool, on_epoch: Callable[[Epoch], object] | None
    ) -> None:
        self.stopped = False
        self.interrupted = False
        self.epochs = epochs
        self._quiet = quiet
        self._on_epoch = on_epoch
        self._images = 0
        self._history: list[dict[str, Any]] = []
        self._handle: Any = None
        self._live = not quiet and in_notebook()

    def on_message(self, text: str) -> None:
        """Print one line."""
        if not self._quiet:
            print(visible(text))

    def on_start(self, images: int) -> None:
        """See `TrainingCallbacks`."""
        self._images = images

    def on_step(self, progress: Progress, seen: int) -> None:
        """Update the line of a notebook."""
        if self._live:
            rate = seen / progress.seconds if progress.seconds else 0.0
            self._show(
                f"epoch {progress.epoch + 1}/{self.epochs}, {seen / self._images:.0%}  "
                f"loss {progress.loss_sum / seen:.3f}  train {progress.correct / seen:.2%}  "
                f"{rate:,.0f} images/s"
            )

    def on_epoch(self, epoch: Epoch) -> None:
        """Show the epoch's results, and ask whether to stop."""
        self._history.append(asdict(epoch))
        line = epoch_line(epoch, self.epochs, self._images)
        if self._live:
            self._show(line)
        else:
            self.on_message(line)
        if self._on_epoch is not None:
            try:
                self.stopped = self._on_epoch(epoch) is True
            except KeyboardInterrupt:  # as a signal would: the epoch is kept
                self.stopped = self.interrupted = True

    def _show(self, line: str) -> None:
        now = _Now(line, self._history)
        if self._handle is None:
            display: Any = import_module("IPython.display").display
            self._handle = display(now, display_id=True)
        else:
            self._handle.update(now)
