"""The torch modules of 1989 to 1998 against loops over single units, and how weights begin."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine import plain
from tests.engine.chains import HISTORICAL, chains, parameters, torch_model
from torch import nn

from lenet.models.build import modules
from lenet.models.historical import (
    RadialBasisLayer,
    ScaledTanh,
    SubsamplingLayer,
    TableConvolution,
    fan_in_uniform,
    root_fan_in_uniform,
)
from lenet.networks import Network, network_named
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear
from lenet.networks.radial_basis import RadialBasis
from lenet.networks.subsampling import Subsampling


def check(network: Network, seed: int) -> None:
    values = parameters(network, seed)
    pixels: Any = np.random.default_rng([seed, 1]).normal(size=(2, *network.input_shape))
    model = torch_model(network, values)
    for number, image in enumerate(pixels):
        value = torch.from_numpy(pixels)
        expected = plain.forward(network, values, image)[1:]
        for (name, layer), one in zip(model.named_children(), expected, strict=True):
            value = layer(value)
            found = value[number].detach().numpy().reshape(-1)
            np.testing.assert_allclose(found, one, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("network", HISTORICAL[:2], ids=lambda n: n.name)
def test_the_papers_networks_compute_what_their_units_do(network: Network) -> None:
    check(network, seed=1)


@given(chains(), st.integers(0, 9))
@settings(max_examples=30)
def test_any_chain_computes_what_its_units_do(network: Network, seed: int) -> None:
    check(network, seed)


def test_the_scaled_tanh_takes_1_to_1_and_bends_most_there() -> None:
    points = torch.tensor([-1.0, 0.0, 1.0, 100.0], dtype=torch.float64, requires_grad=True)
    result = ScaledTanh()(points)
    expected = torch.tensor([-1, 0, 1, 1.7159], dtype=torch.float64)
    torch.testing.assert_close(result.detach(), expected, atol=1e-4, rtol=0)
    near = torch.linspace(0.5, 1.5, 1001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(ScaledTanh()(near).sum(), near, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), near)
    assert float(near[bend.abs().argmax()].detach()) == pytest.approx(1, abs=0.02)


def test_a_table_convolution_by_hand() -> None:
    layer = Convolution("c", 2, 2, padding=1, border=-1.0, stride=2, table=("X.", "XX"))
    module = TableConvolution(layer, (2, 2, 2))
    with torch.no_grad():
        # Three kernels: from map 0 to 0, from 1 to 0, from 1 to 1.
        module.weight.copy_(torch.tensor([1.0, 10, 100])[:, None, None].expand(3, 2, 2))
        module.bias.copy_(torch.tensor([0.5, 0.25]))
        result = module(torch.tensor([[[[1.0, 2], [3, 4]], [[5, 6], [7, 8]]]]))
    # Each window holds one cell of the map and three of the border.
    first = [[(m - 3) + 10 * (m + 4 - 3) + 0.5 for m in row] for row in ((1, 2), (3, 4))]
    second = [[100 * (m - 3) + 0.25 for m in row] for row in ((5, 6), (7, 8))]
    assert result.tolist() == [[first, second]]


def test_subsampling_by_hand() -> None:
    maps = torch.tensor([[[[1.0, 2, 9], [3, 4, 9], [9, 9, 9]]]])
    for kind, expected in (("sum", 10 * 2 + 1), ("average", 2.5 * 2 + 1)):
        layer: Any = Subsampling("s", kind)  # pyright: ignore[reportArgumentType] both are kinds
        module = SubsamplingLayer(layer, 1)
        nn.init.constant_(module.weight, 2)
        nn.init.constant_(module.bias, 1)
        assert module(maps).tolist() == [[[[expected]]]]


def test_gaussian_units_by_hand() -> None:
    layer = RadialBasisLayer(RadialBasis("o", "0 8", 10.0))
    exact = torch.tensor([plain.code("8")], dtype=torch.float32)
    # Each cell that differs is 2 away, so 4 a cell: from a blank, those of the 8's ink.
    ink = sum(cell == 1 for cell in plain.code("8"))
    between = sum(a != b for a, b in zip(plain.code("8"), plain.code("0"), strict=True))
    assert layer(exact).tolist() == [[-4.0 * between, -4.0 * ink, 0.0]]


def test_the_bitmaps_are_no_part_of_what_is_saved_or_learned() -> None:
    network = HISTORICAL[-1]
    model = nn.Sequential(modules(network))
    assert set(model.state_dict()) == set(network.parameter_shapes)
    assert {name for name, _ in model.named_parameters()} == set(network.parameter_shapes)


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_parameters_have_the_definitions_names_and_shapes(network: Network) -> None:
    model = nn.Sequential(modules(network))
    shapes = {name: tuple(value.shape) for name, value in model.named_parameters()}
    assert shapes == network.parameter_shapes


def drawn(network: Network, seed: int = 0) -> dict[str, Any]:
    torch.manual_seed(seed)
    model = nn.Sequential(modules(network))
    for parameter in model.parameters():
        nn.init.constant_(parameter, 77)
    root_fan_in_uniform(model)
    return {name: value.detach().numpy() for name, value in model.named_parameters()}


def check_uniform(weights: Any, fan_in: int) -> None:
    """±1 / sqrt(fan-in): none beyond, and as far as that many draws should come."""
    bound = fan_in**-0.5
    assert np.abs(weights).max() <= bound
    if weights.size > 500:
        assert np.abs(weights).max() > 0.98 * bound
        assert weights.std() == pytest.approx(bound / 3**0.5, rel=0.1)
        assert abs(weights.mean()) < 0.1 * bound


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_biases_begin_at_zero_and_weights_within_their_bounds(network: Network) -> None:
    values = drawn(network)
    for stage in network.stages():
        layer = stage.layer
        if not stage.parameters:
            continue
        weight, bias = values[f"{layer.name}.weight"], values[f"{layer.name}.bias"]
        assert (bias == 0).all()
        if isinstance(layer, Subsampling):
            # A sum of four is halved, and so is four times an average.
            expected = 0.5 if layer.kind == "sum" else 2
            assert (weight == expected).all()
        elif isinstance(layer, Linear):
            check_uniform(weight, stage.input_shape[0])
        else:
            assert isinstance(layer, Convolution)
            links = layer.links(stage.input_shape[0])
            kernels = weight.reshape(len(links), -1)
            for out in range(layer.channels):
                numbers = [n for n, link in enumerate(links) if link[0] == out]
                check_uniform(kernels[numbers], len(numbers) * layer.kernel**2)


def test_the_fan_in_is_what_the_table_connects() -> None:
    # Map 0 reads one of 40 maps, map 1 all.
    table = ("XX", *[".X"] * 39)
    network = Network(
        "n",
        (40, 5, 5),
        (
            Convolution("c", 2, 5, table=table),
            Flatten("f"),
            Activation("a", "scaled tanh"),
        ),
    )
    # Map 0's one kernel is drawn from ±1/5, and its neighbours from ±1/sqrt(1000).
    kernels = np.stack([drawn(network, seed)["c.weight"] for seed in range(40)])
    check_uniform(kernels[:, 0], 25)
    check_uniform(kernels[:, 1:], 1000)


def test_another_seed_draws_other_weights() -> None:
    one, same, other = (drawn(HISTORICAL[0], seed) for seed in (1, 1, 2))
    for name, value in one.items():
        assert np.array_equal(value, same[name])
        if name.endswith("weight"):
            assert not np.array_equal(value, other[name])


@pytest.mark.parametrize("network", HISTORICAL, ids=lambda n: n.name)
def test_the_papers_rule_divides_by_the_fan_in_itself_and_draws_biases_too(
    network: Network,
) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(modules(network))
    for parameter in model.parameters():
        nn.init.constant_(parameter, 77)
    fan_in_uniform(model)
    for stage in network.stages():
        layer = stage.layer
        if not stage.parameters:
            continue
        weight = model.get_parameter(f"{layer.name}.weight").detach().numpy()
        bias = model.get_parameter(f"{layer.name}.bias").detach().numpy()
        if isinstance(layer, Convolution):
            links = layer.links(stage.input_shape[0])
            kernels = weight.reshape(len(links), -1)
            for out in range(layer.channels):
                numbers = [n for n, link in enumerate(links) if link[0] == out]
                bound = 2.4 / (len(numbers) * layer.kernel**2)
                assert np.abs(kernels[numbers]).max() <= bound * 1.000001
                assert np.abs(kernels[numbers]).max() > 0.8 * bound
                assert np.abs(bias[out]).max() <= bound * 1.000001
        else:
            reads = stage.input_shape[0] if isinstance(layer, Linear) else 4
            assert np.abs(weight).max() <= 2.4 / reads * 1.000001
            assert np.abs(bias).max() <= 2.4 / reads * 1.000001
        assert weight.std() > 0
        assert bias.std() > 0


@pytest.mark.parametrize("name", ["lecun1989", "lenet1", "lecun1998"])
def test_the_networks_read_colour_too(name: str) -> None:
    network = network_named(name)(in_channels=3, classes=("a", "b"))
    model = nn.Sequential(modules(network))
    fan_in_uniform(model)
    root_fan_in_uniform(model)
    assert model(torch.zeros(2, *network.input_shape)).shape == (2, 2)
