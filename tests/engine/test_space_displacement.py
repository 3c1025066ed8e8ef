"""The network run along a field is the network in each window of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet.engine import Normalization, Predictor
from lenet.engine.checks import Floats
from lenet.engine.space_displacement import is_space_displacement, space_displacement
from lenet.networks import Network, lenet_network
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.network import Layer
from lenet.networks.reader import reader_network, residual_reader_network
from lenet.networks.residual import Residual
from lenet.pictures.types import Images

SIDE = 32
NORMALIZATION = Normalization(1 / 100, -0.5)  # no ink is not 0


def small(activation: Any, pooling: Any) -> Network:
    return lenet_network(
        activation, pooling, channels=(3, 5), hidden=(7,), classes=4, input_size=SIDE
    )


def deeper(activation: Any, pooling: Any) -> Network:
    """Two convolutions before the first pooling, one before the second, nothing hidden."""
    layers = (
        Convolution("conv1", 3, kernel=3),
        Convolution("conv2", 2, kernel=3),
        Activation("act2", activation),
        Pooling("pool1", pooling),
        Convolution("conv3", 4, kernel=7),
        Pooling("pool2", pooling),
        Flatten("flatten"),
        Linear("fc1", 4),
    )
    return Network("deeper", (1, SIDE, SIDE), layers)


def residual(activation: Any, pooling: Any) -> Network:
    """Residual blocks before and behind a pooling, cells of all kinds, columns joined thrice."""
    layers = (
        Residual("block1", 3, columns=2),
        Activation("act1", activation),
        Residual("block2", 3, rows=2),
        Pooling("pool1", pooling),
        Residual("block3", 2, rows=2, columns=2),
        Residual("block4", 4),
        Flatten("flatten"),
        Linear("fc1", 4),
    )
    return Network("residual", (1, SIDE, 76), layers)


def weights(network: Network) -> dict[str, Floats]:
    random = np.random.default_rng(0)
    return {
        name: random.normal(0, 0.2, shape).astype(np.float32)
        for name, shape in network.parameter_shapes.items()
    }


def windows(ink: Images, wide: int) -> Images:
    """Cut out what each row of scores is about: windows around column 2t + 1, no ink beyond."""
    height, width = ink.shape
    result = np.zeros(((width + 1) // 2, height, wide), np.uint8)
    for t, window in enumerate(result):
        for column in range(wide):
            at = 2 * t + 1 - wide // 2 + column
            if 0 <= at < width:
                window[:, column] = ink[:, at]
    return result


def field(width: int, side: int = SIDE) -> Images:
    return np.random.default_rng(width).integers(0, 256, (side, width), np.uint8)


@pytest.mark.parametrize("make", [small, deeper, residual])
@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("pooling", ["average", "max"])
@settings(max_examples=15)
@given(width=st.integers(1, 90))
def test_each_row_is_what_the_network_says_of_a_window(
    make: Callable[[str, str], Network], activation: str, pooling: str, width: int
) -> None:
    network = make(activation, pooling)
    assert is_space_displacement(network)
    parameters, ink = weights(network), field(width)
    found = space_displacement(network, parameters, NORMALIZATION, ink)
    expected = Predictor(network, parameters, NORMALIZATION).forward(
        windows(ink, network.input_shape[2])
    )
    assert found.shape == expected.shape == ((width + 1) // 2, 4)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("width", [32, 61])
@pytest.mark.parametrize("network", [reader_network(), residual_reader_network()])
def test_the_networks_that_ship(network: Network, width: int) -> None:
    parameters, ink = weights(network), field(width)
    found = space_displacement(network, parameters, NORMALIZATION, ink)
    expected = Predictor(network, parameters, NORMALIZATION).forward(
        windows(ink, network.input_shape[2])
    )
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


def test_by_hand() -> None:
    """One weight of 1 in each layer: the score is the maximum of the pixels in a window's middle.

    The first kernels take their input's place (2, 2), so that a unit of the first pooling sees
    pixels 2 and 3 of its own four, and one of the second, at (i, j) of 5 x 5, has the largest of
    the sixteen pixels from (4 i + 6, 4 j + 6) on. The only weight of the next layer is on (2, 2):
    pixels 14 to 17 of the window, in rows and columns.
    """
    network = lenet_network("relu", "max", channels=(1, 1), hidden=(), classes=1, input_size=SIDE)
    parameters = {
        name: np.zeros(shape, np.float32) for name, shape in network.parameter_shapes.items()
    }
    for name in ("conv1.weight", "conv2.weight"):
        parameters[name][0, 0, 2, 2] = 1
    parameters["fc1.weight"][0, 12] = 1
    parameters["fc1.bias"][0] = 1000
    ink = np.zeros((SIDE, 12), np.uint8)
    # Window t begins at column 2 t - 15 of the field and so looks at columns 2 t - 1 to 2 t + 2.
    ink[15, 3] = 7  # t is 1 or 2
    ink[17, 6] = 9  # t is 2 or 3
    ink[18, 2] = 99  # below
    ink[13, 9] = 99  # above
    found = space_displacement(network, parameters, Normalization(1.0, 0.0), ink)
    assert found[:, 0].tolist() == [1000, 1007, 1009, 1009, 1000, 1000]


CONV, POOL, FLAT, LINEAR = (
    Convolution("conv1", 2),
    Pooling("pool1", "max"),
    Flatten("flatten"),
    Linear("fc1", 3),
)
BLOCK = Residual("block1", 3)
CONV2, POOL2 = replace(CONV, name="conv2"), replace(POOL, name="pool2")


def of(*layers: Layer, shape: tuple[int, ...] = (1, SIDE, SIDE)) -> Network:
    return Network("tried", shape, layers)


@pytest.mark.parametrize(
    ("network", "can"),
    [
        (of(CONV, POOL, CONV2, POOL2, FLAT, LINEAR), True),
        (of(CONV, POOL, POOL2, FLAT, LINEAR), True),
        (of(POOL, POOL2, FLAT, LINEAR, Activation("act1", "tanh")), True),
        (of(CONV, POOL, CONV2, POOL2, FLAT, LINEAR, shape=(1, 28, 28)), True),
        (reader_network(), True),
        (residual_reader_network(), True),
        (lenet_network(input_size=32), True),
        (lenet_network(input_size=28), False),  # frames its images itself
        (lenet_network(input_size=32, in_channels=3), False),
        (lenet_network(input_size=32, channels=(6,)), True),
        (of(CONV, POOL, CONV2, POOL2, FLAT, LINEAR, shape=(1, 32, 28)), True),
        (of(CONV, POOL, CONV2, POOL2, FLAT, LINEAR, shape=(1, 32, 29)), False),
        (of(CONV, POOL, CONV2, POOL2, FLAT), False),
        (of(CONV, POOL, POOL2, CONV2, FLAT, LINEAR), True),
        (of(BLOCK, POOL, FLAT, LINEAR), True),
        (of(BLOCK, replace(BLOCK, name="block2", columns=2), FLAT, LINEAR), True),
        (of(BLOCK, CONV, FLAT, LINEAR), False),  # joins no columns
        (of(replace(BLOCK, columns=4), FLAT, LINEAR), False),
        (of(replace(BLOCK, rows=3), POOL, FLAT, LINEAR), False),
        (of(BLOCK, POOL, replace(BLOCK, name="block2", columns=2), FLAT, LINEAR), True),
        (of(BLOCK, POOL, POOL2, FLAT, LINEAR, shape=(1, SIDE, 34)), False),  # leaves out a column
        (of(LINEAR, shape=(9,)), False),
        (of(Padding("frame", 2), CONV, POOL, POOL2, FLAT, LINEAR), False),
        (of(replace(CONV, stride=2), POOL, POOL2, FLAT, LINEAR), False),
        (of(replace(CONV, kernel=4), POOL, POOL2, FLAT, LINEAR), False),  # leaves out a column
        (of(replace(CONV, kernel=3), POOL, CONV2, POOL2, FLAT, LINEAR), False),  # the second does
        (of(replace(CONV, bias="unit"), POOL, POOL2, FLAT, LINEAR), False),
        (of(CONV, replace(POOL, size=4), POOL2, FLAT, LINEAR), False),
        (of(CONV, POOL, POOL2, FLAT, replace(LINEAR, rubbish=1.0)), False),
    ],
)
def test_only_what_unrolls_as_its_windows_is_said_to(network: Network, can: bool) -> None:
    assert is_space_displacement(network) is can
    if can:
        parameters, ink = weights(network), field(41, network.input_shape[1])
        found = space_displacement(network, parameters, NORMALIZATION, ink)
        expected = Predictor(network, parameters, NORMALIZATION).forward(
            windows(ink, network.input_shape[2])
        )
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
