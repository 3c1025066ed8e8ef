"""The native loss against PyTorch in float64: labels, probabilities, the class "none of these"."""

import math
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import nn

from lenet.engine import Normalization, backward, native, normalized
from lenet.errors import LenetError
from lenet.models.build import modules
from lenet.networks import Network, lenet_network
from lenet.networks.layers import Linear

pytestmark = pytest.mark.skipif(not native.available(), reason="the engine was not built here")

NORMALIZATION = Normalization(0.01, -0.5)
VARIANTS = native.variants()
Array = NDArray[np.float32]
EPSILON = float(np.finfo(np.float32).eps)


def make(classes: int, rubbish: float | None, hidden: tuple[int, ...] = (9,)) -> Network:
    """A small network of the family; it may have a rubbish class."""
    plain = lenet_network("relu", "max", channels=(2, 3), hidden=hidden, classes=classes)
    last = Linear(plain.layers[-1].name, classes, rubbish)
    return Network("small", plain.input_shape, (*plain.layers[:-1], last))


def draw(network: Network, seed: int, size: float = 1.0) -> dict[str, Array]:
    """Parameters that give scores of about `size`."""
    random = np.random.default_rng([seed, 1])
    values = {
        name: (random.normal(size=shape) / math.sqrt(math.prod(shape[1:]))).astype(np.float32)
        for name, shape in network.parameter_shapes.items()
    }
    for name in list(values)[-2:]:
        values[name] *= np.float32(size)
    return values


def pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng([seed, 2]).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def probabilities(network: Network, count: int, seed: int) -> Array:
    """Rows that sum to 1; some of their numbers are nearly 0, and some are 0."""
    columns = network.classes + (network.rubbish is not None)
    random = np.random.default_rng([seed, 3])
    rows = random.dirichlet(np.full(columns, 0.3), count)
    rows[::3] = np.eye(columns)[random.integers(0, columns, len(rows[::3]))]
    return rows.astype(np.float32)


def native_step(
    network: Network,
    values: dict[str, Array],
    variant: str,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    index: NDArray[np.int64],
    threads: int = 2,
    targets: Array | None = None,
) -> tuple[float, int, dict[str, Array]]:
    found = {name: np.full_like(value, np.nan) for name, value in values.items()}
    step = native.Plan(network, variant).batches(
        native.Pointers(network, list(values.values())),
        native.Pointers(network, list(found.values())),
        NORMALIZATION,
        images,
        labels,
        threads,
        targets=targets,
    )
    return *step(index), found


class Exact(NamedTuple):
    """What float64 gives, and how far float32 alone may be from it."""

    loss: float
    right: int
    gradients: dict[str, NDArray[np.float64]]
    loss_error: float
    gradient_errors: dict[str, float]


def exactly(
    network: Network,
    values: dict[str, Array],
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    targets: Array | None,
) -> Exact:
    """Return loss, right answers and gradients by autograd."""
    model = nn.Sequential(modules(network)).double()
    model.load_state_dict({name: torch.from_numpy(v).double() for name, v in values.items()})
    scores = model(torch.from_numpy(normalized(NORMALIZATION, images)).double())
    if network.rubbish is not None:
        none = scores.new_full((len(scores), 1), float(np.float32(-network.rubbish)))
        scores = torch.cat([scores, none], dim=1)
    wanted = torch.from_numpy(labels)
    if targets is not None:
        wanted = torch.from_numpy(targets).double()
    loss = nn.functional.cross_entropy(scores, wanted)
    parameters = [model.get_parameter(name) for name in values]
    found = torch.autograd.grad(loss, parameters, retain_graph=True)
    # Who asks for a class gets the likeliest of them; none must be likelier than each.
    answers = np.where(
        labels < network.classes, scores[:, : network.classes].argmax(dim=1), scores.argmax(dim=1)
    )
    # A score is off by epsilon times its size, a probability by epsilon; so is what goes back from
    # a score, even where it all but vanishes. All off by as much, or some up and some down: where
    # one cancels, the other does not.
    off = EPSILON * (1 + float(scores.detach().abs().max()))
    errors = dict.fromkeys(values, 0.0)
    random = np.random.default_rng(0)
    for signs in (np.ones(scores.shape), random.choice([-1.0, 1.0], tuple(scores.shape))):
        summed = (scores * torch.from_numpy(signs)).mean(dim=0).sum()
        moved = torch.autograd.grad(summed, parameters, retain_graph=True)
        for name, grad in zip(values, moved, strict=True):
            errors[name] += off * float(np.linalg.norm(grad.numpy()))
    return Exact(
        float(loss.detach()),
        int((answers == labels).sum()),
        {name: grad.numpy() for name, grad in zip(values, found, strict=True)},
        off,
        errors,
    )


def check(
    network: Network, values: dict[str, Array], variant: str, count: int, seed: int, soft: bool
) -> None:
    images = pictures(count + 2, seed)
    random = np.random.default_rng([seed, 4])
    labels = random.integers(0, network.classes + (network.rubbish is not None), count + 2)
    # An index that repeats and leaves out.
    index = random.integers(0, count + 2, count)
    targets = probabilities(network, count + 2, seed) if soft else None
    ours = native_step(network, values, variant, images, labels, index, targets=targets)
    wanted = None if targets is None else targets[index]
    theirs = exactly(network, values, images[index], labels[index], wanted)
    assert ours[0] == pytest.approx(theirs.loss, rel=1e-5, abs=8 * theirs.loss_error)
    assert ours[1] == theirs.right
    scale = max(float(np.linalg.norm(gradient)) for gradient in theirs.gradients.values())
    for name, expected in theirs.gradients.items():
        off = float(np.linalg.norm(ours[2][name] - expected))
        near = 1e-4 * float(np.linalg.norm(expected)) + 1e-5 * scale
        assert off <= near + 8 * theirs.gradient_errors[name], name


# Batches that fill no lanes, some, and all of them on every instruction set; and several shards.
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("count", [1, 3, 4, 5, 8, 15, 16, 17, 100])
@pytest.mark.parametrize("rubbish", [None, 0.3])
@pytest.mark.parametrize("soft", [False, True])
def test_loss_and_gradients_equal_pytorchs_in_float64(
    variant: str, count: int, rubbish: float | None, soft: bool
) -> None:
    network = make(5, rubbish)
    check(network, draw(network, count), variant, count, count, soft)


@given(
    st.integers(1, 20),
    st.integers(1, 40),
    st.none() | st.floats(-30, 30),
    st.sampled_from([0.01, 1.0, 30.0]),
    st.integers(0, 99),
    st.sampled_from(VARIANTS or ("none",)),
    st.booleans(),
)
@settings(max_examples=60)
def test_so_do_those_of_any_scores(
    classes: int,
    count: int,
    rubbish: float | None,
    size: float,
    seed: int,
    variant: str,
    soft: bool,
) -> None:
    network = make(classes, rubbish, hidden=())
    check(network, draw(network, seed, size), variant, count, seed, soft)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("rubbish", [None, 0.5])
def test_certain_targets_are_labels(variant: str, rubbish: float | None) -> None:
    network = make(4, rubbish)
    columns = 4 + (rubbish is not None)
    values, images = draw(network, 1), pictures(21)
    labels, index = np.arange(21) % columns, np.arange(21)
    by_label, by_target = (
        native_step(network, values, variant, images, labels, index, targets=targets)
        for targets in (None, np.eye(columns, dtype=np.float32)[labels])
    )
    assert by_label[:2] == by_target[:2]
    for name, gradient in by_label[2].items():
        assert np.array_equal(gradient, by_target[2][name])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("rubbish", [None, -0.2])
def test_numpy_gives_nearly_the_same(variant: str, rubbish: float | None) -> None:
    network = make(6, rubbish)
    values, images = draw(network, 2), pictures(37)
    labels = np.arange(37) % (network.classes + (rubbish is not None))
    ours = native_step(network, values, variant, images, labels, np.arange(37))
    theirs = backward.loss_and_gradients(network, values, normalized(NORMALIZATION, images), labels)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    assert ours[1] == theirs[1]
    for name, gradient in theirs[2].items():
        np.testing.assert_allclose(ours[2][name], gradient, rtol=1e-3, atol=1e-5, err_msg=name)


def constant(network: Network, scores: list[float]) -> dict[str, Array]:
    """Parameters that give every image the same scores."""
    values = {name: np.zeros(s, np.float32) for name, s in network.parameter_shapes.items()}
    values[list(values)[-1]][:] = scores
    return values


FAR = 1e30
EXTREME: list[tuple[list[float], int]] = [
    ([FAR, 0, -FAR], 0),
    ([FAR, 0, -FAR], 1),
    ([FAR, 0, -FAR], 2),
    ([-FAR, -FAR, -FAR], 0),
    ([FAR, FAR, FAR], 2),
    ([200, 0, -200], 1),
    ([-math.inf, 3, 1], 1),
    ([3, 1, -math.inf], 1),
    ([-math.inf, -FAR, -math.inf], 1),
    ([-math.inf, -FAR, 5], 3),
]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("rubbish", [None, 2.0, 1e6, -1e6])
@pytest.mark.parametrize(("scores", "label"), EXTREME)
def test_extreme_scores_give_what_is_true(
    scores: list[float], label: int, rubbish: float | None, variant: str
) -> None:
    if rubbish is None:
        label = min(label, 2)  # there is no class 3
    network = make(3, rubbish, hidden=())
    labels = np.full(5, label)
    loss, _, gradients = native_step(
        network, constant(network, scores), variant, pictures(5), labels, np.arange(5)
    )
    # PyTorch makes no number of 0 times infinity; so far off, a score is as good as infinite.
    exact = torch.tensor(scores, dtype=torch.float64).clamp(min=-1e290).requires_grad_()
    everything = exact
    if rubbish is not None:
        everything = torch.cat([exact, torch.tensor([-rubbish], dtype=torch.float64)])
    expected = nn.functional.cross_entropy(everything, torch.tensor(label))
    expected.backward()
    assert loss == pytest.approx(float(expected.detach()), rel=1e-6, abs=1e-6)
    assert exact.grad is not None
    np.testing.assert_allclose(
        list(gradients.values())[-1], exact.grad.numpy(), rtol=1e-5, atol=1e-6
    )


FAR_TARGETS: list[tuple[list[float], list[float]]] = [
    ([FAR, 0, -FAR], [0.5, 0.25, 0.25]),
    ([-FAR, -FAR, -FAR], [0.5, 0.25, 0.25]),
    ([FAR, FAR, FAR], [0.5, 0.25, 0.25]),
    ([-math.inf, 3, 1], [0, 0.5, 0.5]),
    ([3, 1, -math.inf], [0.75, 0.25, 0]),
]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("scores", "wanted"), FAR_TARGETS)
def test_extreme_scores_give_what_is_true_of_probabilities_too(
    scores: list[float], wanted: list[float], variant: str
) -> None:
    network = make(3, None, hidden=())
    targets = np.array([wanted] * 5, np.float32)
    loss, _, gradients = native_step(
        network,
        constant(network, scores),
        variant,
        pictures(5),
        np.zeros(5, np.int64),
        np.arange(5),
        targets=targets,
    )
    exact = torch.tensor(scores, dtype=torch.float64).clamp(min=-1e290).requires_grad_()
    expected = nn.functional.cross_entropy(exact, torch.tensor(wanted, dtype=torch.float64))
    expected.backward()
    assert loss == pytest.approx(float(expected.detach()), rel=1e-6, abs=1e-6)
    assert exact.grad is not None
    np.testing.assert_allclose(
        list(gradients.values())[-1], exact.grad.numpy(), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("rubbish", [None, 2.0])
@pytest.mark.parametrize("soft", [False, True])
def test_a_score_that_is_no_number_gives_a_loss_that_is_none(
    soft: bool, rubbish: float | None, place: int, variant: str
) -> None:
    network = make(4, rubbish, hidden=())
    scores = [1.0, -2.0, 0.5, 0.0]
    scores[place] = math.nan
    columns = 4 + (rubbish is not None)
    for label in range(columns):
        labels = np.full(6, label)
        loss, _, gradients = native_step(
            network,
            constant(network, scores),
            variant,
            pictures(6),
            labels,
            np.arange(6),
            targets=np.eye(columns, dtype=np.float32)[labels] if soft else None,
        )
        assert math.isnan(loss)
        assert np.isnan(list(gradients.values())[-1]).all()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("scores", "label", "right"),
    [
        ([0.4, -1.0], 2, True),  # none of them is likeliest, at 0.5
        ([0.5, -1.0], 2, False),  # as likely: the class is the answer
        ([0.6, -1.0], 2, False),
        ([-1.0, 0.6], 2, False),
        # Who asks for a class gets the likeliest one, however likely none is.
        ([0.4, -1.0], 0, True),
        ([0.4, -1.0], 1, False),
        ([0.6, -1.0], 0, True),
        ([0.7, 0.7], 0, True),
        ([0.7, 0.7], 1, False),
    ],
)
def test_what_counts_as_right_beside_none_of_these(
    scores: list[float], label: int, right: bool, variant: str
) -> None:
    network = make(2, rubbish=-0.5, hidden=())
    values, images = constant(network, scores), pictures(3)
    labels = np.full(3, label)
    _, correct, _ = native_step(network, values, variant, images, labels, np.arange(3))
    assert correct == 3 * right
    pixels = normalized(NORMALIZATION, images)
    assert backward.loss_and_gradients(network, values, pixels, labels)[1] == correct


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_bits_do_not_depend_on_the_threads(variant: str) -> None:
    network = make(5, rubbish=1.0)
    values, images, labels = draw(network, 3), pictures(300), np.arange(300) % 6
    targets = probabilities(network, 300, 1)
    one, *others = (
        native_step(network, values, variant, images, labels, np.arange(300), threads, targets)
        for threads in (1, 2, 3, 7)
    )
    for other in others:
        assert other[:2] == one[:2]
        for name, gradient in one[2].items():
            assert np.array_equal(gradient, other[2][name])


@pytest.mark.parametrize(
    ("rubbish", "label", "known"),
    [(None, 2, True), (None, 3, False), (1.0, 3, True), (1.0, 4, False), (1.0, -1, False)],
)
def test_the_label_behind_the_last_class_is_for_networks_that_know_it(
    rubbish: float | None, label: int, known: bool
) -> None:
    network = make(3, rubbish)
    values, labels = draw(network, 6), np.array([0, label])
    arguments = (network, values, VARIANTS[0], pictures(2), labels, np.arange(2))
    if known:
        assert math.isfinite(native_step(*arguments)[0])
    else:
        with pytest.raises(LenetError, match="labels must lie within the network's 3 classes"):
            native_step(*arguments)


def test_targets_are_used_where_they_lie() -> None:
    network = make(3, None)
    values, images, labels = draw(network, 4), pictures(4), np.zeros(4, np.int64)
    targets = probabilities(network, 4, 2)
    found = [np.empty_like(value) for value in values.values()]
    step = native.Plan(network).batches(
        native.Pointers(network, list(values.values())),
        native.Pointers(network, found),
        NORMALIZATION,
        images,
        labels,
        targets=targets,
    )
    index = np.arange(4)
    before, _ = step(index)
    targets[:] = targets[::-1].copy()
    after, _ = step(index)
    assert (
        after
        == native_step(network, values, VARIANTS[0], images, labels, index, targets=targets)[0]
    )
    assert after != before


@pytest.mark.parametrize(
    ("shape", "dtype", "order"),
    [
        ((2, 4), np.float32, "C"),
        ((3, 3), np.float32, "C"),
        ((3,), np.float32, "C"),
        ((3, 4), np.float64, "C"),
        ((3, 4), np.float16, "C"),
        ((3, 4), np.float32, "F"),
    ],
)
@pytest.mark.parametrize("rubbish", [None, 1.0])
def test_targets_of_another_shape_or_kind_are_refused(
    shape: tuple[int, ...],
    dtype: type[np.floating[Any]],
    order: Literal["C", "F"],
    rubbish: float | None,
) -> None:
    network = make(4 if rubbish is None else 3, rubbish)
    targets = cast(Array, np.full(shape, 0.25).astype(dtype, order))  # for what must not come
    with pytest.raises(LenetError, match=r"targets must be contiguous float32 \(3, 4\), not"):
        native_step(
            network,
            draw(network, 5),
            VARIANTS[0],
            pictures(3),
            np.zeros(3, np.int64),
            np.arange(3),
            targets=targets,
        )
