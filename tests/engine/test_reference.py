"""The oracle is PyTorch."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine import plain
from tests.engine.chains import HISTORICAL, chains, parameters, torch_model
from torch.nn import functional

from lenet.engine import Normalization, Predictor
from lenet.engine.backward import loss_and_gradients
from lenet.engine.reference import activations, apply
from lenet.errors import LenetError
from lenet.models.lenet import LeNet
from lenet.networks import Network
from lenet.networks.residual import Residual

CASES: list[dict[str, Any]] = [
    {},
    {"activation": "tanh", "pooling": "max"},
    {"activation": "relu", "pooling": "max", "input_size": 32},
    {"activation": "relu", "channels": (3, 5), "hidden": (7,), "classes": 2, "in_channels": 3},
    {"activation": "leaky relu", "pooling": "max"},
    {"channels": (4,), "hidden": ()},
    {"channels": (2, 3), "hidden": (5, 6, 7), "in_channels": 4, "input_size": 32},
]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("count", [1, 5])
def test_every_layer_equals_pytorchs(case: dict[str, Any], count: int) -> None:
    torch.manual_seed(1)
    model = LeNet(**case)
    pixels = torch.randn(count, *model.definition.input_shape)
    parameters = {name: value.detach().numpy() for name, value in model.named_parameters()}
    outputs = activations(model.definition, parameters, pixels.numpy())
    value = pixels
    for name, layer in model.named_children():
        value = layer(value)
        assert outputs[name].dtype == np.float32
        np.testing.assert_allclose(outputs[name], value.detach().numpy(), rtol=1e-4, atol=1e-5)
    assert list(outputs) == [layer.name for layer in model.definition.layers]


def check_layers(network: Network, count: int, seed: int) -> None:
    values = parameters(network, seed, np.float64)
    pixels: Any = np.random.default_rng([seed, 1]).normal(size=(count, *network.input_shape))
    ours = activations(network, values, pixels)
    value = torch.from_numpy(pixels)
    for name, layer in torch_model(network, values).named_children():
        value = layer(value)
        # The reference's constants are float32, also where it computes in float64.
        np.testing.assert_allclose(ours[name], value.detach().numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_the_papers_networks_equal_pytorchs_layer_by_layer(network: Network) -> None:
    check_layers(network, 3, seed=1)


@given(chains(historical=False), st.integers(1, 3), st.integers(0, 9))
@settings(max_examples=40)
def test_any_chain_equals_pytorchs_layer_by_layer(network: Network, count: int, seed: int) -> None:
    check_layers(network, count, seed)


@given(chains(), st.integers(0, 9))
@settings(max_examples=20)
def test_any_chain_equals_plain_loops_over_units(network: Network, seed: int) -> None:
    values = parameters(network, seed, np.float64)
    pixels: Any = np.random.default_rng([seed, 1]).normal(size=(1, *network.input_shape))
    ours = activations(network, values, pixels)
    expected = plain.forward(network, values, pixels[0])[1:]
    for (name, value), one in zip(ours.items(), expected, strict=True):
        np.testing.assert_allclose(value.reshape(-1), one, rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [(Residual("r", 4), 4), (Residual("r", 3, rows=2, columns=2), 1), (Residual("r", 5, 2), 3)],
)
def test_a_residual_block_equals_pytorchs_layers(layer: Residual, inputs: int) -> None:
    random = torch.Generator().manual_seed(inputs)
    maps = torch.randn(2, inputs, 7, 11, generator=random)
    shapes = layer.parameter_shapes((inputs, 7, 11))
    values = {name: torch.randn(shape, generator=random) / 4 for name, shape in shapes.items()}
    first = functional.conv2d(maps, values["first.weight"], values["first.bias"], padding=(1, 0))
    second = functional.conv2d(
        first.relu(), values["second.weight"], values["second.bias"], padding=(1, 0)
    )
    past = maps[..., 2:-2]
    if inputs != layer.channels:
        past = functional.conv2d(past, values["shortcut.weight"][..., None, None])
    cells = (layer.rows, layer.columns)
    expected = functional.max_pool2d((second + past).relu(), cells)
    parameters = {f"r.{name}": value.numpy() for name, value in values.items()}
    found = apply(layer, parameters, maps.numpy())
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_loss_and_gradients_equal_pytorchs(case: dict[str, Any]) -> None:
    torch.manual_seed(4)
    model = LeNet(**case)
    network = model.definition
    pixels = torch.randn(7, *network.input_shape)
    labels = torch.randint(0, network.classes, (7,))
    scores = model(pixels)
    loss = torch.nn.functional.cross_entropy(scores, labels)
    loss.backward()
    parameters = {name: value.detach().numpy() for name, value in model.named_parameters()}
    ours = loss_and_gradients(network, parameters, pixels.numpy(), labels.numpy())
    assert ours[0] == pytest.approx(float(loss.detach()), rel=1e-5)
    assert ours[1] == int((scores.argmax(1) == labels).sum())
    assert list(ours[2]) == list(network.parameter_shapes)
    for name, value in model.named_parameters():
        assert value.grad is not None
        expected = value.grad.numpy()
        assert np.linalg.norm(ours[2][name] - expected) < 1e-4 * np.linalg.norm(expected), name


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 300])
def test_forward_normalises_and_takes_any_number_of_images(channels: int, count: int) -> None:
    torch.manual_seed(2)
    model = LeNet(in_channels=channels)
    shape = (count, 28, 28) if channels == 1 else (count, 28, 28, channels)
    images = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    parameters = {name: value.detach().numpy() for name, value in model.named_parameters()}
    scores = Predictor(model.definition, parameters, Normalization(0.01, -0.5)).forward(images)
    first = images[:, None] if channels == 1 else images.transpose(0, 3, 1, 2)
    expected = model(torch.from_numpy(first.astype(np.float32) * 0.01 - 0.5)).detach().numpy()
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-5)


def test_large_sums_do_not_overflow_the_sigmoid() -> None:
    network = LeNet(channels=(1,), hidden=()).definition
    parameters = {
        name: np.full(shape, -1e6, np.float32) for name, shape in network.parameter_shapes.items()
    }
    images = np.full((1, 28, 28), 255, np.uint8)
    assert np.isfinite(Predictor(network, parameters, Normalization()).forward(images)).all()


@pytest.mark.parametrize(
    "shape", [(2, 28, 27), (2, 32, 32), (2, 28, 28, 3), (28, 28), (1, 1, 1, 1, 1)]
)
def test_images_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    network = LeNet().definition
    parameters = {name: np.zeros(s, np.float32) for name, s in network.parameter_shapes.items()}
    with pytest.raises(LenetError, match="images"):
        Predictor(network, parameters, Normalization()).forward(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"scale": 1},
        {"scale": "1", "offset": 0},
        {"scale": float("nan"), "offset": 0},
        {"scale": 1, "offset": 0, "mean": 0},
    ],
)
def test_a_normalisation_that_is_not_two_numbers_is_refused(value: object) -> None:
    with pytest.raises(LenetError, match="'scale' and 'offset'"):
        Normalization.from_json(value)
