"""The native engine: C++ kernels behind a C interface, for networks of the LeNet family.

What the kernels do and how fast: `docs/engine.md`. The library is built when the package is
installed; where that failed, `missing()` says so and everything else computes with
`lenet.engine.reference` or PyTorch.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import check_images, check_index, check_labels
from lenet.engine.family import numbers_of
from lenet.engine.normalization import Normalization
from lenet.engine.reference import Floats
from lenet.errors import LenetError
from lenet.networks.network import Network

PARTS = (
    "gather", "conv1 forward", "conv2 forward", "dense forward", "dense backward",
    "conv2 weights", "conv2 input", "conv1 weights",
)  # fmt: skip
"""What a training step's time is divided into, in the order of the kernels' own list."""


@cache
def _library() -> ctypes.CDLL | None:
    """Load the library once; None if it was not built."""
    import lenet.engine

    suffix = {"win32": ".dll"}.get(sys.platform, ".so")
    # An editable install has two folders: the sources' and that of what was built.
    for folder in lenet.engine.__path__:
        path = Path(folder) / f"lenet_engine{suffix}"
        if path.is_file():
            library = ctypes.CDLL(str(path))
            break
    else:
        return None
    library.lenet_variant.restype = ctypes.c_char_p
    library.lenet_plan.restype = ctypes.c_void_p
    library.lenet_free.argtypes = [ctypes.c_void_p]
    library.lenet_free.restype = None
    library.lenet_peak.restype = ctypes.c_double
    return library


def available() -> bool:
    """Tell whether the library is there."""
    return _library() is not None


def missing() -> str:
    """Say what it means that the library is not there."""
    return (
        "the native engine was not built (it needs a C++ compiler when lenet is installed): "
        "training takes about five times as long"
    )


def variants() -> tuple[str, ...]:
    """Return the instruction sets that this machine can run, the best first."""
    library = _library()
    if library is None:
        return ()
    names: list[str] = []
    while (name := library.lenet_variant(len(names))) is not None:
        names.append(name.decode())
    return tuple(names)


def default_threads() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pointers:
    """Addresses of arrays that keep their place in memory: a network's parameters or gradients.

    Parameters
    ----------
    network
        Names and shapes.
    arrays
        float32, in C order, in the order of ``network.parameter_shapes``. They are used where they
        lie, now and later: what an optimizer changes in them is seen.
    """

    def __init__(self, network: Network, arrays: Sequence[Floats]) -> None:
        shapes = list(network.parameter_shapes.values())
        if [array.shape for array in arrays] != shapes or any(
            array.dtype != np.float32 or not array.flags.c_contiguous for array in arrays
        ):
            raise LenetError(f"parameters must be contiguous float32 arrays of the shapes {shapes}")
        self._arguments = (network, list(arrays))
        self.table = (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as new addresses of copied arrays."""
        return (Pointers, self._arguments)


class Plan:
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

    def __init__(self, network: Network, variant: str | None = None) -> None:
        library = _library()
        numbers = numbers_of(network)
        if library is None:
            raise LenetError(missing())
        if numbers is None:
            raise LenetError(f"the native engine does not know networks such as {network.name!r}")
        self._library = library
        self.network = network
        self.variant = variant or variants()[0]
        table = (ctypes.c_int32 * len(numbers))(*numbers)
        self._plan: int | None = library.lenet_plan(
            self.variant.encode(), table, ctypes.c_int(len(numbers) - 6)
        )
        if self._plan is None:
            raise LenetError(f"this machine cannot run {self.variant!r}, only {variants()}")

    def __del__(self) -> None:
        if getattr(self, "_plan", None) is not None:
            self._library.lenet_free(self._plan)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a new plan: two must not free the same memory."""
        return (Plan, (self.network, self.variant))

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
        _check(failed)
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
        _check(failed)
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
    ) -> Callable[[NDArray[np.int64]], tuple[float, int]]:
        """Return the function that does one training step's arithmetic.

        It takes the numbers of a batch's images (int64), writes the gradients of their mean
        cross-entropy, and returns that mean and how many images are named right. The same batch
        gives the same bits, whatever `threads` is. Python's lock is released meanwhile.

        What can be checked once is checked here, so that a step costs little beside its arithmetic.
        With `parts`, float64 ``[len(PARTS)]``, a step on one thread adds the seconds of each part.
        """
        check_images(self.network, images)
        check_labels(self.network, images, labels)
        images, labels = np.ascontiguousarray(images), np.ascontiguousarray(labels)
        call = self._library.lenet_gradients
        loss, correct = ctypes.c_double(), ctypes.c_int64()
        before = (
            ctypes.c_void_p(self._plan),
            parameters.table,
            gradients.table,
            ctypes.c_void_p(images.ctypes.data),
            ctypes.c_void_p(labels.ctypes.data),
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
            _check(call(*before, address, ctypes.c_int64(len(index)), *after))
            return loss.value, correct.value

        # The addresses above are good as long as these live.
        step.keeps = (self, parameters, gradients, images, labels, parts)  # pyright: ignore[reportFunctionMemberAccess]
        return step


def measured_peak(variant: str, threads: int, seconds: float = 0.3) -> float:
    """Return the multiply-accumulates a second of nothing but FMA instructions, measured now."""
    library = _library()
    if library is None:
        raise LenetError(missing())
    return library.lenet_peak(variant.encode(), ctypes.c_int(threads), ctypes.c_double(seconds))


def _check(failed: int) -> None:
    if failed:
        raise MemoryError("the native engine ran out of memory")
