"""Computes ``a * b + c`` in float32 with one rounding, as a processor's fused multiply-add does."""

import numpy as np

from lenet.engine.checks import Floats


def fused_multiply_add(
    a: Floats | np.float32, b: Floats | np.float32, c: Floats | np.float32
) -> Floats:
    """Return ``a * b + c``, rounded once; the arrays are float32, and broadcast.

    A product of two float32 is exact in float64. Their sum with `c` is not always, and rounding it
    first to float64 and then to float32 can be wrong in the last bit. Therefore an inexact sum gets
    an odd last bit ("rounding to odd"), which keeps the second rounding from seeing a tie: Boldo,
    Melquiond, "Emulation of FMA and correctly rounded sums", IEEE Trans. Computers 57(4), 2008.

    Examples
    --------
    >>> one = np.float32(1)
    >>> a = np.array([1 + 2**-12], np.float32)
    >>> float(fused_multiply_add(a, a, -one)[0]) == 2**-11 + 2**-24, float((a * a - one)[0])
    (True, 0.00048828125)
    """
    product = np.multiply(a, b, dtype=np.float64)
    addend = np.asarray(c, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        total = product + addend
        # What the sum lost (Knuth's two-sum).
        other = total - product
        lost = (product - (total - other)) + (addend - other)
        bits = total.view(np.int64)
        odd = (bits & 1).astype(bool)
        inexact = np.isfinite(total) & (lost != 0) & ~odd
        # The neighbour on the side of the lost part has an odd last bit.
        step = np.where((lost > 0) == (total > 0), 1, -1)
        return np.where(inexact, bits + step, bits).view(np.float64).astype(np.float32)
