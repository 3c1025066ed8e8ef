from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lenet.data import Split
from lenet.synthesis.distort import Distortion
from lenet.training.examples import Examples
from lenet.training.recipes import CHAPTER
from lenet.training.trainer import BatchTrainer


def blank(count: int) -> Split:
    return Split(np.zeros((count, 28, 28), np.uint8), np.zeros(count, np.int64), ("a", "b"))


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

    def state_dict(self) -> dict[str, Any]:
        return {}

    load_state_dict = state_dict


def test_after_each_batchs_gradients_comes_a_step_at_the_rate_of_that_moment() -> None:
    recipe = replace(CHAPTER, epochs=2, batch_size=5, learning_rate=1.0, schedule="cosine")
    notes: Any = Notes()
    trainer = BatchTrainer(recipe, notes, notes, Examples(blank(10)))
    assert trainer.images == 10
    assert trainer.images_per_call == 5
    trainer.begin(1, np.arange(10), 1, (0.5, 3))
    trainer.step(0, 5)
    trainer.step(5, 10)
    assert notes.said == [
        ("begin", list(range(10)), 0.5, 3),
        (0, 5),
        pytest.approx(recipe.rate(1.0)),
        (5, 10),
        pytest.approx(recipe.rate(1.5)),
    ]
    assert trainer.sums() == (1.5, 2)


def test_extra_images_are_among_those_of_an_epoch() -> None:
    recipe = replace(CHAPTER, epochs=2, batch_size=5, learning_rate=1.0, schedule="cosine")
    notes: Any = Notes()
    negatives = np.ones((10, 28, 28), np.uint8)
    trainer = BatchTrainer(
        recipe, notes, notes, Examples(blank(10), extra=(negatives, np.full(10, 2)))
    )
    assert trainer.images == 20
    trainer.begin(0, np.arange(20), 0, (0.0, 0))
    trainer.step(15, 20)
    assert notes.said[1:] == [(15, 20), pytest.approx(recipe.rate(0.75))]


def test_an_epochs_images_are_filled_before_the_step_takes_them() -> None:
    split = Split(np.full((4, 28, 28), 9, np.uint8), np.zeros(4, np.int64), ("a", "b"))
    examples = Examples(split, Distortion(5, 0, 0, 0), seed=2)
    seen: list[Any] = []

    class Watching(Notes):
        def begin(self, order: Any, loss_sum: float, correct: int) -> None:
            seen.append(examples.images.copy())

    notes: Any = Watching()
    trainer = BatchTrainer(CHAPTER, notes, notes, examples)
    for epoch in (0, 1, 0):
        trainer.begin(epoch, np.arange(4), 0, (0.0, 0))
    assert np.array_equal(seen[0], seen[2])
    assert not np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], split.images)
