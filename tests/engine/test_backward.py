"""Gradients against autograd; second derivatives against the paper's recursion in plain loops,
and, where it is exact, against the Gauss-Newton matrix and finite differences.
"""

from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine import plain
from tests.engine.chains import (
    HISTORICAL,
    chains,
    labels_for,
    parameters,
    relative,
    torch_loss,
    torch_model,
)

from lenet.engine.backward import curvature, input_gradient, loss_and_gradients
from lenet.networks import Network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.radial_basis import RadialBasis

# The reference's constants are float32, also where it computes in float64.
NEARLY = 1e-5
# Slopes of units near their limits are differences of nearly equal numbers: more is lost there.
SATURATED = 1e-4
SQUASH = Activation("squash", "scaled tanh")


def case(network: Network, count: int, seed: int) -> tuple[Any, Any, Any]:
    values = parameters(network, seed, np.float64)
    pixels = np.random.default_rng([seed, 1]).normal(size=(count, *network.input_shape))
    return values, pixels, labels_for(network, count, seed)


def check_gradients(network: Network, count: int, seed: int) -> None:
    values, pixels, labels = case(network, count, seed)
    model = torch_model(network, values)
    scores = model(torch.from_numpy(pixels))
    loss = torch_loss(network, scores, torch.from_numpy(labels)).mean()
    loss.backward()
    ours = loss_and_gradients(network, values, pixels, labels)
    assert ours[0] == pytest.approx(float(loss.detach()), rel=NEARLY)
    assert ours[1] == int((scores.detach().numpy().argmax(axis=1) == labels).sum())
    assert list(ours[2]) == list(network.parameter_shapes)
    scale = max(float(np.linalg.norm(gradient)) for gradient in ours[2].values())
    for name, gradient in ours[2].items():
        grad = model.get_parameter(name).grad
        assert grad is not None
        assert gradient.shape == tuple(grad.shape)
        expected = grad.numpy()
        off = float(np.linalg.norm(gradient - expected))
        assert off <= NEARLY * float(np.linalg.norm(expected)) + 1e-8 * max(scale, 1), name


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_the_papers_networks_gradients_equal_autograds(network: Network) -> None:
    check_gradients(network, 3, seed=1)


@given(chains(historical=False), st.integers(1, 4), st.integers(0, 9))
@settings(max_examples=60)
def test_any_chains_gradients_equal_autograds(network: Network, count: int, seed: int) -> None:
    check_gradients(network, count, seed)


CLASSIFIERS = [
    Network("plain", (1, 3, 3), (Flatten("f"), Linear("l", 5))),
    Network("none of these", (1, 3, 3), (Flatten("f"), Linear("l", 5, rubbish=-0.5))),
    Network(
        "bitmaps",
        (1, 3, 3),
        (
            Flatten("f"),
            Linear("l", 84),
            SQUASH,
            RadialBasis("o", "01234", 60.0),
        ),
    ),
]


@pytest.mark.parametrize("network", CLASSIFIERS, ids=lambda n: n.name)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_classifiers_gradients_equal_autograds(network: Network, seed: int) -> None:
    values, pixels, _ = case(network, 7, seed)
    columns = 5 + (network.rubbish is not None)
    labels = np.arange(7) % columns
    model = torch_model(network, values)
    scores = model(torch.from_numpy(pixels))
    all_scores = scores
    if network.rubbish is not None:
        none = torch.full((7, 1), -network.rubbish, dtype=torch.float64)
        all_scores = torch.cat([scores, none], dim=1)
    loss = torch.nn.functional.cross_entropy(all_scores, torch.from_numpy(labels))
    loss.backward()
    ours = loss_and_gradients(network, values, pixels, labels)
    assert ours[0] == pytest.approx(float(loss.detach()), rel=NEARLY)
    answers = np.where(labels < 5, scores.argmax(dim=1), all_scores.argmax(dim=1))
    assert ours[1] == np.count_nonzero(answers == labels)
    for name, gradient in ours[2].items():
        grad = model.get_parameter(name).grad
        assert grad is not None
        assert relative(gradient, grad.numpy()) < NEARLY, name


def test_what_is_none_of_the_classes_is_right_where_no_class_is_likelier() -> None:
    network = Network("n", (1, 1, 1), (Flatten("f"), Linear("l", 2, rubbish=-0.5)))
    values: Any = {"l.weight": np.array([[1.0], [-1.0]]), "l.bias": np.zeros(2)}
    pixels: Any = np.array([0.4, 0.6, -0.6, 0.4, 0.5, 0.6]).reshape(-1, 1, 1, 1)
    # Scores are (x, -x) and 0.5. A class is the answer where it is the likelier of the classes;
    # as likely as none of them, it still is.
    labels = np.array([2, 2, 2, 0, 2, 0])
    loss, correct, _ = loss_and_gradients(network, values, pixels, labels)
    assert correct == sum((True, False, False, True, False, True))
    scores = np.concatenate([pixels[:, 0, 0], -pixels[:, 0, 0], np.full((6, 1), 0.5)], axis=1)
    right = np.exp(scores)[np.arange(6), labels] / np.exp(scores).sum(axis=1)
    assert loss == pytest.approx(-np.log(right).mean(), rel=1e-9)


@given(chains(historical=False), st.data())
@settings(max_examples=40)
def test_the_pixels_gradient_equals_autograds_from_any_layer(
    network: Network, data: st.DataObject
) -> None:
    values, pixels, _ = case(network, 2, seed=3)
    number = data.draw(st.integers(0, len(network.layers) - 1))
    inputs = torch.from_numpy(pixels).requires_grad_()
    output = torch_model(network, values)[: number + 1](inputs)
    weights: Any = np.random.default_rng(4).normal(size=tuple(output.shape))
    (expected,) = torch.autograd.grad((output * torch.from_numpy(weights)).sum(), inputs)
    ours = input_gradient(network, values, pixels, network.layers[number].name, weights)
    assert ours.shape == pixels.shape
    np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-5, atol=1e-6)


def test_float32_stays_float32() -> None:
    for network in HISTORICAL:
        values = parameters(network, 0)
        pixels = np.zeros((1, *network.input_shape), np.float32)
        labels = np.zeros(1, np.int64)
        for found in (
            loss_and_gradients(network, values, pixels, labels)[2],
            curvature(network, values, pixels, labels),
        ):
            assert {array.dtype for array in found.values()} == {np.dtype(np.float32)}


def check_curvature(network: Network, count: int, seed: int, discriminative: bool = False) -> None:
    values, pixels, labels = case(network, count, seed)
    ours = curvature(network, values, pixels, labels, discriminative)
    each = [plain.curvature(network, values, image, discriminative) for image in pixels]
    assert list(ours) == list(network.parameter_shapes)
    for name, found in ours.items():
        expected = np.mean([one[name] for one in each], axis=0)
        assert found.shape == expected.shape
        assert (found >= 0).all()
        assert relative(found, expected) < SATURATED, name


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_the_papers_networks_curvature_is_that_of_the_papers_recursion(network: Network) -> None:
    check_curvature(network, 1, seed=2)


@given(chains(), st.integers(1, 2), st.integers(0, 9), st.booleans())
@settings(max_examples=25)
def test_any_chains_curvature_is_that_of_the_papers_recursion(
    network: Network, count: int, seed: int, discriminative: bool
) -> None:
    check_curvature(network, count, seed, discriminative)


# The recursion leaves out the terms between different units. Where each weight has a single path to
# a single output there are none, and it is the diagonal of the Gauss-Newton matrix J'HJ.
DIAGONAL = ("X..", ".X.", "..X")
SINGLE_PATHS = [
    Network("layer", (2, 2, 2), (Flatten("f"), Linear("l", 4), SQUASH)),
    Network(
        "one unit a layer",
        (1, 3, 3),
        (
            Convolution("c", 1, 3),
            Activation("s0", "scaled tanh"),
            Flatten("f"),
            Linear("l", 1),
            Activation("s1", "scaled tanh"),
            Linear("o", 1),
            SQUASH,
        ),
    ),
    Network(
        "three chains side by side",
        (3, 3, 3),
        (
            Convolution("a", 3, 3, table=DIAGONAL),
            Activation("s0", "scaled tanh"),
            Convolution("b", 3, 1, table=DIAGONAL, bias="unit"),
            Flatten("f"),
            SQUASH,
        ),
    ),
    Network(
        "bitmaps",
        (1, 2, 2),
        (
            Flatten("f"),
            Linear("l", 84),
            SQUASH,
            RadialBasis("o", "0123", 30.0),
        ),
    ),
]


def gaussian_hessian(layer: RadialBasis, x: torch.Tensor, label: int) -> Any:
    """Return the exact Hessian of equation 9 by what goes into the units, and what was dropped.

    The curvature leaves out the only part that can be negative, ``-2 (1 - p(rubbish))``.
    """
    codes = torch.tensor([plain.code(one) for one in layer.characters], dtype=torch.float64)

    def loss(value: torch.Tensor) -> torch.Tensor:
        y = ((value - codes) ** 2).sum(dim=1)
        none = torch.tensor([-layer.rubbish], dtype=torch.float64)
        return y[label] + torch.logsumexp(torch.cat([-y, none]), dim=0)

    hessian: Any = cast("Any", torch.autograd.functional.hessian(loss, x))
    numbers: Any = x.numpy()
    _, rubbish = plain.posteriors(
        [plain.code(one) for one in layer.characters], layer.rubbish, numbers
    )
    hessian += 2 * (1 - rubbish) * torch.eye(len(x), dtype=torch.float64)
    return hessian


@pytest.mark.parametrize("network", SINGLE_PATHS, ids=lambda n: n.name)
@pytest.mark.parametrize("seed", [0, 1])
def test_where_no_two_paths_meet_it_is_the_gauss_newton_diagonal(
    network: Network, seed: int
) -> None:
    values, pixels, labels = case(network, 1, seed)
    last = network.layers[-1]
    layers = network.layers[:-1] if isinstance(last, RadialBasis) else network.layers
    model = torch_model(network, values)[: len(layers)]
    output = model(torch.from_numpy(pixels))[0]
    matrix: Any = torch.eye(len(output), dtype=torch.float64)
    if isinstance(last, RadialBasis):
        matrix = gaussian_hessian(last, output.detach(), int(labels[0]))
    ours = curvature(network, values, pixels, labels)
    for name, parameter in model.named_parameters():
        rows = [
            torch.autograd.grad(one, parameter, retain_graph=True)[0].reshape(-1) for one in output
        ]
        jacobian = torch.stack(rows)
        diagonal = torch.einsum("op,oq,qp->p", jacobian, matrix, jacobian)
        assert relative(ours[name].reshape(-1), diagonal.numpy()) < SATURATED, name


def differences(network: Network, values: Any, pixels: Any, labels: Any, name: str) -> Any:
    """Differentiate the gradient by each number of one parameter, numerically."""
    step = 1e-5
    result: Any = np.empty(values[name].size)
    for place in range(values[name].size):
        sides: list[float] = []
        for sign in (1, -1):
            moved = {key: value.copy() for key, value in values.items()}
            moved[name].reshape(-1)[place] += sign * step
            gradients = loss_and_gradients(network, moved, pixels, labels)[2]
            sides.append(float(gradients[name].reshape(-1)[place]))
        result[place] = (sides[0] - sides[1]) / (2 * step)
    return result.reshape(values[name].shape)


def test_at_the_targets_it_is_the_true_second_derivative_of_the_last_layer() -> None:
    # The term that the recursion drops is f'' times the distance from the target, here 0: sums of
    # ±1 give outputs of ±1.
    network = Network("n", (1, 2, 2), (Flatten("f"), Linear("l", 3), SQUASH))
    values, pixels, labels = case(network, 1, seed=5)
    values["l.bias"] = np.where(np.arange(3) == labels[0], 1.0, -1.0)
    values["l.bias"] -= values["l.weight"] @ pixels.reshape(-1)
    ours = curvature(network, values, pixels, labels)
    for name in ("l.weight", "l.bias"):
        expected = differences(network, values, pixels, labels, name)
        np.testing.assert_allclose(ours[name], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rubbish", [0.0, 10.0, 60.0])
def test_before_gaussian_units_a_linear_layers_curvature_is_the_true_one_and_what_was_dropped(
    rubbish: float,
) -> None:
    # Without squashing nothing else is dropped than the negative part of the loss's own curvature.
    last = RadialBasis("o", "0O8", rubbish)
    network = Network("n", (1, 2, 2), (Flatten("f"), Linear("l", 84), last))
    values, pixels, labels = case(network, 1, seed=6)
    # Somewhere between two bitmaps, at a distance of about 10 from both.
    zero, letter = np.array(plain.code("0")), np.array(plain.code("O"))
    x = 0.52 * zero + 0.48 * letter + np.random.default_rng(7).normal(0, 0.1, 84)
    values["l.bias"] = x - values["l.weight"] @ pixels.reshape(-1)
    p, none = plain.posteriors([plain.code(one) for one in last.characters], rubbish, x.tolist())
    assert (rubbish == 0) == (none > 0.99)
    assert (rubbish == 60) == (none < 0.01)
    assert max(p) < 0.9
    ours = curvature(network, values, pixels, labels)
    true = differences(network, values, pixels, labels, "l.bias")
    np.testing.assert_allclose(ours["l.bias"], true + 2 * (1 - none), rtol=1e-4)
