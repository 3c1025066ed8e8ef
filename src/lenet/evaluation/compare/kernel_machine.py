"""Computes the scores of trained support vector machines with NumPy.

libsvm trains them, but it answers one image and one machine at a time, and computes each kernel
value anew for each class. Here one matrix product computes the kernel values for all classes, so
that the measured time is that of the method and not of libsvm's loop.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

Kernel = Callable[[Floats, Floats], Floats]
"""Returns the kernel values float32 ``[N, S]`` of images ``[N, pixels]`` and ``[S, pixels]``."""

# Images per block. A block's kernel values take some tens of megabytes.
_BLOCK = 500


@dataclass(frozen=True)
class RBF:
    """The Gaussian kernel of two images x and v, ``exp(-gamma * |x - v|²)``."""

    gamma: float

    def __call__(self, pixels: Floats, vectors: Floats) -> Floats:
        """Return the kernel values, see `Kernel`."""
        squares = (pixels**2).sum(axis=1)[:, None] + (vectors**2).sum(axis=1)
        # Rounding can leave a distance of zero slightly negative.
        distances = np.maximum(squares - 2 * (pixels @ vectors.T), 0)
        return np.exp(np.float32(-self.gamma) * distances)


@dataclass(frozen=True)
class Polynomial:
    """The polynomial kernel of two images x and v, ``(gamma * x·v + offset) ** degree``."""

    gamma: float
    offset: float
    degree: int

    def __call__(self, pixels: Floats, vectors: Floats) -> Floats:
        """Return the kernel values, see `Kernel`."""
        sums = np.float32(self.gamma) * (pixels @ vectors.T) + np.float32(self.offset)
        return sums**self.degree


@dataclass(frozen=True)
class KernelMachine:
    """Support vector machines: one per class separates it from all others, as in the 1998 paper.

    Parameters
    ----------
    kernel
        Measures the similarity of two images.
    vectors
        float32 ``[S, pixels]``, the training images that are a support vector of any class.
    coefficients
        float32 ``[S, classes]``: multiplier times ±1; zero if a vector does not support the class.
    intercepts
        float32 ``[classes]``.
    """

    kernel: Kernel
    vectors: Floats
    coefficients: Floats
    intercepts: Floats

    def scores(self, pixels: Floats) -> Floats:
        """Return each class's decision value: float32 ``[N, classes]`` for ``[N, pixels]``."""
        result = np.empty((len(pixels), len(self.intercepts)), np.float32)
        for start in range(0, len(pixels), _BLOCK):
            block = slice(start, start + _BLOCK)
            kernels = self.kernel(pixels[block], self.vectors)
            result[block] = kernels @ self.coefficients + self.intercepts
        return result

    @property
    def parameters(self) -> int:
        """The count of stored numbers: support vectors' pixels, coefficients not 0, intercepts."""
        return self.vectors.size + int(np.count_nonzero(self.coefficients)) + self.intercepts.size

    @property
    def multiply_accumulates(self) -> int:
        """Those of an image: a product with each support vector, and a sum over them per class.

        The exponential or power is not counted, as activation functions are not.
        """
        return self.vectors.size + self.coefficients.size
