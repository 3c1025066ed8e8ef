"""Where a training run stands, and who hears of it."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Epoch:
    """One line of ``history.csv``.

    Loss and accuracy in training are means over the epoch while the weights moved, as the
    chapter counts them; test accuracy is that of the weights at its end. Seconds are those of
    training alone.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    test_accuracy: float
    seconds: float


@dataclass
class Progress:
    """All that a run has to know, besides weights, to go on where it stopped.

    The order of an epoch's images follows from the seed and the epoch's number alone, so a step
    number is enough to find the place in it.
    """

    history: list[Epoch] = field(default_factory=list[Epoch])
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0

    @property
    def epoch(self) -> int:
        """How many epochs are finished."""
        return len(self.history)

    def finish_epoch(self, train_images: int, test_accuracy: float) -> Epoch:
        """Close the epoch: add its line to the history and begin the next."""
        line = Epoch(
            self.epoch + 1,
            self.loss_sum / train_images,
            self.correct / train_images,
            test_accuracy,
            self.seconds,
        )
        self.history.append(line)
        self.step, self.loss_sum, self.correct, self.seconds = 0, 0.0, 0, 0.0
        return line


class TrainingListener(Protocol):
    """Hears how training goes."""

    def step(self, progress: Progress, seen: int) -> None:
        """Hear, some ten times a second, that `seen` images of the epoch are done."""

    def epoch(self, line: Epoch) -> None:
        """Hear that an epoch has ended."""

    def line(self, text: str) -> None:
        """Hear something worth a line."""
