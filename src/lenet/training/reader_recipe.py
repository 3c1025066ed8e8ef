"""Holds the recipes for the networks that read numbers."""

from dataclasses import dataclass
from math import cos, pi

from lenet.networks import Network
from lenet.networks.reader import reader_network, residual_reader_network


@dataclass(frozen=True)
class ReaderRecipe:
    """How to train one member of a reader.

    Parameters
    ----------
    steps, batch_size
        The number of batches, and the number of images in each.
    learning_rate, weight_decay
        Settings of AdamW; `learning_rate` is the highest rate.
    """

    steps: int
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.02

    def rate(self, step: int) -> float:
        """Return the rate of a step, from 1: it rises for 100 steps and falls to 0 as a cosine."""
        fall = (1 + cos(pi * (step - 1) / self.steps)) / 2
        return self.learning_rate * min(1.0, step / 100) * fall


def reader_members() -> tuple[tuple[Network, ReaderRecipe], ...]:
    """Return the networks of a reader's ensemble, each with its recipe."""
    return (
        (reader_network(), ReaderRecipe(steps=8_000)),
        (residual_reader_network(), ReaderRecipe(steps=3_000, weight_decay=0.05)),
    )
