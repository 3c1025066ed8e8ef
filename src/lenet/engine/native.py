"""The native engine: C++ kernels behind a C interface, for networks of the LeNet family.

What the kernels do and how fast: `docs/engine.md`. Those for the networks of 1989 to 1998:
`lenet.engine.sequence`.
"""

import ctypes
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats, check_images, check_index, check_labels, check_targets
from lenet.engine.family import numbers_of
from lenet.engine.library import (
    Handle,
    Pointers,
    available,
    check_memory,
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
    "gather", "conv1 forward", "conv2 forward", "dense forward", "dense backward",
    "conv2 weights", "conv2 input", "conv1 weights",
)  # fmt: skip
"""What a training step's time is divided into, in the order of the kernels' own list."""


class Plan(Handle):
    """A network and an instruction set, ready to compute. Safe to share between threads.

    Parameters
    ----------
    network
        One that `lenet.engine.family.covers` knows.
    variant
        One of `variants`; by default the best.

    Raises
    ------
    LenetError
        Another network or variant, or no library.
    """

    _free = "lenet_free"

    def _made(self) -> int | None:
        network = self.network
        numbers = numbers_of(network)
        if numbers is None:
            raise LenetError(f"the native engine does not know networks such as {network.name!r}")
        none = None if network.rubbish is None else ctypes.c_float(-network.rubbish)
        return self._library.lenet_plan(
            self.variant.encode(),
            (ctypes.c_int32 * len(numbers))(*numbers),
            ctypes.c_int(len(numbers) - 6),
            None if none is None else ctypes.byref(none),
        )

    def forward(
        self,
        parameters: Pointers,
        normalization: Normalization,
        images: NDArray[np.uint8],
        threads: int | None = None,
    ) -> Floats:
        """Return logits, float32 ``[N, classes]``, of uint8 images; see `lenet.engine.forward`."""
        check_images(self.network, images)
        images = np.ascontiguousarray(images)
        logits = np.empty((len(images), self.network.classes), np.float32)
        failed = self._library.lenet_forward(
            ctypes.c_void_p(self._plan),
            parameters.table,
            ctypes.c_void_p(images.ctypes.data),
            None,
            ctypes.c_int64(len(images)),
            ctypes.c_float(normalization.scale),
            ctypes.c_float(normalization.offset),
            ctypes.c_int(threads or default_threads()),
            ctypes.c_void_p(logits.ctypes.data),
        )
        check_memory(failed)
        return logits

    def activations(
        self, parameters: Pointers, normalization: Normalization, images: NDArray[np.uint8]
    ) -> dict[str, Floats]:
        """Return every layer's output by its name, as `lenet.engine.reference.activations` does."""
        check_images(self.network, images)
        images = np.ascontiguousarray(images)
        stages = list(self.network.stages())
        outputs = [np.empty((len(images), *s.output_shape), np.float32) for s in stages]
        sizes = [int(np.prod(stage.output_shape)) for stage in stages]
        failed = self._library.lenet_activations(
            ctypes.c_void_p(self._plan),
            parameters.table,
            ctypes.c_void_p(images.ctypes.data),
            ctypes.c_int64(len(images)),
            ctypes.c_float(normalization.scale),
            ctypes.c_float(normalization.offset),
            ctypes.c_int(len(stages)),
            (ctypes.c_int64 * len(stages))(*sizes),
            (ctypes.c_void_p * len(stages))(*(array.ctypes.data for array in outputs)),
        )
        check_memory(failed)
        return {stage.layer.name: array for stage, array in zip(stages, outputs, strict=True)}

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
        """Return the function that does one training step's arithmetic.

        It takes the numbers of a batch's images (int64), writes the gradients of their mean
        cross-entropy, and returns that mean and how many images are named right. The same batch
        gives the same bits, whatever `threads` is. Python's lock is released meanwhile.

        What can be checked once is checked here, so that a step costs little beside its arithmetic.
        Contiguous images, labels and targets are used where they lie, now and later.

        With `targets`, float32 ``[N, classes]`` (and a column for "none of these" behind, where the
        network has it), the cross-entropy is that with these probabilities; labels then only say
        what is right. With `parts`, float64 ``[len(PARTS)]``, a step on one thread adds the seconds
        of each part.
        """
        check_images(self.network, images)
        check_labels(self.network, images, labels)
        if targets is not None:
            check_targets(self.network, images, targets)
        images, labels = np.ascontiguousarray(images), np.ascontiguousarray(labels)
        call = self._library.lenet_gradients
        loss, correct = ctypes.c_double(), ctypes.c_int64()
        before = (
            ctypes.c_void_p(self._plan),
            parameters.table,
            gradients.table,
            ctypes.c_void_p(images.ctypes.data),
            ctypes.c_void_p(labels.ctypes.data),
            ctypes.c_void_p(None if targets is None else targets.ctypes.data),
        )
        after = (
            ctypes.c_float(normalization.scale),
            ctypes.c_float(normalization.offset),
            ctypes.c_int(threads or default_threads()),
            ctypes.byref(loss),
            ctypes.byref(correct),
            parts.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) if parts is not None else None,
        )

        def step(index: NDArray[np.int64]) -> tuple[float, int]:
            check_index(images, index)
            index = np.ascontiguousarray(index)
            address = ctypes.c_void_p(index.ctypes.data)
            check_memory(call(*before, address, ctypes.c_int64(len(index)), *after))
            return loss.value, correct.value

        # The addresses above are good as long as these live.
        step.keeps = (self, parameters, gradients, images, labels, parts, targets)  # pyright: ignore[reportFunctionMemberAccess]
        return step
