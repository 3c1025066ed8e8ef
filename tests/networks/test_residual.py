from math import prod
from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks import Network
from lenet.networks.checks import Shape
from lenet.networks.layers import Flatten, Linear
from lenet.networks.residual import Residual


@pytest.mark.parametrize(
    ("layer", "shape", "output"),
    [
        (Residual("r", 5), (5, 7, 9), (5, 7, 5)),
        (Residual("r", 5), (2, 1, 5), (5, 1, 1)),
        (Residual("r", 3, rows=2, columns=2), (1, 32, 38), (3, 16, 17)),
        (Residual("r", 3, rows=2), (3, 5, 9), (3, 2, 5)),  # what is left at the edge is dropped
        (Residual("r", 3, columns=3), (1, 4, 12), (3, 4, 2)),
    ],
)
def test_shapes_and_counts(layer: Residual, shape: Shape, output: Shape) -> None:
    inputs, height, width = shape
    outputs = layer.channels
    assert layer.output_shape(shape) == output
    shapes = layer.parameter_shapes(shape)
    assert ("shortcut.weight" in shapes) == (inputs != outputs)
    # By the places of each kernel: its taps times the places, and a bias for each.
    first = outputs * height * (width - 2)
    second = outputs * height * (width - 4)
    shortcut = second * inputs if inputs != outputs else 0
    sums = first * 9 * inputs + second * 9 * outputs + shortcut
    cells = prod(output) * layer.rows * layer.columns if layer.rows * layer.columns > 1 else 0
    assert layer.multiply_accumulates(shape) == sums
    assert layer.connections(shape) == sums + first + second + cells
    learnt = 9 * inputs * outputs + outputs + 9 * outputs**2 + outputs
    extra = inputs * outputs if inputs != outputs else 0
    assert sum(map(prod, shapes.values())) == learnt + extra


@pytest.mark.parametrize(
    ("values", "message"),
    [
        *(({"channels": value}, "channels must be") for value in (0, -1, 1 << 17, 2.0, "2", True)),
        *(({"rows": value}, "rows must be") for value in (0, 65, 1.0, None)),
        *(({"columns": value}, "columns must be") for value in (0, 65, 1.0, None)),
    ],
)
def test_what_it_cannot_be_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(LenetError, match=f"^r: {message}"):
        Residual("r", **{"channels": 4, **values})


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Residual("r", 2), (2, 8, 4)),
        (Residual("r", 2, columns=2), (2, 8, 5)),
        (Residual("r", 2, rows=3), (2, 2, 9)),
        (Residual("r", 2), (24,)),
    ],
)
def test_a_shape_that_does_not_fit_is_told(layer: Residual, shape: Shape) -> None:
    with pytest.raises(LenetError, match=r"^r: "):
        layer.output_shape(shape)


def test_its_label_says_what_it_is() -> None:
    assert Residual("r", 2).label == "two convolutions 3×3, shortcut"
    assert Residual("r", 2, 2, 1).label == "two convolutions 3×3, shortcut, max pooling 2×1"


def test_it_comes_back_from_json() -> None:
    network = Network(
        "n", (1, 8, 10), (Residual("r", 2, rows=2), Residual("s", 2), Flatten("f"), Linear("l", 3))
    )
    assert Network.from_json(network.to_json()) == network
    assert list(network.parameter_shapes)[:2] == ["r.first.weight", "r.first.bias"]
