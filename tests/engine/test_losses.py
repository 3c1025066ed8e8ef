"""The losses against their equations written out, and PyTorch."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet.engine.losses import cross_entropy, discrimination, loss_of, squared_error
from lenet.networks import NETWORKS

SCORES = st.lists(st.floats(-400, 400), min_size=2, max_size=5)


def equation_9(penalties: list[float], right: int, j: float) -> float:
    """Return ``y_D + log(e^-j + sum_i e^-y_i)``, Proc. IEEE 86(11), 1998, page 9."""
    return penalties[right] + math.log(math.exp(-j) + sum(math.exp(-y) for y in penalties))


@pytest.mark.parametrize(
    ("penalties", "right", "j"),
    [
        ([0.0, 0.0], 0, 0.0),  # log 3
        ([2.0, 5.0, 1.0], 1, 3.0),
        ([2.0, 5.0, 1.0], 2, 0.5),
        ([30.0, 40.0], 0, 10.0),  # rubbish, says the network
        ([0.5, 100.0], 0, 600.0),  # no rubbish that counts
    ],
)
def test_with_a_rubbish_class_cross_entropy_is_equation_9(
    penalties: list[float], right: int, j: float
) -> None:
    scores = -np.array([penalties])
    losses, gradient = cross_entropy(scores, np.array([right]), j)  # pyright: ignore[reportArgumentType] float64
    assert losses[0] == pytest.approx(equation_9(penalties, right, j), rel=1e-12)
    step = 1e-6
    for place in range(len(penalties)):
        sides: list[float] = []
        for sign in (1, -1):
            moved = list(penalties)
            moved[place] -= sign * step  # a score is minus a penalty
            sides.append(equation_9(moved, right, j))
        expected = (sides[0] - sides[1]) / (2 * step)
        assert gradient[0, place] == pytest.approx(expected, abs=1e-8)


def test_by_hand() -> None:
    scores = np.zeros((1, 2), np.float32)
    label = np.zeros(1, np.int64)
    assert cross_entropy(scores, label)[0][0] == pytest.approx(math.log(2))
    losses, gradient = cross_entropy(scores, label, 0.0)
    assert losses[0] == pytest.approx(math.log(3))
    np.testing.assert_allclose(gradient, [[-2 / 3, 1 / 3]], rtol=1e-6)
    losses, gradient = squared_error(np.array([[0.5, -1, 0]], np.float32), label)
    assert losses[0] == pytest.approx((0.25 + 0 + 1) / 2)
    np.testing.assert_array_equal(gradient, [[-0.5, 0, 1]])


@given(st.lists(SCORES.filter(lambda one: len(one) == 3), min_size=1, max_size=4), st.data())
def test_cross_entropy_equals_pytorchs(rows: list[list[float]], data: st.DataObject) -> None:
    j = data.draw(st.none() | st.floats(0, 300))
    most = 2 if j is None else 3  # 3: rubbish
    labels = np.array(
        data.draw(st.lists(st.integers(0, most), min_size=len(rows), max_size=len(rows)))
    )
    scores = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    further = scores
    if j is not None:
        none = torch.full((len(rows), 1), -j, dtype=torch.float64)
        further = torch.cat([scores, none], dim=1)
    expected = torch.nn.functional.cross_entropy(
        further, torch.from_numpy(labels), reduction="none"
    )
    losses, gradient = cross_entropy(np.array(rows), labels, j)  # pyright: ignore[reportArgumentType] float64
    np.testing.assert_allclose(losses, expected.detach().numpy(), rtol=1e-9, atol=1e-12)
    (theirs,) = torch.autograd.grad(expected.sum(), scores)
    assert gradient.shape == (len(rows), 3)
    np.testing.assert_allclose(gradient, theirs.numpy(), atol=1e-12)


@pytest.mark.parametrize("rubbish", [None, 0.0, 1e4, 1e6])
def test_scores_of_any_size_do_not_overflow(rubbish: float | None) -> None:
    scores = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]], np.float32)
    losses, gradient = cross_entropy(scores, np.array([0, 1]), rubbish)
    assert losses.dtype == gradient.dtype == np.float32
    assert np.isfinite(losses).all()
    assert np.isfinite(gradient).all()
    assert losses[0] == 0


@pytest.mark.parametrize("place", range(3))
def test_a_score_that_is_no_number_gives_a_loss_that_is_none(place: int) -> None:
    scores = np.zeros((2, 3), np.float32)
    scores[1, place] = math.nan
    for rubbish in (None, 5.0):
        losses, _ = cross_entropy(scores, np.array([0, 1]), rubbish)
        assert np.isnan(losses).tolist() == [False, True]


def test_squared_error_is_half_of_pytorchs() -> None:
    random = np.random.default_rng(0)
    outputs, labels = random.normal(size=(5, 4)).astype(np.float32), random.integers(0, 4, 5)
    losses, gradient = squared_error(outputs, labels)
    targets = 2 * torch.nn.functional.one_hot(torch.from_numpy(labels), 4).float() - 1
    scores = torch.from_numpy(outputs).requires_grad_()
    expected = torch.nn.functional.mse_loss(scores, targets, reduction="none").sum(dim=1) / 2
    np.testing.assert_allclose(losses, expected.detach().numpy(), rtol=1e-6)
    (theirs,) = torch.autograd.grad(expected.sum(), scores)
    np.testing.assert_allclose(gradient, theirs.numpy(), rtol=1e-6)


@given(st.lists(st.floats(-1.7159, 1.7159), min_size=1, max_size=12), st.data())
def test_discrimination_is_equation_9_of_the_distances_from_the_targets(
    row: list[float], data: st.DataObject
) -> None:
    right = data.draw(st.integers(0, len(row) - 1))
    outputs = torch.tensor(row, dtype=torch.float64, requires_grad=True)
    targets = 2 * torch.eye(len(row), dtype=torch.float64) - 1
    penalties = ((outputs - targets) ** 2).sum(dim=1)
    expected = penalties[right] + torch.logsumexp(-penalties, dim=0)
    losses, gradient = discrimination(np.array([row]), np.array([right]))  # pyright: ignore[reportArgumentType] float64
    assert losses[0] == pytest.approx(expected.item(), rel=1e-9, abs=1e-12)
    (theirs,) = torch.autograd.grad(expected, outputs)
    np.testing.assert_allclose(gradient[0], theirs.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_networks_loss_follows_from_its_outputs(name: str) -> None:
    squashed = {"lenet1", "lecun1989"}
    expected = "squared error" if name in squashed else "cross-entropy"
    assert loss_of(NETWORKS[name]()) == expected
