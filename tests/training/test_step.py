"""The engines' steps against each other: the same images, labels or probabilities, nearly the same
weights; and one that goes on half-way ends with the same bits.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lenet.data import Dataset, Split
from lenet.engine import backward, native, normalized
from lenet.engine.checks import Floats
from lenet.networks import Network, lenet_network
from lenet.networks.layers import Linear
from lenet.synthesis.distort import Distortion
from lenet.training.autograd import TorchSGD, TorchStep, TorchWeights
from lenet.training.examples import Examples
from lenet.training.first_weights import first_weights
from lenet.training.recipes import MODERN
from lenet.training.sgd import SGD
from lenet.training.step import ArrayStep, NativeStep, NumpyStep
from lenet.training.trainer import BatchTrainer
from lenet.training.weights import Weights

ENGINES = ["torch", *(["native"] if native.available() else [])]
DISTORTION = Distortion(
    shift=2,
    scale=0.1,
    squeeze=0.1,
    shear=0.1,
    rotation=10,
    elastic=0.7,
    flip=True,
    blur=0.5,
    thickness=0.3,
)
RECIPE = replace(MODERN, epochs=3, batch_size=32, warmup=1.0, learning_rate=0.01)
# Distortion, rubbish class with negatives, probabilities in place of labels.
CASES: list[tuple[Distortion | None, float | None, bool]] = [
    (None, None, False),
    (None, 1.0, False),
    (DISTORTION, None, False),
    (DISTORTION, -0.5, False),
    (None, None, True),
    (DISTORTION, None, True),
]
NAMES = ("distortion", "rubbish", "distilled")


def network_with(rubbish: float | None) -> Network:
    plain = lenet_network("relu", "max", channels=(3, 4), hidden=(12,), classes=4)
    last = Linear(plain.layers[-1].name, 4, rubbish)
    return replace(plain, layers=(*plain.layers[:-1], last))


def examples_of(
    split: Split, distortion: Distortion | None, rubbish: float | None, distilled: bool
) -> Examples:
    random = np.random.default_rng(3)
    extra = targets = None
    if rubbish is not None:
        images = random.integers(0, 256, (24, 28, 28), dtype=np.uint8)
        extra = (images, np.full(24, len(split.classes)))
    if distilled:
        targets = random.dirichlet(np.full(len(split.classes), 0.5), len(split)).astype(np.float32)
    return Examples(split, distortion, 1, extra, targets)


def make(
    engine: str, network: Network, examples: Examples
) -> tuple[BatchTrainer, ArrayStep | TorchStep, Weights]:
    first = first_weights(network, "he", 2)
    momentum, decay = RECIPE.momentum, RECIPE.weight_decay
    if engine != "torch":
        weights = Weights(first)
        kind = NativeStep if engine == "native" else NumpyStep
        step = kind(network, weights.arrays(), examples, RECIPE.normalization)
        optimizer = SGD(weights.arrays(), step.gradients, momentum, decay)
    else:
        weights = TorchWeights(network, first, "cpu")
        step = TorchStep(network, weights.model, examples, RECIPE.normalization)
        optimizer = TorchSGD(weights.model, momentum, decay)
    return BatchTrainer(RECIPE, step, optimizer, examples), step, weights


def copied(weights: Weights) -> dict[str, Floats]:
    return {name: value.copy() for name, value in weights.arrays().items()}


def gradient_of(step: ArrayStep | TorchStep, name: str) -> Floats:
    if isinstance(step, ArrayStep):
        return step.gradients[name]
    found = step.model.get_parameter(name).grad
    assert found is not None
    return found.numpy()


def order_of(examples: Examples, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng(epoch).permutation(len(examples.labels))


def train(trainer: BatchTrainer, first: int, last: int) -> None:
    for place in range(first, last, RECIPE.batch_size):
        trainer.step(place, min(place + RECIPE.batch_size, last))


def reference(
    network: Network, weights: Weights, examples: Examples, index: NDArray[np.int64]
) -> tuple[float, int, dict[str, Any]]:
    """Return a batch's mean loss, how many are right, and the gradients.

    The cross-entropy with probabilities is what labels would give, each as often as it is likely.
    """
    values: dict[str, Any] = weights.arrays()
    pixels = normalized(RECIPE.normalization, examples.images[index])
    labels = examples.labels[index]
    loss, correct, gradients = backward.loss_and_gradients(network, values, pixels, labels)
    if examples.targets is None:
        return loss, correct, gradients
    loss, gradients = 0.0, {name: np.zeros_like(value) for name, value in values.items()}
    for pixel, row in zip(pixels, examples.targets[index], strict=True):
        for label, share in enumerate(row / len(index)):
            one = backward.loss_and_gradients(network, values, pixel[None], np.array([label]))
            loss += float(share) * one[0]
            for name, gradient in one[2].items():
                gradients[name] += share * gradient
    return loss, correct, gradients


@pytest.mark.parametrize(NAMES, CASES)
def test_all_engines_train_to_nearly_the_same_weights(
    tiny: Dataset, distortion: Distortion | None, rubbish: float | None, distilled: bool
) -> None:
    network = network_with(rubbish)
    weights: list[dict[str, Any]] = []
    sums: list[tuple[float, int]] = []
    for engine in (*ENGINES, *([] if distilled else ["numpy"])):
        examples = examples_of(tiny.train, distortion, rubbish, distilled)
        trainer, _, model = make(engine, network, examples)
        start = copied(model)
        for epoch in range(3):
            trainer.begin(epoch, order_of(examples, epoch), 0, (0.0, 0))
            train(trainer, 0, len(examples.labels))
        assert not any(np.array_equal(start[name], v) for name, v in model.arrays().items())
        weights.append(copied(model))
        sums.append(trainer.sums())
    for other, (loss, correct) in zip(weights[1:], sums[1:], strict=True):
        for name, ours in weights[0].items():
            np.testing.assert_allclose(other[name], ours, atol=1e-4, err_msg=name)
        assert sums[0][0] == pytest.approx(loss, rel=1e-4)
        assert abs(sums[0][1] - correct) <= 1  # two scores may be as good as equal


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(NAMES, CASES)
def test_a_batchs_loss_number_right_and_gradients_are_the_references(
    tiny: Dataset,
    distortion: Distortion | None,
    rubbish: float | None,
    distilled: bool,
    engine: str,
) -> None:
    network = network_with(rubbish)
    examples = examples_of(tiny.train, distortion, rubbish, distilled)
    _, step, model = make(engine, network, examples)
    order = order_of(examples, 0)
    for epoch in (0, 1):  # the second epoch's images are others
        examples.begin(epoch)
        step.begin(order, 10.0, 3)
        step.batch(5, 22)
        loss, correct, gradients = reference(network, model, examples, order[5:22])
        assert step.sums() == (pytest.approx(10 + 17 * loss, rel=1e-5), 3 + correct)
        for name, expected in gradients.items():
            found = gradient_of(step, name)
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(NAMES, CASES[1:])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_gone_on_half_way_an_epoch_ends_with_the_same_bits(
    tiny: Dataset,
    distortion: Distortion | None,
    rubbish: float | None,
    distilled: bool,
    engine: str,
    steps: int,
) -> None:
    network = network_with(rubbish)
    wholes = examples_of(tiny.train, distortion, rubbish, distilled)
    whole, _, expected = make(engine, network, wholes)
    order = order_of(wholes, 1)
    count, half = len(order), min(steps * RECIPE.batch_size, len(order))
    whole.begin(1, order, 0, (0.0, 0))
    train(whole, 0, count)

    halves = examples_of(tiny.train, distortion, rubbish, distilled)
    first, _, model = make(engine, network, halves)
    first.begin(1, order, 0, (0.0, 0))
    train(first, 0, half)
    # All that a checkpoint keeps, and examples that were never begun.
    others = examples_of(tiny.train, distortion, rubbish, distilled)
    second, _, resumed = make(engine, network, others)
    resumed.load(model.arrays())
    second.load_state_dict(first.state_dict())
    second.begin(1, order, steps, first.sums())
    train(second, half, count)
    assert second.sums() == whole.sums()
    for name, value in expected.arrays().items():
        assert np.array_equal(value, resumed.arrays()[name])


def test_accuracy_is_the_share_of_all_images_named_right(tiny: Dataset) -> None:
    network = network_with(None)
    step = make("torch", network, Examples(tiny.train))[1]
    assert isinstance(step, TorchStep)
    with torch.no_grad():
        step.model.get_parameter("fc2.weight").zero_()
        step.model.get_parameter("fc2.bias").copy_(torch.tensor([0.0, 1.0, 0.0, 0.0]))
    assert step.accuracy() == np.count_nonzero(tiny.train.labels == 1) / 120
