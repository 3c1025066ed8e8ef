"""Weights of a byte each: a whole number from -127 to 127, and a scale for each unit it leads to.

A quarter of the size; as each unit has its own scale, what a sum is off by is small beside what
its other weights are. Source: Jacob et al., "Quantization and Training of Neural Networks for
Efficient Integer-Arithmetic-Only Inference", CVPR 2018, section 2.1, with a zero point of 0.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats

MOST = 127

SCALE = ".scale"
"""Behind a weight's name: that of its scales."""

_BITS = 12  # of a scale; with seven of a weight, float32 holds their product exactly


def shortened(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return the whole numbers, of the weight's shape ``[units, ...]``, and scales ``[units]``.

    Applied to what `lengthened` makes of these it gives them again.
    """
    rows = weight.reshape(len(weight), -1)
    mantissa, exponent = np.frexp(np.abs(rows).max(axis=1).astype(np.float64) / MOST)
    scale = np.ldexp(np.ceil(np.ldexp(mantissa, _BITS)), exponent - _BITS).astype(np.float32)
    whole = np.rint(rows / np.where(scale > 0, scale, 1)[:, None])
    return whole.astype(np.int8).reshape(weight.shape), scale


def lengthened(whole: NDArray[np.int8], scale: Floats) -> Floats:
    """Return float32 weights."""
    return whole * scale.reshape(-1, *[1] * (whole.ndim - 1))


def packed(parameters: Mapping[str, Floats]) -> dict[str, NDArray[Any]]:
    """Return weights `shortened` and their scales beside them; biases as they are."""
    result: dict[str, NDArray[Any]] = {}
    for name, value in parameters.items():
        result[name] = value
        if value.ndim > 1:
            result[name], result[name + SCALE] = shortened(value)
    return result


def unpacked(kept: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """Return what `packed` packed, as far as it is left; what was not packed stays."""
    return {
        name: lengthened(value, kept[name + SCALE]) if value.dtype == np.int8 else value
        for name, value in kept.items()
        if not name.endswith(SCALE)
    }
