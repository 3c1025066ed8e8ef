from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lenet.training.recipe import CHAPTER
from lenet.training.trainer import BatchTrainer


class Notes:
    """A step and an optimizer in one, which only remember."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def begin(self, order: Any, loss_sum: float, correct: int) -> None:
        self.said.append(("begin", list(order), loss_sum, correct))

    def batch(self, first: int, last: int) -> None:
        self.said.append((first, last))

    def sums(self) -> tuple[float, int]:
        return 1.5, 2

    def step(self, learning_rate: float) -> None:
        self.said.append(learning_rate)


def test_after_each_batchs_gradients_comes_a_step_at_the_rate_of_that_moment() -> None:
    recipe = replace(CHAPTER, epochs=2, batch_size=5, learning_rate=1.0, schedule="cosine")
    notes: Any = Notes()
    trainer = BatchTrainer(recipe, notes, notes, images=10)
    assert trainer.images_a_call == 5
    trainer.begin(1, np.arange(10), 1, (0.5, 3))
    trainer.step(0, 5)
    trainer.step(5, 10)
    assert notes.said == [
        ("begin", list(range(10)), 0.5, 3), (0, 5), pytest.approx(recipe.rate(1.0)),
        (5, 10), pytest.approx(recipe.rate(1.5)),
    ]  # fmt: skip
    assert trainer.sums() == (1.5, 2)
