"""Train in a test: what the command line does, without it."""

from collections.abc import Callable
from pathlib import Path

from lenet.data import Dataset
from lenet.training import run as runs
from lenet.training.callbacks import TrainingCallbacks
from lenet.training.checkpoint import Checkpoint, Settings
from lenet.training.progress import Epoch
from lenet.training.start import resume, start


class Recorder(TrainingCallbacks):
    """Keeps what the callbacks receive."""

    def __init__(self) -> None:
        self.images = 0
        self.seen: list[int] = []
        self.epochs: list[Epoch] = []
        self.lines: list[str] = []

    def on_start(self, images: int) -> None:
        self.images = images

    def on_step(self, progress: object, seen: int) -> None:
        self.seen.append(seen)

    def on_epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)

    def on_message(self, text: str) -> None:
        self.lines.append(text)


def run(
    asked: Settings,
    data: Dataset,
    folder: Path,
    callbacks: TrainingCallbacks | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    resumed: Checkpoint | None = None,
) -> runs.Run:
    """Train as `asked`, from the beginning or from a checkpoint."""
    if resumed is None:
        training = start(asked.recipe, data, asked.seed, asked.device, asked.engine)
    else:
        training = resume(resumed, folder, asked.recipe.epochs, data)
    return runs.run(training, folder, callbacks, should_stop)
