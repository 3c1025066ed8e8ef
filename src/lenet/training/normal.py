"""Turns uniform numbers into normal ones, with the bits of PyTorch's AVX2 code.

It is the method of Box and Muller (Annals of Mathematical Statistics 29(2), 1958) with the
polynomials for logarithm, sine and cosine of Moshier's Cephes library in float32. Every step is one
IEEE operation or a fused multiply-add, so all machines compute the same.
"""

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.engine.fused import fused_multiply_add

_SQRT_HALF = np.float32(0.707106781186547524)
_LOG = (
    7.0376836292e-2,
    -1.1514610310e-1,
    1.1676998740e-1,
    -1.2420140846e-1,
    1.4249322787e-1,
    -1.6668057665e-1,
    2.0000714765e-1,
    -2.4999993993e-1,
    3.3333331174e-1,
)
_LOG_2 = (-2.12194440e-4, 0.693359375)  # ln 2 in two parts
_SINE = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_COSINE = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
_QUARTER_PI = (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8)  # minus, in parts
_FOUR_OVER_PI = np.float32(1.27323954473516)


def normal_from_uniform(pairs: Floats, deviation: float) -> Floats:
    """Return normal numbers with mean 0 and the standard deviation `deviation`.

    Parameters
    ----------
    pairs
        float32 ``[N, 16]``, uniform in [0, 1). Numbers i and i + 8 of a row make two normal ones.
    """
    first, second = np.float32(1) - pairs[:, :8], pairs[:, 8:]
    radius = np.sqrt(np.float32(-2) * _logarithm(first))
    sine, cosine = _sine_and_cosine(np.float32(2 * np.pi) * second)
    normal = np.concatenate([radius * cosine, radius * sine], axis=1)
    # The original adds the mean, 0, in a fused step: only the sign of a zero could depend on it.
    return normal * np.float32(deviation) + np.float32(0)


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    total = np.full_like(x, coefficients[0])
    for one in coefficients[1:]:
        total = fused_multiply_add(total, x, np.float32(one))
    return total


def _logarithm(x: Floats) -> Floats:
    """Return the natural logarithm of positive numbers."""
    mantissa, exponent = np.frexp(x)
    exponent = exponent.astype(np.float32)
    small = mantissa < _SQRT_HALF
    exponent -= small
    rest = (mantissa - np.float32(1)) + np.where(small, mantissa, np.float32(0))
    square = rest * rest
    y = _polynomial(_LOG, rest) * rest
    y = fused_multiply_add(y, square, exponent * np.float32(_LOG_2[0]))
    y = fused_multiply_add(square, np.float32(-0.5), y)
    return fused_multiply_add(exponent, np.float32(_LOG_2[1]), rest + y)


def _sine_and_cosine(x: Floats) -> tuple[Floats, Floats]:
    """Return sine and cosine of numbers from 0 to 2 pi."""
    octant: NDArray[np.int32] = ((x * _FOUR_OVER_PI).astype(np.int32) + 1) & ~1
    turns = octant.astype(np.float32)
    for part in _QUARTER_PI:
        x = fused_multiply_add(turns, np.float32(part), x)
    square: Floats = x * x
    cosine: Floats = _polynomial(_COSINE, square) * square
    cosine = fused_multiply_add(cosine, square, square * np.float32(-0.5)) + np.float32(1)
    sine: Floats = _polynomial(_SINE, square) * square
    sine = fused_multiply_add(sine, x, x)
    upright = (octant & 2) == 0
    of_sine = np.where(upright, sine, cosine)
    of_cosine = np.where(upright, cosine, sine)
    sine_is_negative = (octant & 4) != 0
    cosine_is_negative = ((octant - 2) & 4) == 0
    return (
        np.where(sine_is_negative, -of_sine, of_sine),
        np.where(cosine_is_negative, -of_cosine, of_cosine),
    )
