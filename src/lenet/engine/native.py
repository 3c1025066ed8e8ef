"""Runs the native kernels for batches of images, on networks with two convolution blocks.

`docs/engine.md` describes the kernels and their speed. `lenet.engine.sequence` has those for the
networks of 1989 to 1998.
"""

import ctypes
from collections.abc import Callable
from ctypes import c_float, c_int32
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats, check_images, check_index, check_labels, check_targets
from lenet.engine.family import plan_shape
from lenet.engine.library import (
    NativePlan,
    Pointers,
    addresses,
    available,
    check_status,
    default_threads,
    measured_peak,
    missing,
    variants,
)
from lenet.engine.normalization import Normalization
from lenet.errors import LenetError

__all__ = [
    "PARTS",
    "Plan",
    "Pointers",
    "available",
    "default_threads",
    "measured_peak",
    "missing",
    "variants",
]

PARTS = (
    "gather",
    "conv1 forward",
    "conv2 forward",
    "dense forward",
    "dense backward",
    "conv2 weights",
    "conv2 input",
    "conv1 weights",
)
"""The measured parts of a training step, in the order of native/common/stopwatch.hpp."""


class Plan(NativePlan):
    """A network of two convolution blocks (`lenet.engine.family`), prepared for the kernels."""

    _free = "lenet_plan_free"
    _forward = "lenet_forward"

    def _create(self, variant: bytes, plan: Any) -> int:
        numbers = plan_shape(self.network)
        if numbers is None:
            raise LenetError(f"the native engine cannot compute the network {self.network.name!r}")
        none = None
        if self.network.rubbish is not None:
            none = ctypes.byref(c_float(-self.network.rubbish))
        shape = (c_int32 * len(numbers))(*numbers)
        return self._library.lenet_plan_create(variant, shape, len(numbers) - 6, none, plan)

    def activations(
        self, parameters: Pointers, normalization: Normalization, images: NDArray[np.uint8]
    ) -> dict[str, Floats]:
        """Return each layer's output by its name, as `lenet.engine.reference.activations` does."""
        check_images(self.network, images)
        images = np.ascontiguousarray(images)
        shapes = {stage.layer.name: stage.output_shape for stage in self.network.stages()}
        outputs = {n: np.empty((len(images), *s), np.float32) for n, s in shapes.items()}
        status = self._library.lenet_activations(
            self._plan,
            parameters.table,
            images.ctypes.data,
            len(images),
            normalization.scale,
            normalization.offset,
            len(shapes),
            (ctypes.c_int64 * len(shapes))(*map(prod, shapes.values())),
            addresses(list(outputs.values())),
        )
        check_status(status)
        return outputs

    def batches(
        self,
        parameters: Pointers,
        gradients: Pointers,
        normalization: Normalization,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        threads: int | None = None,
        parts: NDArray[np.float64] | None = None,
        targets: Floats | None = None,
    ) -> Callable[[NDArray[np.int64]], tuple[float, int]]:
        """Return a function that computes the loss and the gradients of a batch.

        The arguments are checked here, once for all batches. Contiguous arrays are not copied, so
        that later changes of their values count.

        Parameters
        ----------
        parameters, gradients
            The network's parameters, and where to write their gradients.
        images, labels
            uint8 ``[N, height, width]`` or ``[N, height, width, channels]``, and int64 ``[N]``.
        threads
            By default all processors this process may use. The result has the same bits for any
            number of threads.
        parts
            float64 ``[len(PARTS)]``: receives the seconds of each part, on one thread only.
        targets
            Contiguous float32 ``[N, classes]``, with one more column if the network has a class
            "none": probabilities for the cross-entropy. Labels then only count correct images.

        Returns
        -------
        The function. It takes the int64 numbers of a batch's images, and returns their mean
        cross-entropy and the number of correct images. It releases Python's lock.
        """
        check_images(self.network, images)
        check_labels(self.network, images, labels)
        if targets is not None:
            check_targets(self.network, images, targets)
        images, labels = np.ascontiguousarray(images), np.ascontiguousarray(labels)
        call = self._library.lenet_gradients
        loss, correct = ctypes.c_double(), ctypes.c_int64()
        before = (
            self._plan,
            parameters.table,
            gradients.table,
            images.ctypes.data,
            labels.ctypes.data,
            None if targets is None else targets.ctypes.data,
        )
        after = (
            normalization.scale,
            normalization.offset,
            threads or default_threads(),
            ctypes.byref(loss),
            ctypes.byref(correct),
            None if parts is None else parts.ctypes.data,
        )

        def step(index: NDArray[np.int64]) -> tuple[float, int]:
            check_index(images, index)
            index = np.ascontiguousarray(index)
            check_status(call(*before, index.ctypes.data, len(index), *after))
            return loss.value, correct.value

        # The addresses above are valid only while these objects exist.
        step.keeps = (self, parameters, gradients, images, labels, parts, targets)  # pyright: ignore[reportFunctionMemberAccess]
        return step
