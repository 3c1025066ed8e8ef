"""The losses against their equations written out, and PyTorch."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet.engine.losses import (
    Targets,
    cross_entropy,
    discrimination,
    distillation,
    loss_of,
    squared_error,
)
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


def torchs_distillation(
    scores: torch.Tensor, wanted: torch.Tensor, temperature: float, j: float | None
) -> torch.Tensor:
    """Return each image's loss, by PyTorch's cross-entropy with probabilities."""
    if j is not None:
        scores = torch.cat([scores, scores.new_full((len(scores), 1), -j)], dim=1)
    loss = torch.nn.functional.cross_entropy(scores / temperature, wanted, reduction="none")
    return temperature**2 * loss


@given(
    st.integers(0, 999), st.integers(1, 5), st.integers(1, 6), st.none() | st.floats(-20, 300),
    st.sampled_from([0.25, 1.0, 2.0, 20.0]), st.sampled_from([0.01, 1.0, 100.0]),
)  # fmt: skip
def test_distillation_equals_pytorchs(
    seed: int, count: int, classes: int, j: float | None, temperature: float, size: float
) -> None:
    random = np.random.default_rng(seed)
    scores: Any = random.normal(0, size, (count, classes))
    wanted: Any = random.dirichlet(np.full(classes + (j is not None), 0.3), count)
    tensor = torch.tensor(scores, requires_grad=True)
    expected = torchs_distillation(tensor, torch.from_numpy(wanted), temperature, j)
    losses, gradient = distillation(scores, Targets(wanted, temperature), j)
    np.testing.assert_allclose(losses, expected.detach().numpy(), rtol=1e-9, atol=1e-9)
    (theirs,) = torch.autograd.grad(expected.sum(), tensor)
    assert gradient.shape == (count, classes)
    np.testing.assert_allclose(gradient, theirs.numpy(), atol=1e-9 * temperature)


def test_distillation_by_hand() -> None:
    scores = np.zeros((1, 2), np.float32)
    wanted = np.array([[1, 0]], np.float32)
    losses, gradient = distillation(scores, Targets(wanted, 2.0))
    assert losses[0] == pytest.approx(4 * math.log(2))
    np.testing.assert_allclose(gradient, [[-1, 1]], rtol=1e-6)
    # Scores of 0 and 2 log 3, divided by 2, are odds of 1 to 3.
    scores = np.array([[0, 2 * math.log(3)]], np.float32)
    losses, gradient = distillation(scores, Targets(np.array([[0.5, 0.5]], np.float32), 2.0))
    assert losses[0] == pytest.approx(-2 * (math.log(1 / 4) + math.log(3 / 4)))
    np.testing.assert_allclose(gradient, [[-0.5, 0.5]], rtol=1e-5)
    # Three alike, of which the last is rubbish.
    wanted = np.array([[0, 0, 1]], np.float32)
    losses, gradient = distillation(np.zeros((1, 2), np.float32), Targets(wanted), 0.0)
    assert losses[0] == pytest.approx(math.log(3))
    np.testing.assert_allclose(gradient, [[1 / 3, 1 / 3]], rtol=1e-6)


@pytest.mark.parametrize("rubbish", [None, 3.0])
def test_certain_targets_are_labels(rubbish: float | None) -> None:
    random = np.random.default_rng(2)
    columns = 4 + (rubbish is not None)
    scores, labels = random.normal(0, 3, (9, 4)).astype(np.float32), np.arange(9) % columns
    wanted = np.eye(columns, dtype=np.float32)[labels]
    ours = distillation(scores, Targets(wanted), rubbish)
    for one, other in zip(ours, cross_entropy(scores, labels, rubbish), strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 8.0])
@pytest.mark.parametrize("rubbish", [None, 0.0, 1e6])
def test_distillation_from_scores_of_any_size_does_not_overflow(
    rubbish: float | None, temperature: float
) -> None:
    rows = [[1e30, -1e30, 0], [-math.inf, 2, 1], [-1e6, -1e6, -1e6]]
    scores = np.array(rows, np.float32)
    wanted = np.array([[0.25, 0.75, 0], [0, 0.5, 0.5], [0, 0, 1]], np.float32)
    if rubbish is not None:
        wanted = np.pad(wanted, ((0, 0), (0, 1)))
    losses, gradient = distillation(scores, Targets(wanted, temperature), rubbish)
    assert np.isfinite(gradient).all()
    # Where nothing is wanted of a score, it may be infinite; PyTorch says 0 times infinity there.
    finite = torch.tensor(rows, dtype=torch.float64).clamp(min=-1e300)
    expected = torchs_distillation(
        finite, torch.from_numpy(wanted).double(), float(temperature), rubbish
    )
    np.testing.assert_allclose(losses, expected.numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("place", range(3))
def test_a_score_that_is_no_number_gives_a_loss_that_is_none(place: int) -> None:
    scores = np.zeros((2, 3), np.float32)
    scores[1, place] = math.nan
    wanted = np.array([[1, 0, 0], [0.5, 0.5, 0]], np.float32)
    for rubbish in (None, 5.0):
        further = wanted if rubbish is None else np.pad(wanted, ((0, 0), (0, 1)))
        for losses, _ in (
            distillation(scores, Targets(further, 3.0), rubbish),
            cross_entropy(scores, np.array([0, 1]), rubbish),
        ):
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
