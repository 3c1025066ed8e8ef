import json
import sys
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.conftest import bars

from lenet.data import Dataset, Split
from lenet.evaluation.compare import classifiers
from lenet.evaluation.compare.classifiers import CHOSEN, pixels_of, train

NAMES = list(CHOSEN)
CHOICES = Path(__file__).parents[3] / "benchmarks" / "results" / "compare_choices.json"

pytest.importorskip("sklearn")


def noise(count: int, classes: int, seed: int = 0) -> Split:
    """Images of 4×4 that overlap, so that machines have many support vectors and trees are deep."""
    random = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int64) % classes
    images = random.integers(0, 200, (count, 4, 4), dtype=np.uint8)
    images[np.arange(count), labels % 4, labels // 4] += 55
    return Split(images, labels, tuple(map(str, range(classes))))


@pytest.mark.parametrize("name", NAMES)
def test_each_learns_what_is_easy(name: str, tiny: Dataset) -> None:
    scores = train(name, tiny.train).scores(tiny.test.images)
    assert scores.shape == (40, 4)
    assert np.mean(scores.argmax(axis=1) == tiny.test.labels) > 0.9


@pytest.mark.parametrize("name", NAMES)
def test_two_classes_have_two_columns(name: str) -> None:
    scores = train(name, bars(40, 2)).scores(bars(20, 2, seed=1).images)
    assert scores.shape == (20, 2)
    assert scores.argmax(axis=1).tolist() == [0, 1] * 10


@pytest.mark.parametrize("name", NAMES)
def test_a_class_without_training_images_never_wins(name: str) -> None:
    split = bars(60, 3)
    kept = split.labels != 1
    part = Split(split.images[kept], split.labels[kept], split.classes)
    scores = train(name, part).scores(bars(30, 3, seed=1).images)
    assert scores.shape == (30, 3)
    assert np.all(scores[:, 1] == -np.inf)
    assert set(scores.argmax(axis=1).tolist()) == {0, 2}


@pytest.mark.parametrize("name", NAMES)
def test_colour_and_very_few_images_are_fine(name: str) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (3, 5, 5, 3), dtype=np.uint8)
    split = Split(images, np.array([0, 1, 1]), ("a", "b"))
    scores = train(name, split).scores(images)
    assert np.isfinite(scores).all()
    assert pixels_of(images).shape == (3, 75)


@pytest.mark.parametrize("name", ["svm-rbf", "svm-poly4"])
def test_machines_are_scikit_learns_one_against_the_rest(name: str) -> None:
    from sklearn import multiclass, svm  # pyright: ignore[reportMissingTypeStubs] it has none

    split, test = noise(90, 3), noise(40, 3, seed=1)
    pixels = split.images.reshape(90, 16) / 255
    setting = CHOSEN[name]
    gamma = setting["gamma"] / (16 * pixels.var())
    common: dict[str, Any] = {"C": setting["C"], "gamma": gamma}
    if name == "svm-poly4":
        common |= {"kernel": "poly", "degree": 4, "coef0": setting["offset"]}
    theirs: Any = multiclass.OneVsRestClassifier(svm.SVC(**common))
    theirs.fit(pixels, split.labels)
    ours = train(name, split)
    expected = theirs.decision_function(test.images.reshape(40, 16) / 255)
    np.testing.assert_allclose(ours.scores(test.images), expected, atol=2e-3)
    supports = [machine.support_ for machine in theirs.estimators_]
    distinct = len(set(np.concatenate(supports).tolist()))
    assert ours.cost.parameters == 16 * distinct + sum(map(len, supports)) + 3
    assert ours.cost.multiply_accumulates == distinct * (16 + 3)


def test_neighbours_vote_by_nearness() -> None:
    split, test = noise(50, 3), noise(20, 3, seed=1)
    k = int(CHOSEN["knn"]["k"])
    expected = np.zeros((20, 3))
    for row, image in zip(expected, test.images, strict=True):
        squares = (image.astype(float) / 255 - split.images / 255) ** 2
        distances = np.sqrt(squares.sum(axis=(1, 2)))
        for nearest in np.argsort(distances)[:k]:
            row[split.labels[nearest]] += 1 / distances[nearest]
    trained = train("knn", split)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(trained.scores(test.images), expected, atol=1e-4)
    assert trained.cost.parameters == 50 * 16 + 50
    assert trained.cost.multiply_accumulates == 50 * 16


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_regression_scores_as_scikit_learn_does(classes: int) -> None:
    from sklearn import linear_model  # pyright: ignore[reportMissingTypeStubs] it has none

    split, test = noise(90, classes), noise(40, classes, seed=1)
    theirs: Any = linear_model.LogisticRegression(C=CHOSEN["logistic"]["C"], max_iter=3000)
    theirs.fit(pixels_of(split.images), split.labels)
    trained = train("logistic", split)
    scores = trained.scores(test.images).astype(float)
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, theirs.predict_proba(pixels_of(test.images)), atol=1e-4)
    rows = 1 if classes == 2 else 3  # one row of weights tells two classes apart
    assert (trained.cost.parameters, trained.cost.multiply_accumulates) == (17 * rows, 16 * rows)


def test_a_forest_is_counted_node_by_node() -> None:
    from sklearn import ensemble  # pyright: ignore[reportMissingTypeStubs] it has none

    split = noise(80, 3)
    share: Any = CHOSEN["forest"]["pixels"]
    theirs: Any = ensemble.RandomForestClassifier(
        int(CHOSEN["forest"]["trees"]), max_features=share, random_state=7
    )
    theirs.fit(pixels_of(split.images), split.labels)
    parameters, comparisons = 0, 0.0

    def walk(tree: Any, node: int, depth: int) -> float:
        """Add up what the node and those below it store; return the depths of their images."""
        nonlocal parameters
        if tree.children_left[node] < 0:
            parameters += 3
            return depth * float(tree.weighted_n_node_samples[node])
        parameters += 4
        children = (int(tree.children_left[node]), int(tree.children_right[node]))
        return sum(walk(tree, child, depth + 1) for child in children)

    for one in theirs.estimators_:
        comparisons += walk(one.tree_, 0, 0) / 80
    cost = train("forest", split, seed=7).cost
    assert cost.parameters == parameters
    assert cost.comparisons == pytest.approx(comparisons)
    assert cost.multiply_accumulates is None
    assert train("forest", split, seed=8).cost.parameters != parameters


def test_the_settings_are_those_that_validation_chose() -> None:
    recorded = json.loads(CHOICES.read_text(encoding="utf-8"))
    assert recorded["chosen"] == CHOSEN
    for name, setting in CHOSEN.items():
        own = [one for one in recorded["tried"] if one["classifier"] == name]
        fewest = min(prod(one["wrong"].values()) for one in own)
        chosen = next(one for one in own if one["setting"] == setting)
        assert prod(chosen["wrong"].values()) == fewest


def test_a_missing_scikit_learn_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ModuleNotFoundError, match="sklearn") as told:
        classifiers.require()
    assert told.value.name == "sklearn"
