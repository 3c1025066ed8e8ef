import json
from collections import Counter

import numpy as np
import pytest
from tests.conftest import bars

from lenet.data import Dataset, Split
from lenet.errors import LenetError
from lenet.evaluation.compare.classifiers import train
from lenet.evaluation.compare.compare import compare, reduced
from lenet.evaluation.compare.comparison import Comparison, ComparisonCallbacks, Result
from lenet.evaluation.compare.contestants import Contestant, contestants_named
from lenet.evaluation.reject import margin, rejected_for_error
from lenet.training.recipes import CHAPTER
from lenet.training.start import start

pytest.importorskip("sklearn")


class Recorder(ComparisonCallbacks):
    def __init__(self) -> None:
        self.names: list[str] = []
        self.measured_so_far: list[Comparison] = []

    def on_start(self, contestant: Contestant) -> None:
        self.names.append(contestant.name)

    def on_result(self, comparison: Comparison) -> None:
        self.measured_so_far.append(comparison)


@pytest.fixture
def hard() -> Dataset:
    """Half of the labels are wrong, so that some answers are."""
    test = bars(40, 4, seed=1)
    labels = np.where(np.arange(40) % 2, test.labels, (test.labels + 1) % 4)
    return Dataset("bars", "bars", bars(120, 4), Split(test.images, labels, test.classes))


def test_what_is_measured_is_what_each_answers(hard: Dataset) -> None:
    recorder = Recorder()
    result = compare(hard, contestants_named(["lenet", "knn", "forest"]), 3, recorder)
    assert recorder.names == [one.name for one in result.results] == ["lenet", "knn", "forest"]
    assert [len(one.results) for one in recorder.measured_so_far] == [1, 2, 3]
    assert recorder.measured_so_far[-1] == result
    assert (result.train_images, result.test_images, result.seed) == (120, 40, 3)
    training = start(CHAPTER, hard, 3, "cpu")
    training.run()
    network = training.network
    scores = [
        training.artifact().forward(hard.test.images),
        *(train(name, hard.train, 3).scores(hard.test.images) for name in ("knn", "forest")),
    ]
    for one, own in zip(result.results, scores, strict=True):
        right = own.argmax(axis=1) == hard.test.labels
        assert (one.wrong, one.images) == (40 - np.count_nonzero(right), 40)
        assert one.rejected == rejected_for_error(margin(own), right, 0.005)
        assert one.train_seconds > 0
        assert one.prediction_seconds > 0
    assert result.results[1].wrong >= 20
    first = result.results[0]
    assert (first.parameters, first.epochs) == (network.parameters, 10)
    assert first.multiply_accumulates == network.multiply_accumulates
    assert Comparison.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_fewer_images_are_drawn_class_by_class(tiny: Dataset) -> None:
    fewer = reduced(tiny, 40, seed=0)
    assert Counter(fewer.train.labels.tolist()) == {0: 10, 1: 10, 2: 10, 3: 10}
    assert fewer.test is tiny.test
    again, other = reduced(tiny, 40, seed=0), reduced(tiny, 40, seed=1)
    np.testing.assert_array_equal(fewer.train.images, again.train.images)
    assert not np.array_equal(fewer.train.images, other.train.images)
    assert reduced(tiny, 120, seed=0) is tiny
    assert reduced(tiny, 10_000, seed=0) is tiny


def test_with_fewer_images_the_chapter_takes_as_many_steps(tiny: Dataset) -> None:
    result = compare(tiny, contestants_named(["lenet", "knn"]), 0, Recorder(), train_images=40)
    assert result.train_images == 40
    assert [one.epochs for one in result.results] == [30, None]
    assert result.results[1].parameters == 40 * (784 + 1)


def test_a_network_that_does_not_fit_is_told_before_anything_is_trained() -> None:
    classes = tuple(f"class {k}" for k in range(100))
    split = Split(np.zeros((200, 28, 28), np.uint8), np.arange(200) % 100, classes)
    recorder = Recorder()
    with pytest.raises(LenetError, match=r"^lecun1998: .*95.*--only"):
        compare(
            Dataset("many", "many", split, split),
            contestants_named(["knn", "lecun1998"]),
            0,
            recorder,
        )
    assert recorder.names == []


def test_error_and_interval_by_hand() -> None:
    one = Result("knn", 50, 100, 1, 1, None, None, 1.0, 1.0, None, "")
    assert one.error == 0.5
    assert one.interval == pytest.approx((0.4038315, 0.5961685), abs=1e-6)
    table = Comparison("d", "d", 1, 100, 0, "", 1, {}, (one,)).to_json()
    assert table["results"][0]["error"] == 0.5
    assert table["reject_error"] == 0.005
