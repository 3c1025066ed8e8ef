"""Holds the progress of a training run: its finished epochs, and its place in the current."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Epoch:
    """The results of one epoch, a line of ``history.csv``.

    Parameters
    ----------
    epoch
        The number of the epoch, from 1.
    train_loss, train_accuracy
        Means over the epoch while the parameters changed, as in the textbook.
    test_accuracy
        Accuracy on the test images at the end of the epoch.
    seconds
        Time spent in training steps; evaluation is not included.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_accuracy: float
    seconds: float


@dataclass
class Progress:
    """All that a run needs, besides its parameters, to continue where it stopped.

    The order of an epoch's images depends only on the seed and the number of the epoch, so a step
    number is enough to find the place in it.

    Parameters
    ----------
    history
        The finished epochs.
    step
        Steps done in the current epoch.
    loss_sum, correct, seconds
        Sums over the steps of the current epoch.
    best_epoch, best_accuracy
        The number of the epoch with the most correct validation images, and their share; 0 if the
        recipe does not ask for the best epoch.
    """

    history: list[Epoch] = field(default_factory=list[Epoch])
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best_accuracy: float = -1.0

    @property
    def epoch(self) -> int:
        """The number of finished epochs."""
        return len(self.history)

    @property
    def kept(self) -> Epoch:
        """The epoch whose parameters are kept: the last, unless the best was asked for."""
        return self.history[(self.best_epoch or self.epoch) - 1]

    def finish_epoch(self, images: int, test_accuracy: float) -> Epoch:
        """Add the current epoch, which showed `images` images, to the history; begin the next."""
        loss, accuracy = self.loss_sum / images, self.correct / images
        epoch = Epoch(self.epoch + 1, loss, accuracy, test_accuracy, self.seconds)
        self.history.append(epoch)
        self.step, self.loss_sum, self.correct, self.seconds = 0, 0.0, 0, 0.0
        return epoch
