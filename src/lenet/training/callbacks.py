"""Defines callbacks for what happens while a network trains."""

from lenet.training.progress import Epoch, Progress


class TrainingCallbacks:
    """Receives steps, epochs and messages of a training.

    This class ignores them; a subclass overrides the methods it needs.
    """

    def on_start(self, images: int) -> None:
        """Handle the start of training, or its continuation.

        An epoch shows `images` images: the training images and any extra examples.
        """

    def on_step(self, progress: Progress, seen: int) -> None:
        """Handle some finished steps; called about ten times a second.

        `progress` holds the epoch's sums over the `seen` images that are done.
        """

    def on_epoch(self, epoch: Epoch) -> None:
        """Handle the end of an epoch; `epoch` is its line of the history."""

    def on_message(self, text: str) -> None:
        """Receive one line of text for the user."""
