from typing import Any

import pytest

from lenet.errors import LenetError
from lenet.networks.checks import Shape
from lenet.networks.subsampling import Subsampling


@pytest.mark.parametrize("kind", ["sum", "average"])
@pytest.mark.parametrize(
    ("size", "shape", "output", "connections"),
    [
        (2, (6, 28, 28), (6, 14, 14), 5_880),  # S2, 1998, page 7
        (2, (1, 2, 2), (1, 1, 1), 5),  # four inputs and a bias
        (3, (2, 7, 8), (2, 2, 2), 80),  # what is left at the edge is dropped
        (1, (4, 2, 3), (4, 2, 3), 48),
    ],
)
def test_shapes_and_counts(
    kind: Any, size: int, shape: Shape, output: Shape, connections: int
) -> None:
    layer = Subsampling("s", kind, size)
    assert layer.output_shape(shape) == output
    assert layer.parameter_shapes(shape) == {"weight": shape[:1], "bias": shape[:1]}
    assert layer.connections(shape) == connections
    assert layer.multiply_accumulates(shape) == output[0] * output[1] * output[2]


@pytest.mark.parametrize(
    ("kind", "size", "message"),
    [
        ("max", 2, "subsampling must be one of sum, average"),
        ("avrage", 2, "Did you mean 'average'"),
        ([], 2, "subsampling must be one of"),
        *(("sum", size, "size must be a whole number") for size in (0, -2, 65, 2.0, "2", True)),
    ],
)
def test_what_it_cannot_be_is_refused(kind: Any, size: Any, message: str) -> None:
    with pytest.raises(LenetError, match=f"^s: {message}|{message}"):
        Subsampling("s", kind, size)


@pytest.mark.parametrize("shape", [(6, 1, 4), (6, 4, 1), (24,)])
def test_a_shape_that_does_not_fit_is_told(shape: Shape) -> None:
    with pytest.raises(LenetError, match=r"^s: "):
        Subsampling("s", "sum").output_shape(shape)
