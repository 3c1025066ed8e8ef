"""The module that learns against `lenet.engine.space_displacement`, both against windows."""

from copy import deepcopy
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from lenet.engine.normalization import Normalization
from lenet.engine.space_displacement import space_displacement
from lenet.errors import LenetError
from lenet.models.space_displacement import SpaceDisplacementNetwork
from lenet.networks import Network, lenet_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import (
    Activation,
    ActivationKind,
    Flatten,
    Linear,
    Pooling,
    PoolingKind,
)
from lenet.networks.reader import SYMBOLS
from lenet.networks.residual import Residual

Pixels = NDArray[np.uint8]

SMALL = lenet_network("relu", "max", (3, 5), (7, 6), SYMBOLS, input_size=32)
DEEPER = Network(
    "deeper",
    (1, 32, 32),
    (
        Convolution("conv1", 2, kernel=3),
        Activation("act1", "relu"),
        Convolution("conv2", 3, kernel=3),
        Activation("act2", "relu"),
        Pooling("pool1", "max"),
        Convolution("conv3", 4),
        Activation("act3", "relu"),
        Pooling("pool2", "max"),
        Flatten("flatten"),
        Linear("fc1", 7),
        Activation("act4", "relu"),
        Linear("fc2", 5),
    ),
)
RESIDUAL = Network(
    "residual",
    (1, 32, 34),
    (
        Residual("block1", 3, rows=2, columns=2),
        Residual("block2", 4, rows=2),
        Residual("block3", 4, rows=2),
        Flatten("flatten"),
        Linear("fc1", 7),
        Activation("act1", "relu"),
        Linear("fc2", 5),
    ),
)
JOINED_TWICE = Network(
    "joined twice",
    (1, 32, 40),
    (
        Residual("block1", 2, columns=2),
        Residual("block2", 3, rows=2, columns=2),
        Residual("block3", 3, rows=2),
        Flatten("flatten"),
        Linear("fc1", 5),
    ),
)
NETWORKS = [
    SMALL,
    lenet_network("relu", "max", (2, 8), (), SYMBOLS, input_size=32),
    lenet_network("relu", "max", (1, 3), (8,), SYMBOLS, input_size=32),
    lenet_network("relu", "max", (4, 3), (6, 9, 5), classes=3, input_size=32),
    DEEPER,
    RESIDUAL,
    JOINED_TWICE,
]


def fields(count: int, width: int, seed: int = 0) -> Pixels:
    random = np.random.default_rng(seed)
    ink = random.integers(0, 256, (count, 32, width), dtype=np.uint8)
    ink[random.random(ink.shape) < 0.6] = 0
    return ink


def as_tensor(ink: Pixels) -> Tensor:
    return torch.from_numpy(ink[:, None]).float() / 255


@cache
def trained(network: Network) -> SpaceDisplacementNetwork:
    """Return a model that no longer has its first weights or statistics.

    What it learns is to say different things of different places.
    """
    torch.manual_seed(1)
    model = SpaceDisplacementNetwork(network, dropout=0.1)
    *_, last = model.trainable.values()
    with torch.no_grad():
        last.get_parameter("weight").mul_(10)
    for step in range(4):
        (-model(as_tensor(fields(4, 40, seed=step))).std(dim=1).mean()).backward()
        with torch.no_grad():
            for value in model.parameters():
                if value.grad is not None:
                    value.sub_(0.05 * value.grad)
                value.grad = None
    norms = [one for one in model.modules() if isinstance(one, nn.BatchNorm2d)]
    assert len(norms) >= len(model.trainable) - 1
    for norm in norms:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        assert float(norm.running_mean.abs().max()) > 1e-3
        assert float((norm.running_var - 1).abs().max()) > 1e-3
    return model.eval()


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.parameters} parameters")
@pytest.mark.parametrize("width", [2, 32, 34, 64, 130])
def test_evaluated_it_says_what_the_reader_computes(network: Network, width: int) -> None:
    model = trained(network)
    ink = fields(3, width, seed=width)
    with torch.no_grad():
        found = model(as_tensor(ink))
    assert found.shape == (3, width // 2, network.classes)
    assert found.dtype == torch.float32
    parameters = model.parameters_folded(network)
    for own, one in zip(found, ink, strict=True):
        scores = torch.from_numpy(space_displacement(network, parameters, Normalization(), one))
        expected = functional.log_softmax(scores, dim=1)
        assert torch.allclose(own, expected, atol=1e-4)
    assert float(found.std(dim=(0, 1)).max()) > 0.02  # or all would be alike


def test_a_column_says_what_the_network_says_of_its_window() -> None:
    model = trained(SMALL)
    network = nn.Sequential(
        nn.Conv2d(1, 3, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(3, 5, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(125, 7),
        nn.ReLU(),
        nn.Linear(7, 6),
        nn.ReLU(),
        nn.Linear(6, 11),
        nn.LogSoftmax(1),
    )
    folded = [torch.from_numpy(value) for value in model.parameters_folded(SMALL).values()]
    network.load_state_dict(dict(zip(network.state_dict(), folded, strict=True)))
    ink = fields(1, 48, seed=3)
    framed = functional.pad(as_tensor(ink), (15, 16))
    with torch.no_grad():
        found = model(as_tensor(ink))[0]
        windows = torch.cat([framed[..., 2 * t : 2 * t + 32] for t in range(24)])
        expected = network(windows)
    assert torch.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: f"{n.parameters} parameters")
def test_folded_it_has_the_networks_parameters(network: Network) -> None:
    model = trained(network)
    folded = model.parameters_folded(network)
    shapes = {name: value.shape for name, value in folded.items()}
    assert shapes == network.parameter_shapes
    assert list(folded) == list(network.parameter_shapes)
    for value in folded.values():
        assert value.dtype == np.float32
        assert value.flags.c_contiguous
        assert np.isfinite(value).all()


def test_what_was_folded_does_not_change_while_training_goes_on() -> None:
    model = deepcopy(trained(SMALL))
    folded = model.parameters_folded(SMALL)
    before = {name: value.copy() for name, value in folded.items()}
    with torch.no_grad():
        for value in model.parameters():
            value.add_(1)
    assert all(np.array_equal(folded[name], before[name]) for name in before)
    assert all(
        not np.array_equal(value, before[name])
        for name, value in model.parameters_folded(SMALL).items()
    )


@pytest.mark.parametrize("network", [SMALL, RESIDUAL])
def test_shares_sum_to_one_and_every_parameter_learns(network: Network) -> None:
    torch.manual_seed(0)
    model = SpaceDisplacementNetwork(network)
    shares = model(as_tensor(fields(4, 50)))
    assert torch.allclose(shares.exp().sum(dim=2), torch.ones(4, 25), atol=1e-5)
    (shares[..., 3] ** 2).mean().backward()
    for name, value in model.named_parameters():
        assert value.grad is not None, name
        assert bool(value.grad.isfinite().all()), name
        if not name.endswith("convolution.bias"):  # which normalisation takes away again
            assert float(value.grad.abs().max()) > 0, name


def test_units_are_dropped_while_it_learns_only() -> None:
    torch.manual_seed(0)
    ink = as_tensor(fields(4, 40))
    model = SpaceDisplacementNetwork(SMALL, dropout=0.5)
    assert not torch.equal(model(ink), model(ink))
    model.eval()
    assert torch.equal(model(ink), model(ink))
    still = SpaceDisplacementNetwork(SMALL, dropout=0).train()
    assert torch.equal(still(ink), still(ink))


@pytest.mark.parametrize(("activation", "pooling"), [("sigmoid", "max"), ("relu", "average")])
def test_layers_that_it_would_ignore_are_refused(
    activation: ActivationKind, pooling: PoolingKind
) -> None:
    network = lenet_network(activation, pooling, (3, 5), (7, 6), SYMBOLS, input_size=32)
    with pytest.raises(LenetError, match=f"({activation}|{pooling} pooling 2×2)"):
        SpaceDisplacementNetwork(network)
