from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.conftest import bars

from lenet.artifact import Artifact
from lenet.calibration.calibration import UNCALIBRATED, Calibration, none_of_these
from lenet.calibration.fit import ERRORS, calibrate, fit_most_none, fit_temperature, fit_thresholds
from lenet.data import Split
from lenet.errors import LenetError
from lenet.evaluation import evaluate
from lenet.evaluation.reject import rejected_for_error
from lenet.networks import Network, network_named
from lenet.networks.layers import Linear


def network(rubbish: float | None = None, classes: int = 10) -> Network:
    plain = network_named("lenet")(classes=classes)
    last = plain.layers[-1]
    assert isinstance(last, Linear)
    return replace(plain, layers=(*plain.layers[:-1], replace(last, rubbish=rubbish)))


def loss(
    scores: NDArray[np.floating[Any]],
    labels: NDArray[np.int64],
    rubbish: float | None,
    temperature: float,
) -> float:
    """Return the negative log likelihood, each label (n + 1) / (n + 2) of an image."""
    count, classes = scores.shape
    targets = np.full((count, classes), 1 / (count + 2) / (classes - 1))
    targets[np.arange(count), labels] = (count + 1) / (count + 2)
    all_scores = scores.astype(np.float64)
    if rubbish is not None:
        all_scores = np.column_stack([all_scores, np.full(count, -rubbish)])
    total = np.logaddexp.reduce(all_scores / temperature, axis=1)
    return float(np.sum(targets * (total[:, None] - scores.astype(np.float64) / temperature)))


@pytest.mark.parametrize(
    ("count", "wrong", "temperature"),
    [
        (1, 0, 4 / np.log(2)),  # one image only: two to one
        (1, 1, 100),
        (10, 0, 4 / np.log(11)),  # all right: as sure as ten answers allow
        (998, 0, 4 / np.log(999)),
        (10, 10, 100),  # all wrong: as unsure as can be
        (10, 5, 100),  # no better than chance
        (100, 20, 4 / np.log((80 * 101 + 20) / (20 * 101 + 80))),
    ],
)
def test_two_classes_by_hand(count: int, wrong: int, temperature: float) -> None:
    """Where all scores are as far apart, confidence must equal the mean target."""
    scores = np.tile(np.array([4, 0], np.float32), (count, 1))
    labels = (np.arange(count) < wrong).astype(np.int64)
    assert fit_temperature(network(classes=2), scores, labels) == pytest.approx(temperature)


@pytest.mark.parametrize("name", ["lenet", "lecun1989", "lecun1998", "rubbish"])
@pytest.mark.parametrize("scale", [0.3, 1.0, 20.0])
def test_no_temperature_is_likelier(name: str, scale: float) -> None:
    one = network(2.0) if name == "rubbish" else network_named(name)()
    random = np.random.default_rng(3)
    scores = (scale * random.normal(size=(200, one.classes))).astype(np.float32)
    labels = np.where(random.random(200) < 0.8, scores.argmax(axis=1), random.integers(0, 10, 200))
    if name == "lecun1998":  # negative squared distances, the rubbish class nearer than most
        scores -= 5
    found = fit_temperature(one, scores, labels)
    least = loss(scores, labels, one.rubbish, found)
    for other in np.geomspace(0.01, 100, 401):
        assert least <= loss(scores, labels, one.rubbish, float(other)) + 1e-6


def test_a_temperature_comes_back() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(scale=6, size=(20_000, 10)).astype(np.float32)
    shares = Calibration(2.5).probabilities(network(), scores)
    labels = (shares.cumsum(axis=1) < random.random((20_000, 1))).sum(axis=1).clip(max=9)
    assert fit_temperature(network(), scores, labels) == pytest.approx(2.5, rel=0.03)
    assert fit_temperature(network(), scores * 4, labels) == pytest.approx(10, rel=0.03)


def test_far_from_every_bitmap() -> None:
    """LeNet-5 of 1998, all of whose probabilities vanish: the temperature is what saves some."""
    one = network_named("lecun1998")()
    scores = np.full((50, 10), -3000, np.float32)
    scores[np.arange(50), np.arange(50) % 10] = -2000
    found = fit_temperature(one, scores, np.arange(50) % 10)
    assert 0.01 <= found <= 100
    shares = Calibration(found).probabilities(one, scores)
    assert np.isfinite(shares).all()
    assert fit_thresholds(shares.max(axis=1), np.ones(50, np.bool_), (0.1,)) == (
        (0.1, float(shares.max())),
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_refused(bad: float) -> None:
    scores = np.zeros((3, 10), np.float32)
    scores[1, 4] = bad
    with pytest.raises(LenetError, match="not all numbers"):
        fit_temperature(network(), scores, np.zeros(3, np.int64))


@pytest.mark.parametrize(
    ("confidence", "right", "pairs"),
    [
        ([], [], ()),
        ([0.9], [1], ()),  # one image only
        ([0.9], [0], ()),
        ([0.9] * 20, [1] * 20, ((0.15, 0.9),)),  # all right: 3/20, and no more is to be had
        ([0.9] * 3000, [1] * 3000, ((0.001, 0.9),)),
        ([0.9] * 2999, [1] * 2999, ((0.002, 0.9),)),
        ([0.9] * 5000, [0] * 5000, ()),  # all wrong
        ([0.0] * 100, [1] * 100, ((0.03, 0.0),)),
        ([1.0] * 100, [1] * 100, ((0.03, 1.0),)),
        ([0.9] * 1000, [1, 0] * 500, ()),  # ties that are no better than a coin
        ([0.9] * 1000, [1] * 920 + [0] * 80, ((0.1, 0.9),)),  # ties are accepted as a whole
        ([0.9] * 999, [1] * 995 + [0] * 4, ((0.005, 0.9),)),  # one more wrong makes 0.5%
        ([0.9] * 999, [1] * 994 + [0] * 5, ((0.0075, 0.9),)),
        (
            [0.99] * 1000 + [0.5] * 1000,
            [1] * 1000 + [1, 0] * 500,
            (*((e, 0.99) for e in ERRORS if e >= 0.003),),
        ),
    ],
)
def test_thresholds_by_hand(
    confidence: list[float], right: list[int], pairs: tuple[tuple[float, float], ...]
) -> None:
    found = fit_thresholds(np.array(confidence), np.array(right, np.bool_))
    assert found == pairs


@settings(max_examples=60)
@given(st.integers(1, 400), st.integers(0, 2**32 - 1), st.integers(1, 64), st.floats(0, 1))
def test_thresholds_are_what_a_calibration_takes(
    count: int, seed: int, steps: int, skill: float
) -> None:
    random = np.random.default_rng(seed)
    confidence = (random.integers(0, steps + 1, count) / steps).astype(np.float32)
    right = random.random(count) < confidence**skill
    pairs = fit_thresholds(confidence, right)
    Calibration(None, pairs)  # errors rise, probabilities do not
    fitted = dict(pairs)
    # The surest of all and wrong: one more wrong answer than there was.
    surest, wrong = np.append(confidence, np.float32(2)), np.append(right, False)
    for error in ERRORS:
        kept = np.count_nonzero(confidence >= fitted.get(error, 2))
        rejected = rejected_for_error(surest, wrong, error)
        most = 0 if rejected is None else round((1 - rejected) * (count + 1)) - 1
        supported = error * most >= 3
        ended = any(least == confidence.min() for one, least in pairs if one < error)
        assert kept == (most if supported and not ended else 0)


@pytest.mark.parametrize("power", [1.0, 0.8, 1.25])
def test_the_promise_is_kept_on_other_images(power: float) -> None:
    """By 10,000 held-out images, also where the network is too sure or not sure enough.

    The oracle is the true chance of each answer to be right.
    """
    errors = np.array([0.005, 0.01, 0.05])
    off = np.zeros((20, 3))
    for seed in range(20):
        random = np.random.default_rng(seed)
        true = np.concatenate([random.beta(40, 0.3, 6000), random.beta(5, 1.2, 4000)])
        confidence = true**power  # its order is right, its value is not
        pairs = dict(fit_thresholds(confidence, random.random(10_000) < true))
        for k, error in enumerate(errors.tolist()):
            off[seed, k] = 1 - true[confidence >= pairs[error]].mean() - error
    assert (np.abs(off.mean(axis=0)) < 0.06 * errors).all()  # neither too bold nor too careful
    assert (np.sqrt((off**2).mean(axis=0)) < [0.0013, 0.0018, 0.0025]).all()


@pytest.mark.parametrize(
    ("confidence", "right"), [([1.0], [1, 0]), ([[1.0]], [[1]]), ([np.nan], [1])]
)
def test_thresholds_of_what_makes_no_sense(confidence: list[float], right: list[int]) -> None:
    with pytest.raises(ValueError, match="confidence"):
        fit_thresholds(np.array(confidence), np.array(right, np.bool_))


@pytest.mark.parametrize(
    ("none", "share", "most"),
    [
        ([0.5], 0.002, 0.5),
        ([0.1, 0.4, 0.2, 0.3], 0.0, 0.4),
        ([0.1, 0.4, 0.2, 0.3], 0.24, 0.4),
        ([0.1, 0.4, 0.2, 0.3], 0.25, 0.3),
        ([0.1, 0.4, 0.4, 0.3], 0.25, 0.4),  # ties go together
        ([0.0] * 1000, 0.002, 0.0),
        ([1.0] * 1000, 0.002, 1.0),  # far from every bitmap
        ([0.5] * 998 + [0.75, 1.0], 0.002, 0.5),
        ([0.5] * 998 + [0.75, 1.0], 0.001, 0.75),
    ],
)
def test_most_none_by_hand(none: list[float], share: float, most: float) -> None:
    found = fit_most_none(np.array(none, np.float32), share)
    assert found == pytest.approx(most)
    assert np.count_nonzero(np.array(none, np.float32) > found) <= share * len(none)


@pytest.mark.parametrize("none", [[], [np.nan], [0.5, np.nan]])
def test_most_none_of_nothing(none: list[float]) -> None:
    with pytest.raises(ValueError, match="must be numbers, at least one"):
        fit_most_none(np.array(none, np.float32))


def artifact(one: Network, names: tuple[str, ...]) -> Artifact:
    """Answer with random features and, from them to ten times the label, least squares."""
    random = np.random.default_rng(5)
    weights = {
        k: random.normal(scale=0.2, size=s).astype(np.float32)
        for k, s in one.parameter_shapes.items()
    }
    split = bars(200, 4)
    found = Artifact(one, weights, names).predictor.activations(split.images)
    features = np.column_stack([found[one.layers[-2].name], np.ones(len(split))])
    solved = np.linalg.lstsq(features, 10 * np.eye(4)[split.labels], rcond=None)[0]
    last = one.layers[-1].name
    weights[f"{last}.weight"] = np.ascontiguousarray(solved[:-1].T, np.float32)
    weights[f"{last}.bias"] = solved[-1].astype(np.float32)
    return Artifact(one, weights, names)


def test_all_of_it_together() -> None:
    clean = bars(500, 4, seed=1)
    labels = np.where(np.arange(500) % 10 == 0, (clean.labels + 1) % 4, clean.labels)
    split = Split(clean.images, labels, clean.classes)  # a tenth of the answers will be wrong
    plain = artifact(network(classes=4), split.classes)
    before = evaluate(plain, split)
    found = calibrate(plain.network, before.scores, split.labels)
    assert found.most_none is None
    after = evaluate(replace(plain, calibration=found), split)
    assert after.accuracy == 0.9
    assert found.temperature == fit_temperature(plain.network, before.scores, split.labels)
    assert after.calibration_error < before.calibration_error / 2
    assert found.thresholds == fit_thresholds(after.confidence, after.correct)
    assert found.thresholds


def test_with_images_of_none_of_the_classes() -> None:
    split = bars(1000, 4, seed=1)
    plain = artifact(network(-1.0, classes=4), split.classes)
    scores = plain.forward(split.images)
    found = calibrate(plain.network, scores, split.labels, negatives=True)
    assert found.most_none is not None
    result = evaluate(replace(plain, calibration=found), split)
    asked = found.rejected(result.probabilities, None)
    assert np.count_nonzero(asked) <= 2
    assert found.most_none in none_of_these(result.probabilities)
    assert found.thresholds == fit_thresholds(result.confidence[~asked], result.correct[~asked])
    assert calibrate(plain.network, scores, split.labels).most_none is None


def test_no_class_for_images_of_none_of_the_classes() -> None:
    with pytest.raises(LenetError, match="'lenet' has no class for images of none"):
        calibrate(
            network(classes=4), np.zeros((2, 4), np.float32), np.zeros(2, np.int64), negatives=True
        )


def test_a_temperature_that_makes_matters_worse_is_left_out() -> None:
    """As with LeNet-5 of 1998: a few right answers far from every bitmap would rule it."""
    one = network_named("lecun1998")()
    labels = np.zeros(200, np.int64)
    scores = np.full((200, 10), -60, np.float32)
    scores[:, 0] = -2
    scores[:20, 0] = -50  # all of these are "none of the classes" to the network
    assert fit_temperature(one, scores, labels) > 2
    found = calibrate(one, scores, labels)
    assert found.temperature is None
    assert found.thresholds == fit_thresholds(
        UNCALIBRATED.probabilities(one, scores).max(axis=1), np.ones(200, np.bool_)
    )
