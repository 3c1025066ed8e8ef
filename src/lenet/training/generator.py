"""Draws the random numbers that PyTorch's generator draws on the CPU, without PyTorch.

PyTorch's generator is the Mersenne Twister, which NumPy has too. On every machine the numbers are
those of PyTorch on x86-64 processors with AVX2 or AVX-512.
"""

import math

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats
from lenet.engine.fused import fused_multiply_add
from lenet.training.normal import normal_from_uniform

_BLOCK = 16


class Generator:
    """PyTorch's random numbers after ``torch.manual_seed(seed)``.

    Examples
    --------
    >>> Generator(0).uniform((2,), 0.0, 1.0)
    array([0.4962566, 0.7682218], dtype=float32)
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.RandomState(seed & 0xFFFFFFFF)
        self._kept: float | None = None

    def _words(self, count: int) -> NDArray[np.uint32]:
        return np.frombuffer(self._random.bytes(4 * count), "<u4")

    def uniform(self, shape: tuple[int, ...], low: float, high: float) -> Floats:
        """Return what ``torch.empty(shape).uniform_(low, high)`` returns."""
        words = self._words(math.prod(shape)) & np.uint32((1 << 24) - 1)
        fractions = words.astype(np.float32) * np.float32(2**-24)
        first = np.float32(low)
        return fused_multiply_add(fractions, np.float32(high) - first, first).reshape(shape)

    def normal(self, shape: tuple[int, ...], deviation: float) -> Floats:
        """Return what ``torch.empty(shape).normal_(0, deviation)`` returns."""
        count = math.prod(shape)
        if count < _BLOCK:
            one_by_one = [self._one_normal() * deviation for _ in range(count)]
            return np.array(one_by_one, np.float32).reshape(shape)
        uniform = self.uniform((count,), 0.0, 1.0)
        whole = count // _BLOCK * _BLOCK
        values = np.empty(count, np.float32)
        blocks = normal_from_uniform(uniform[:whole].reshape(-1, _BLOCK), deviation)
        values[:whole] = blocks.reshape(-1)
        if whole < count:  # the last sixteen are drawn anew
            again = self.uniform((1, _BLOCK), 0.0, 1.0)
            values[-_BLOCK:] = normal_from_uniform(again, deviation)[0]
        return values.reshape(shape)

    def _one_normal(self) -> float:
        """Return a normal number as PyTorch draws fewer than sixteen: in pairs, in float64."""
        if self._kept is not None:
            value, self._kept = self._kept, None
            return value
        angle, other = (self._fraction() for _ in range(2))
        radius = math.sqrt(-2 * math.log1p(-other))
        self._kept = radius * math.sin(2 * math.pi * angle)
        return radius * math.cos(2 * math.pi * angle)

    def _fraction(self) -> float:
        high, low = (int(word) for word in self._words(2))
        return ((high << 32 | low) & ((1 << 53) - 1)) * 2.0**-53
