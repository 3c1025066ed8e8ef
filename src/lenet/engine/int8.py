"""Converts weights to int8 and back, so that a file of weights needs a quarter of the space.

Each output unit has a scale, and zero stays zero (symmetric quantization). A network computes with
the float32 weights that are restored. Biases stay float32. Source: Jacob et al., "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018, section
2.1, with zero point 0.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats

MOST = 127
"""Quantized weights lie in -127 to 127."""

SCALE = ".scale"
"""The suffix of the name under which a weight's scales are stored."""

# Bits of a scale's mantissa. Together with the 7 bits of a weight they fit into a float32, so that
# dequantizing is exact and quantizing its result gives the same integers again.
_BITS = 12

_LEAST = 2.0**-141
"""Float32 has no eight bits for smaller scales; the weights of such a unit count as 0."""


def quantize(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Round a weight to int8.

    Parameters
    ----------
    weight
        float32 ``[units, ...]``.

    Returns
    -------
    int8 of the same shape, and float32 scales ``[units]``.

    Examples
    --------
    >>> integers, scale = quantize(np.array([[0.5, -1.0, 0.25]], np.float32))
    >>> integers.tolist()
    [[63, -127, 32]]
    >>> dequantize(integers, scale).round(2).tolist()
    [[0.5, -1.0, 0.25]]
    """
    rows = weight.reshape(len(weight), -1)
    mantissa, exponent = np.frexp(np.abs(rows).max(axis=1).astype(np.float64) / MOST)
    scale = np.ldexp(np.ceil(np.ldexp(mantissa, _BITS)), exponent - _BITS).astype(np.float32)
    scale[scale < _LEAST] = 0
    integers = np.rint(rows / np.where(scale > 0, scale, 1)[:, None])
    return integers.astype(np.int8).reshape(weight.shape), scale


def dequantize(integers: NDArray[np.int8], scale: Floats) -> Floats:
    """Return the float32 weight that `integers` and `scale` stand for."""
    return integers * scale.reshape(-1, *[1] * (integers.ndim - 1))


def quantize_all(parameters: Mapping[str, Floats]) -> dict[str, NDArray[Any]]:
    """Quantize all weights; add their scales as ``NAME.scale``; return biases unchanged."""
    result: dict[str, NDArray[Any]] = {}
    for name, value in parameters.items():
        result[name] = value
        if value.ndim > 1:
            result[name], result[name + SCALE] = quantize(value)
    return result


def dequantize_all(stored: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """Dequantize the int8 arrays to float32; return other arrays unchanged."""
    return {
        name: dequantize(value, stored[name + SCALE]) if value.dtype == np.int8 else value
        for name, value in stored.items()
        if not name.endswith(SCALE)
    }
