import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.artifact import Artifact
from lenet.calibration.calibration import Calibration
from lenet.data import Split
from lenet.engine.probabilities import softmax
from lenet.errors import LenetError
from lenet.evaluation import Evaluation, evaluate
from lenet.networks import lenet_network


def evaluation(labels: list[int], answers: list[int], certainty: list[float]) -> Evaluation:
    probabilities = np.zeros((len(labels), 3), np.float32)
    for row, answer, p in zip(probabilities, answers, certainty, strict=True):
        row[:] = (1 - p) / 2
        row[answer] = p
    return Evaluation(("a", "b", "c"), np.array(labels), np.log(probabilities), probabilities)


def test_counts_and_shares_by_hand() -> None:
    result = evaluation([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.5])
    assert result.accuracy == 0.6
    assert result.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    a, b, c = result.per_class
    assert (a.images, a.precision, a.recall) == (3, 2 / 3, 2 / 3)
    assert (b.images, b.precision, b.recall) == (2, 0.5, 0.5)
    assert (c.images, c.precision, c.recall) == (0, None, None)
    assert result.mistakes().tolist() == [4, 2]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=50))
def test_confusion_adds_up(pairs: list[tuple[int, int]]) -> None:
    labels, answers = map(list, zip(*pairs, strict=True))
    result = evaluation(labels, answers, [0.9] * len(pairs))
    assert result.confusion.sum() == len(pairs)
    assert np.trace(result.confusion) == round(result.accuracy * len(pairs))
    assert len(result.mistakes()) == len(pairs) - np.trace(result.confusion)


def test_softmax_sums_to_one_and_survives_large_scores() -> None:
    result = softmax(np.array([[1000, 1000, 0], [-1000, 0, 1], [0, 0, 0]], np.float32))
    np.testing.assert_allclose(result.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(result[0], [0.5, 0.5, 0])


def test_data_with_other_classes_is_refused() -> None:
    network = lenet_network(classes=2)
    weights = {k: np.zeros(s, np.float32) for k, s in network.parameter_shapes.items()}
    artifact = Artifact(network, weights, ("cat", "dog"))
    images = np.zeros((1, 28, 28), np.uint8)
    assert evaluate(artifact, Split(images, np.array([0]), ("cat", "dog"))).accuracy == 1
    with pytest.raises(LenetError, match=r"knows 2 classes \(cat, dog\).* not know 'cow'"):
        evaluate(artifact, Split(images, np.array([1]), ("cat", "cow")))


@pytest.mark.parametrize(
    ("classes", "labels", "matched"),
    [
        (("dog", "caf\u00e9", "10"), [0, 1, 2], [1, 0, 2]),  # another order
        (("10",), [0, 0], [2, 2]),  # some of the classes
        (("cafe\u0301", "10"), [1, 0], [2, 0]),  # an accent as macOS writes it
        (("dog", "cow"), [0, 0], [1, 1]),  # a class without images
    ],
)
def test_classes_are_matched_by_name(
    classes: tuple[str, ...], labels: list[int], matched: list[int]
) -> None:
    network = lenet_network(classes=3)
    weights = {k: np.zeros(s, np.float32) for k, s in network.parameter_shapes.items()}
    artifact = Artifact(network, weights, ("caf\u00e9", "dog", "10"))
    split = Split(np.zeros((len(labels), 28, 28), np.uint8), np.array(labels), classes)
    result = evaluate(artifact, split)
    assert result.classes == artifact.classes
    assert result.labels.tolist() == matched


def test_the_greatest_score_is_the_answer_where_all_probabilities_vanish() -> None:
    # As LeNet-5 answers to an image far from every bitmap: all is rubbish, to the last digit.
    scores = np.array([[-300, -250, -280]], np.float32)
    result = Evaluation(("a", "b", "c"), np.array([1]), scores, softmax(scores, rubbish=10))
    assert not result.probabilities.any()
    assert result.predictions.tolist() == [1]
    assert result.accuracy == 1
    assert result.confidence.tolist() == [0]
    assert result.calibration_error == 1
    assert result.rejected_at_half_percent == 0


@pytest.mark.parametrize(
    ("labels", "answers", "certainty", "error", "rejected"),
    [
        ([0], [0], [0.75], 0.25, 0.0),
        ([1], [0], [0.75], 0.75, None),
        ([0, 1], [0, 1], [0.5, 0.5], 0.5, 0.0),  # all right
        ([1, 0], [0, 1], [0.5, 0.75], 0.625, None),  # all wrong
        ([0, 1, 1], [0, 1, 0], [0.875, 0.75, 0.625], 1 / 3, 1 / 3),
        ([0, 1, 1], [0, 1, 0], [0.875, 0.625, 0.625], 0.125, 2 / 3),  # a tie goes as a whole
        ([1, 1, 1], [0, 1, 1], [0.875, 0.75, 0.625], 0.5, None),  # the surest is wrong
    ],
)
def test_confidence_by_hand(
    labels: list[int],
    answers: list[int],
    certainty: list[float],
    error: float,
    rejected: float | None,
) -> None:
    result = evaluation(labels, answers, certainty)
    assert result.confidence.tolist() == certainty
    assert result.correct.tolist() == [a == b for a, b in zip(labels, answers, strict=True)]
    assert result.calibration_error == pytest.approx(error)
    assert result.rejected_at_half_percent == pytest.approx(rejected)


def test_probabilities_are_the_calibrated_ones() -> None:
    network = lenet_network(classes=2)
    random = np.random.default_rng(0)
    weights = {
        k: random.normal(size=s).astype(np.float32) for k, s in network.parameter_shapes.items()
    }
    split = Split(random.integers(0, 256, (9, 28, 28), np.uint8), np.arange(9) % 2, ("a", "b"))
    plain = evaluate(Artifact(network, weights, ("a", "b")), split)
    warm = evaluate(Artifact(network, weights, ("a", "b"), calibration=Calibration(3.0)), split)
    np.testing.assert_array_equal(plain.scores, warm.scores)
    np.testing.assert_allclose(warm.probabilities, softmax(plain.scores / np.float32(3)), rtol=1e-6)
    np.testing.assert_array_equal(plain.predictions, warm.predictions)


@pytest.mark.parametrize("bias", [[np.inf, 0], [np.nan, 0], [0, -np.inf]])
def test_scores_that_are_no_numbers_are_refused(bias: list[float]) -> None:
    network = lenet_network(classes=2)
    weights = {k: np.zeros(s, np.float32) for k, s in network.parameter_shapes.items()}
    last = network.layers[-1].name
    weights[f"{last}.bias"] = np.array(bias, np.float32)
    split = Split(np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.int64), ("a", "b"))
    with pytest.raises(LenetError, match="infinite or NaN for 3 of 3 images"):
        evaluate(Artifact(network, weights, ("a", "b")), split)
