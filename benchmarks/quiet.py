"""A listener for training runs that prints nothing but what is worth a line."""

from lenet.training.progress import Epoch, Progress


class Quiet:
    """A `lenet.training.progress.TrainingListener`."""

    def step(self, progress: Progress, seen: int) -> None:
        """Hear that `seen` images of the epoch are done."""

    def epoch(self, line: Epoch) -> None:
        """Hear that an epoch has ended."""

    def line(self, text: str) -> None:
        """Print a line."""
        print("   ", text)
