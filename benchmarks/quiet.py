"""Callbacks for training runs that print messages and nothing else."""

from lenet.training.callbacks import TrainingCallbacks


class Quiet(TrainingCallbacks):
    """Prints messages, indented."""

    def on_message(self, text: str) -> None:
        """Print a line."""
        print("   ", text)
