"""Support vector machines as they answer: kernels, support vectors, coefficients. NumPy alone.

libsvm, which trains them, answers image by image and machine by machine, and computes each kernel
anew for each class. Here all classes share the kernels and one matrix product computes them, so
that what is measured is the method and not that loop.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Images at once: a block's kernels, one for each support vector, are some tens of megabytes.
_BLOCK = 500


class Kernel(Protocol):
    """How alike two images are."""

    def __call__(self, pixels: Floats, vectors: Floats) -> Floats:
        """Return float32 ``[N, S]`` for ``[N, pixels]`` and ``[S, pixels]``."""
        ...


@dataclass(frozen=True)
class RBF:
    """The Gaussian kernel, ``exp(-gamma * |x - v|²)``."""

    gamma: float

    def __call__(self, pixels: Floats, vectors: Floats) -> Floats:
        """Return the kernel of each image with each vector."""
        squares = (pixels**2).sum(axis=1)[:, None] + (vectors**2).sum(axis=1)
        # Rounding can leave a distance of zero slightly negative.
        distances = np.maximum(squares - 2 * (pixels @ vectors.T), 0)
        return np.exp(np.float32(-self.gamma) * distances)


@dataclass(frozen=True)
class Polynomial:
    """The kernel ``(gamma * x·v + offset) ** degree``."""

    gamma: float
    offset: float
    degree: int

    def __call__(self, pixels: Floats, vectors: Floats) -> Floats:
        """Return the kernel of each image with each vector."""
        sums = np.float32(self.gamma) * (pixels @ vectors.T) + np.float32(self.offset)
        return sums**self.degree


@dataclass(frozen=True)
class KernelMachine:
    """One machine a class, each against the rest, as the 1998 paper has them.

    Parameters
    ----------
    kernel
        How alike two images are.
    vectors
        float32 ``[S, pixels]``, the training images that are a support vector of any class.
    coefficients
        float32 ``[S, classes]``: multiplier times ±1; zero where it supports another class.
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
        """Numbers stored: the support vectors' pixels, coefficients that are not 0, intercepts."""
        return self.vectors.size + int(np.count_nonzero(self.coefficients)) + self.intercepts.size

    @property
    def multiply_accumulates(self) -> int:
        """For one image: a product with each support vector, and a sum over them for each class.

        The exponential or power that follows each product is not counted, as activations are not.
        """
        return self.vectors.size + self.coefficients.size
