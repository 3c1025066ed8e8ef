from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lenet.engine.checks import Floats
from lenet.engine.int8 import MOST, dequantize, quantize

WEIGHTS = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=4, max_side=5),
    elements=st.floats(-100, 100, width=32),
)


@given(WEIGHTS)
def test_each_weight_is_half_a_step_off_at_most(weight: Floats) -> None:
    integers, scale = quantize(weight)
    assert integers.dtype == np.int8
    assert scale.dtype == np.float32
    assert scale.shape == weight.shape[:1]
    off = np.abs(dequantize(integers, scale).astype(np.float64) - weight)
    for unit in range(len(weight)):
        # A scale is rounded up to twelve bits.
        most = float(np.abs(weight[unit]).max()) / MOST * (1 + 2**-11)
        assert off[unit].max() <= most / 2 + 1e-40


@given(WEIGHTS)
@example(np.array([[1.126e-41]], np.float32))  # the scale would be rounded down too far
@example(np.array([[2.66e-41]], np.float32))
@example(np.array([[5e-41], [1e-30]], np.float32))
def test_what_is_quantized_is_quantized_again_without_loss(weight: Floats) -> None:
    integers, scale = quantize(weight)
    again, same = quantize(dequantize(integers, scale))
    assert np.array_equal(again, integers)
    assert np.array_equal(same, scale)


@pytest.mark.parametrize(
    ("weight", "integers", "scale"),
    [
        ([[127.0, -64.0], [0.0, 0.0]], [[127, -64], [0, 0]], [1.0, 0.0]),
        ([[0.5, 1.0]], [[63, 127]], [2065 * 2.0**-18]),  # 1 / 127 is 2064.1 of these
    ],
)
def test_by_hand(weight: Any, integers: Any, scale: Any) -> None:
    found, step = quantize(np.array(weight, np.float32))
    assert found.tolist() == integers
    assert step.tolist() == scale
