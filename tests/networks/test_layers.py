from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks import Layer
from lenet.networks.checks import Shape
from lenet.networks.convolution import Convolution
from lenet.networks.layers import Activation, Flatten, Linear, Padding, Pooling


@pytest.mark.parametrize(
    ("layer", "shape", "output", "parameters", "macs"),
    [
        # By hand: 28 + 2·2 - 5 + 1 = 28; 6·(1·25) weights and 6 biases; 28²·6 places · 25.
        (Convolution("c", 6, 5, 2), (1, 28, 28), (6, 28, 28), 156, 117_600),
        (Convolution("c", 16, 5), (6, 14, 14), (16, 10, 10), 2_416, 240_000),
        (Convolution("c", 2, 1), (3, 1, 1), (2, 1, 1), 8, 6),
        (Pooling("p", "average"), (6, 28, 28), (6, 14, 14), 0, 0),
        (Pooling("p", "max", 3), (6, 10, 11), (6, 3, 3), 0, 0),
        (Activation("a", "tanh"), (6, 2, 2), (6, 2, 2), 0, 0),
        (Flatten("f"), (16, 5, 5), (400,), 0, 0),
        (Linear("l", 120), (400,), (120,), 48_120, 48_000),
    ],
)
def test_shapes_and_counts(
    layer: Layer, shape: Shape, output: Shape, parameters: int, macs: int
) -> None:
    counted = 0
    for sides in layer.parameter_shapes(shape).values():
        product = 1
        for side in sides:
            product *= side
        counted += product
    assert layer.output_shape(shape) == output
    assert counted == parameters
    assert layer.multiply_accumulates(shape) == macs


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Convolution("c", 6, 5), (1, 4, 28)),
        (Convolution("c", 6, 5), (400,)),
        (Pooling("p", "max"), (6, 1, 1)),
        (Pooling("p", "max"), (400,)),
        (Linear("l", 10), (16, 5, 5)),
    ],
)
def test_a_shape_that_does_not_fit_is_told_with_the_layers_name(layer: Layer, shape: Shape) -> None:
    with pytest.raises(LenetError, match=f"^{layer.name}: "):
        layer.output_shape(shape)


@pytest.mark.parametrize("width", [0, -1, 1 << 40, True, 2.0, "6", None])
def test_a_width_that_is_no_sane_number_is_refused(width: int) -> None:
    for make in (lambda: Convolution("c", width), lambda: Linear("l", width)):
        with pytest.raises(LenetError, match="must be a whole number from 1"):
            make()


def test_an_unknown_activation_gets_a_suggestion() -> None:
    with pytest.raises(LenetError, match="Did you mean 'sigmoid'"):
        Activation("a", "sigmod")  # pyright: ignore[reportArgumentType] the mistake under test


@pytest.mark.parametrize(
    ("layer", "shape", "connections"),
    [
        (Padding("p", 2), (1, 28, 28), 0),
        (Pooling("p", "average"), (6, 28, 28), 6 * 14 * 14 * 4),
        (Pooling("p", "max", 3), (1, 4, 4), 9),
        (Activation("a", "scaled tanh"), (6, 2, 2), 0),
        (Flatten("f"), (16, 5, 5), 0),
        (Linear("l", 84), (120,), 10_164),  # F6, 1998, page 8
    ],
)
def test_connections(layer: Layer, shape: Shape, connections: int) -> None:
    assert layer.connections(shape) == connections


def test_a_frame_is_on_all_four_sides() -> None:
    assert Padding("p", 2, -0.1).output_shape((3, 28, 5)) == (3, 32, 9)
    assert Padding("p", 2).parameter_shapes((3, 28, 5)) == {}


@pytest.mark.parametrize(
    ("size", "value", "message"),
    [
        (0, 0.0, "size must be"),
        (65, 0.0, "size must be"),
        (1.0, 0.0, "size must be"),
        (1, float("nan"), "value must be"),
        (1, float("inf"), "value must be"),
        (1, "0", "value must be"),
        (1, None, "value must be"),
    ],
)
def test_what_no_frame_can_be_is_refused(size: Any, value: Any, message: str) -> None:
    with pytest.raises(LenetError, match=f"^p: {message}"):
        Padding("p", size, value)


def test_a_frame_is_around_maps() -> None:
    with pytest.raises(LenetError, match=r"^p: needs maps"):
        Padding("p", 1).output_shape((4,))
