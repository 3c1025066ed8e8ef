"""The native kernels against PyTorch in float64, on every instruction set this machine has."""

import copy
import os
import pickle
import threading
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import nn

from lenet.engine import Normalization, backward, native, normalized, reference
from lenet.engine.family import covers
from lenet.errors import LenetError
from lenet.models.lenet import LeNet
from lenet.networks import Network, lenet_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Pooling

pytestmark = pytest.mark.skipif(not native.available(), reason="the engine was not built here")

NORMALIZATION = Normalization(0.004, -0.1)
# Activations, poolings, widths that fill no tile, colours, sizes, depths: each at least once with
# each of the others that could matter.
NETWORKS: list[dict[str, Any]] = [
    {},
    {"activation": "tanh"},
    {"activation": "relu"},
    {"activation": "leaky relu"},
    {"pooling": "max"},
    {"activation": "tanh", "pooling": "max", "input_size": 32},
    {"activation": "relu", "pooling": "max"},
    {"activation": "leaky relu", "pooling": "max"},
    {"channels": (1, 1), "hidden": (1,), "classes": 2},
    {"channels": (3, 5), "hidden": (7, 13), "classes": 3, "in_channels": 3, "input_size": 32},
    {"channels": (4, 7), "hidden": (), "in_channels": 2, "activation": "relu"},
    {"channels": (7, 2), "hidden": (17, 16, 15), "classes": 47, "in_channels": 4},
    {"channels": (20, 50), "hidden": (500,), "activation": "relu", "pooling": "max"},
    {"channels": (9, 11), "hidden": (33,), "in_channels": 3, "activation": "tanh"},
]
BATCHES = [1, 2, 15, 16, 17, 255, 256, 1000]

# Every network with two batches, and the chapter's with all.
CASES = [(network, count) for network in NETWORKS for count in (5, 17)] + [
    ({}, count) for count in BATCHES
]


def make(case: dict[str, Any], count: int, seed: int) -> tuple[nn.Module, Network, Any, Any]:
    torch.manual_seed(seed)
    model = LeNet(**case)
    network = model.definition
    random = np.random.default_rng(seed)
    channels, height, width = network.input_shape
    shape = (count, height, width) if channels == 1 else (count, height, width, channels)
    images = random.integers(0, 256, shape, dtype=np.uint8)
    return model, network, images, random.integers(0, network.classes, count)


def pointers(network: Network, model: nn.Module) -> native.Pointers:
    values = [model.get_parameter(name).detach().numpy() for name in network.parameter_shapes]
    return native.Pointers(network, values)


def gradients(
    network: Network,
    model: nn.Module,
    variant: str,
    images: Any,
    labels: Any,
    index: Any,
    threads: int = 2,
) -> tuple[float, int, list[NDArray[np.float32]]]:
    arrays = [np.full(s, np.nan, np.float32) for s in network.parameter_shapes.values()]
    plan = native.Plan(network, variant)
    step = plan.batches(
        pointers(network, model),
        native.Pointers(network, arrays),
        NORMALIZATION,
        images,
        labels,
        threads,
    )
    return *step(index), arrays


def relative(ours: Any, theirs: Any) -> float:
    return float(np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), 1e-30))


@pytest.mark.parametrize("variant", native.variants())
@pytest.mark.parametrize(("case", "count"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_everything_equals_pytorch_in_float64(
    case: dict[str, Any], count: int, variant: str, seed: int
) -> None:
    model, network, images, labels = make(case, count + 3, seed)
    # An index that repeats and leaves out, as a shuffled batch of a larger set does.
    index = np.random.default_rng(seed).integers(0, count + 3, count)
    loss, correct, ours = gradients(network, model, variant, images, labels, index)

    exact = LeNet(**case).double()
    exact.load_state_dict({k: v.double() for k, v in model.state_dict().items()})
    pixels = torch.from_numpy(normalized(NORMALIZATION, images[index])).double()
    scores = exact(pixels)
    expected = nn.functional.cross_entropy(scores, torch.from_numpy(labels[index]))
    expected.backward()
    theirs = [exact.get_parameter(name).grad for name in network.parameter_shapes]
    for name, a, b in zip(network.parameter_shapes, ours, theirs, strict=True):
        assert b is not None
        assert relative(a, b.numpy()) < 1e-4, name
    assert loss == pytest.approx(float(expected.detach()), rel=1e-5)
    assert correct == int((scores.argmax(1).numpy() == labels[index]).sum())

    plan = native.Plan(network, variant)
    logits = plan.forward(pointers(network, model), NORMALIZATION, images[index])
    assert relative(logits, scores.detach().numpy()) < 1e-4


@pytest.mark.parametrize("variant", native.variants())
@pytest.mark.parametrize("case", NETWORKS)
def test_every_layers_output_equals_the_references(case: dict[str, Any], variant: str) -> None:
    model, network, images, _ = make(case, 3, seed=4)
    values = {name: model.get_parameter(name).detach().numpy() for name in network.parameter_shapes}
    ours = native.Plan(network, variant).activations(
        pointers(network, model), NORMALIZATION, images
    )
    theirs = reference.activations(network, values, normalized(NORMALIZATION, images))
    assert list(ours) == list(theirs)
    for name, expected in theirs.items():
        assert ours[name].shape == expected.shape
        np.testing.assert_allclose(ours[name], expected, rtol=1e-4, atol=1e-5, err_msg=name)


@given(
    st.sampled_from(["sigmoid", "tanh", "relu", "leaky relu"]),
    st.sampled_from(["average", "max"]),
    st.integers(1, 9),
    st.integers(1, 9),
    st.lists(st.integers(1, 40), max_size=3),
    st.integers(2, 12),
    st.integers(1, 4),
    st.sampled_from([28, 32]),
    st.integers(1, 70),
    st.sampled_from(native.variants() or ("none",)),
)
@settings(max_examples=30)
def test_any_network_of_the_family_equals_the_reference(
    activation: Any,
    pooling: Any,
    first: int,
    second: int,
    hidden: list[int],
    classes: int,
    channels: int,
    size: int,
    count: int,
    variant: str,
) -> None:
    case = {
        "activation": activation,
        "pooling": pooling,
        "channels": (first, second),
        "hidden": tuple(hidden),
        "classes": classes,
        "in_channels": channels,
        "input_size": size,
    }
    model, network, images, labels = make(case, count, seed=count)
    loss, correct, ours = gradients(network, model, variant, images, labels, np.arange(count))
    values = {name: model.get_parameter(name).detach().numpy() for name in network.parameter_shapes}
    expected = backward.loss_and_gradients(
        network, values, normalized(NORMALIZATION, images), labels
    )
    assert loss == pytest.approx(expected[0], rel=1e-4)
    assert correct == expected[1]
    scale = max(float(np.linalg.norm(g)) for g in expected[2].values())
    # Two sums of a window may differ by less than float32 can tell: rounding then decides which
    # of them is the largest, and the gradient takes another way.
    tolerance = 1e-3 if pooling == "average" else 0.2
    for a, b in zip(ours, expected[2].values(), strict=True):
        # Where a gradient nearly vanishes, float32 itself is the limit.
        assert np.linalg.norm(a - b) < tolerance * np.linalg.norm(b) + 1e-5 * scale


@pytest.mark.parametrize("variant", native.variants())
@pytest.mark.parametrize("count", [1, 63, 256, 700])
def test_the_bits_do_not_depend_on_the_threads(variant: str, count: int) -> None:
    model, network, images, labels = make({}, count, seed=5)
    index = np.arange(count)[::-1]
    results = [
        gradients(network, model, variant, images, labels, index, threads)
        for threads in (1, 2, 3, 7, 2)
    ]
    for loss, correct, arrays in results[1:]:
        assert (loss, correct) == results[0][:2]
        for a, b in zip(arrays, results[0][2], strict=True):
            assert np.array_equal(a, b)
    plan = native.Plan(network, variant)
    logits = [plan.forward(pointers(network, model), NORMALIZATION, images, t) for t in (1, 2, 5)]
    assert np.array_equal(logits[0], logits[1])
    assert np.array_equal(logits[0], logits[2])


@pytest.mark.parametrize("variant", native.variants())
@pytest.mark.parametrize("kind", ["sigmoid", "tanh"])
def test_huge_sums_saturate_and_stay_finite(variant: str, kind: Any) -> None:
    model, network, images, labels = make({"activation": kind}, 20, seed=6)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= 1e4
    loss, _, arrays = gradients(network, model, variant, images, labels, np.arange(20))
    assert np.isfinite(loss)
    assert all(np.isfinite(array).all() for array in arrays)
    plan = native.Plan(network, variant)
    exact = {
        name: model.get_parameter(name).detach().double().numpy()
        for name in network.parameter_shapes
    }
    outputs = plan.activations(pointers(network, model), NORMALIZATION, images)
    expected = reference.activations(
        network,
        exact,  # pyright: ignore[reportArgumentType] sums of 1e4 leave float32 two digits
        normalized(NORMALIZATION, images).astype(np.float64),  # pyright: ignore[reportArgumentType]
    )
    np.testing.assert_allclose(outputs["act1"], expected["act1"], atol=1e-2)


def test_parameters_are_used_where_they_lie() -> None:
    model, network, images, _ = make({}, 2, seed=7)
    plan, places = native.Plan(network), pointers(network, model)
    before = plan.forward(places, NORMALIZATION, images)
    with torch.no_grad():
        model.get_parameter("fc3.bias").add_(1.0)
    np.testing.assert_allclose(plan.forward(places, NORMALIZATION, images), before + 1, rtol=1e-5)


def test_one_plan_serves_several_threads_at_once() -> None:
    model, network, images, labels = make({}, 300, seed=8)
    plan, places = native.Plan(network), pointers(network, model)
    expected = plan.forward(places, NORMALIZATION, images)
    _, _, gradient = gradients(network, model, plan.variant, images, labels, np.arange(300))
    failures: list[str] = []

    def work() -> None:
        own = [np.empty(s, np.float32) for s in network.parameter_shapes.values()]
        step = plan.batches(places, native.Pointers(network, own), NORMALIZATION, images, labels, 3)
        for _ in range(10):
            step(np.arange(300))
            if not np.array_equal(plan.forward(places, NORMALIZATION, images, 2), expected):
                failures.append("forward")
            if not all(np.array_equal(a, b) for a, b in zip(own, gradient, strict=True)):
                failures.append("gradients")

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_computes_too() -> None:
    model, network, images, _ = make({}, 200, seed=9)
    plan, places = native.Plan(network), pointers(network, model)
    expected = plan.forward(places, NORMALIZATION, images, 2)  # the pool's threads are running
    child = os.fork()
    if child == 0:
        same = np.array_equal(plan.forward(places, NORMALIZATION, images, 2), expected)
        os._exit(0 if same else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def family(**change: Any) -> Network:
    layers = list(lenet_network().layers)
    for place, layer in change.items():
        layers[int(place[1:])] = layer
    return Network("other", (1, 28, 28), tuple(layers))


@pytest.mark.parametrize(
    ("network", "known"),
    [
        (lenet_network(), True),
        (lenet_network(hidden=()), True),
        (lenet_network(hidden=(5,) * 7), True),
        (lenet_network(hidden=(5,) * 8), False),
        (lenet_network(channels=(6,)), False),
        (family(_1=Activation("act1", "relu")), False),
        (family(_8=Activation("act3", "relu")), False),
        (family(_2=Pooling("pool1", "max")), False),
        (family(_2=Pooling("pool1", "average", 3), _3=Convolution("conv2", 16, 3)), False),
        (family(_0=Convolution("conv1", 6, 3, 1)), False),
        (family(_3=Convolution("conv2", 16, 5, 1)), False),
        (Network("flat", (1, 28, 28), (Flatten("flatten"), Linear("fc1", 10))), False),
    ],
)
def test_it_knows_what_it_knows(network: Network, known: bool) -> None:
    assert covers(network) is known
    if known:
        native.Plan(network)
    else:
        with pytest.raises(LenetError, match="cannot compute the network"):
            native.Plan(network)


def test_wrong_input_is_told_and_nothing_is_read_beyond_it() -> None:
    model, network, images, labels = make({}, 4, seed=10)
    plan, places = native.Plan(network), pointers(network, model)
    out = native.Pointers(
        network, [np.empty(s, np.float32) for s in network.parameter_shapes.values()]
    )
    step = plan.batches(places, out, NORMALIZATION, images, labels)
    for index in ([4], [-1], [], [[0]]):
        with pytest.raises(LenetError, match="index"):
            step(np.array(index, np.int64))
    for wrong in (labels[:3], labels + 10, labels - 10, labels.astype(np.int32)):
        with pytest.raises(LenetError, match="labels"):
            plan.batches(places, out, NORMALIZATION, images, wrong)
    with pytest.raises(LenetError, match="these are 27×28"):
        plan.forward(places, NORMALIZATION, images[:, :27])
    with pytest.raises(LenetError, match="uint8"):
        plan.forward(places, NORMALIZATION, images.astype(np.float32))
    with pytest.raises(LenetError, match="contiguous float32"):
        native.Pointers(network, [np.zeros(s) for s in network.parameter_shapes.values()])  # pyright: ignore[reportArgumentType]
    with pytest.raises(LenetError, match="contiguous float32"):
        native.Pointers(network, [])
    with pytest.raises(LenetError, match="cannot run 'mmx'"):
        native.Plan(network, "mmx")


def test_a_plan_and_its_pointers_can_be_copied_and_pickled() -> None:
    model, network, images, _ = make({}, 2, seed=13)
    plan, places = native.Plan(network), pointers(network, model)
    expected = plan.forward(places, NORMALIZATION, images)
    both = (plan, places)
    for other, others in (
        (copy.copy(plan), copy.copy(places)),
        copy.deepcopy(both),
        pickle.loads(pickle.dumps(both)),
    ):
        assert np.array_equal(other.forward(others, NORMALIZATION, images), expected)


@pytest.mark.parametrize("variant", native.variants())
@pytest.mark.parametrize("kind", ["sigmoid", "tanh", "relu", "leaky relu"])
def test_what_is_no_number_is_not_hidden(variant: str, kind: Any) -> None:
    model, network, images, _ = make({"activation": kind}, 40, seed=14)
    with torch.no_grad():
        model.get_parameter("conv1.weight")[0, 0, 2, 2] = float("nan")
    scores = native.Plan(network, variant).forward(pointers(network, model), NORMALIZATION, images)
    assert np.isnan(scores).all()


@pytest.mark.parametrize("variant", native.variants())
def test_sums_beyond_any_exponential_saturate(variant: str) -> None:
    model, network, images, _ = make({}, 20, seed=15)
    with torch.no_grad():
        model.get_parameter("conv1.bias")[:3] = torch.tensor([1e30, -1e30, 1e18])
    outputs = native.Plan(network, variant).activations(
        pointers(network, model), NORMALIZATION, images
    )
    assert (outputs["act1"][:, 0] == 1).all()
    assert (outputs["act1"][:, 1] < 1e-30).all()
    assert (outputs["act1"][:, 2] == 1).all()


def test_no_images_give_no_scores() -> None:
    model, network, images, _ = make({}, 1, seed=11)
    scores = native.Plan(network).forward(pointers(network, model), NORMALIZATION, images[:0])
    assert scores.shape == (0, 10)


def test_images_that_are_a_view_are_read_right() -> None:
    model, network, images, _ = make({}, 20, seed=12)
    plan, places = native.Plan(network), pointers(network, model)
    assert np.array_equal(
        plan.forward(places, NORMALIZATION, images[::2]),
        plan.forward(places, NORMALIZATION, images[::2].copy()),
    )


def test_the_peak_is_a_rate() -> None:
    assert native.measured_peak(native.variants()[0], 1, 0.01) > 1e8
