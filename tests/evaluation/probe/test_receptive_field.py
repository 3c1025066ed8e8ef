"""Geometry against the papers' figures, and against what happens when a pixel is changed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet.engine.reference import activations
from lenet.evaluation.probe.gradient_field import bounding_box
from lenet.evaluation.probe.receptive_field import Geometry, Rectangle, geometry, receptive_field
from lenet.networks import (
    Layer,
    Network,
    lecun1989_network,
    lecun1998_network,
    lenet1_network,
    lenet_network,
    modern_network,
)
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling
from lenet.networks.subsampling import Subsampling

CHAPTER = {
    "conv1": Geometry(5, 1, -2),
    "act1": Geometry(5, 1, -2),
    "pool1": Geometry(6, 2, -2),
    "conv2": Geometry(14, 2, -2),
    "act2": Geometry(14, 2, -2),
    "pool2": Geometry(16, 4, -2),
}


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (lenet_network(), CHAPTER),
        (modern_network(in_channels=3), CHAPTER),
        (
            lenet_network(input_size=32),
            {name: Geometry(g.size, g.jump, 0) for name, g in CHAPTER.items()},
        ),
        (
            lecun1989_network(),
            {
                "H1": Geometry(5, 2, -2),
                "H1_squash": Geometry(5, 2, -2),
                "H2": Geometry(13, 4, -6),
                "H2_squash": Geometry(13, 4, -6),
            },
        ),
    ],
)
def test_geometry_by_hand(network: Network, expected: dict[str, Geometry]) -> None:
    assert geometry(network) == expected


def test_the_last_map_of_lenet5_sees_its_whole_frame() -> None:
    found = geometry(lecun1998_network())
    assert found["input"] == Geometry(1, 1, -2)
    assert found["C5"] == Geometry(32, 4, -2)
    assert geometry(lenet1_network())["H4"] == Geometry(16, 4, 0)


@pytest.mark.parametrize(
    ("layer", "unit", "expected"),
    [
        ("conv1", (0, 0), Rectangle(0, 0, 3, 3)),
        ("conv1", (0, 14), Rectangle(0, 12, 3, 5)),
        ("conv1", (27, 27), Rectangle(25, 25, 3, 3)),
        ("pool1", (7, 7), Rectangle(12, 12, 6, 6)),
        ("conv2", (5, 5), Rectangle(8, 8, 14, 14)),
        ("pool2", (2, 2), Rectangle(6, 6, 16, 16)),
        ("pool2", (4, 0), Rectangle(14, 0, 14, 14)),
        ("pool2", (), Rectangle(0, 0, 28, 28)),
        ("fc1", (), Rectangle(0, 0, 28, 28)),
        ("fc3", (), Rectangle(0, 0, 28, 28)),
    ],
)
def test_rectangles_by_hand(layer: str, unit: tuple[int, ...], expected: Rectangle) -> None:
    assert receptive_field(lenet_network(), layer, unit) == expected


def test_a_unit_of_the_frame_sees_nothing_and_an_unknown_layer_is_none() -> None:
    network = lecun1998_network()
    assert receptive_field(network, "input", (1, 16)) is None
    assert receptive_field(network, "input", (2, 16)) == Rectangle(0, 14, 1, 1)
    with pytest.raises(KeyError):
        receptive_field(network, "C7", (0, 0))


def test_a_remainder_that_pooling_drops_is_seen_by_nobody() -> None:
    layers = (Pooling("pool", "average", 4), Flatten("flat"), Linear("fc", 2))
    network = Network("n", (1, 11, 10), layers)
    assert receptive_field(network, "fc", ()) == Rectangle(0, 0, 8, 8)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Layers of every kind that has places, kernels no smaller than their strides."""
    shape = (draw(st.integers(1, 2)), draw(st.integers(6, 11)), draw(st.integers(6, 11)))
    layers: list[Layer] = []
    sides = shape[1:]
    for number in range(draw(st.integers(1, 4))):
        name, least = f"layer{number}", min(sides)
        kind = draw(st.sampled_from(["padding", "convolution", "pooling", "subsampling", "tanh"]))
        layer: Layer
        if kind == "padding":
            layer = Padding(name, draw(st.integers(1, 2)))
        elif kind == "convolution":
            padding = draw(st.integers(0, 2))
            kernel = draw(st.integers(1, min(4, least + 2 * padding)))
            stride = draw(st.integers(1, kernel))
            layer = Convolution(name, 2, kernel, padding, stride)
        elif kind == "pooling":
            layer = Pooling(name, "average", draw(st.integers(1, min(3, least))))
        elif kind == "subsampling":
            layer = Subsampling(name, "sum", draw(st.integers(1, min(3, least))))
        else:
            layer = Activation(name, "tanh")
        layers.append(layer)
        sides = layer.output_shape((2, *sides))[1:]
    return Network("drawn", shape, (*layers, Flatten("flatten"), Linear("end", 2)))


@settings(max_examples=150)
@given(networks())
def test_changing_a_pixel_reaches_just_the_units_that_see_it(network: Network) -> None:
    random = np.random.default_rng(0)
    parameters = {
        name: random.uniform(0.01, 0.02, shape) for name, shape in network.parameter_shapes.items()
    }
    channels, height, width = network.input_shape
    # One image a pixel, and one without any change: all weights are positive, nothing cancels.
    images = np.zeros((height * width + 1, channels, height * width))
    images[np.arange(height * width), :, np.arange(height * width)] = 1
    outputs = activations(network, parameters, images.reshape(-1, *network.input_shape))  # pyright: ignore[reportArgumentType] float64 is meant
    for stage in network.stages():
        name, shape = stage.layer.name, stage.output_shape
        # A pixel's effect is 1e-10 at least; matrix products round rows differently, by 1e-17.
        changes = np.abs(outputs[name][:-1] - outputs[name][-1:])
        changed = changes.max(axis=1) > 1e-13
        if len(shape) == 1:
            assert receptive_field(network, name, ()) == bounding_box(
                changed.reshape(height, width)
            )
            continue
        for row, column in np.ndindex(*shape[1:]):
            mask = changed[:, row, column].reshape(height, width)
            assert receptive_field(network, name, (row, column)) == bounding_box(mask)
