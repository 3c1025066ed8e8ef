"""Loads the shared library of C++ kernels; declares its functions, and the plans it makes.

A plan is a network that is prepared for the kernels. The library is built when the package is
installed. Where that failed, or where it cannot be loaded, `available` returns False, `missing`
returns the reason, and NumPy or PyTorch compute instead.
"""

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Sequence
from ctypes import c_char_p, c_double, c_float, c_int, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.engine.checks import Floats, check_images
from lenet.engine.library_file import NOT_BUILT, Found, find
from lenet.engine.normalization import Normalization
from lenet.errors import LenetError
from lenet.machine import processors
from lenet.networks.network import Network

_FORWARD = [c_void_p, c_void_p, c_void_p, c_int64, c_float, c_float, c_int, c_void_p]
# The functions of native/lenet_engine.h: what each returns, and its arguments.
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "lenet_interface": (c_int, []),
    "lenet_variant": (c_char_p, [c_int]),
    "lenet_peak": (c_double, [c_char_p, c_int, c_double]),
    "lenet_plan_create": (c_int, [c_char_p, c_void_p, c_int, c_void_p, c_void_p]),
    "lenet_plan_free": (None, [c_void_p]),
    "lenet_forward": (c_int, _FORWARD),
    "lenet_activations": (c_int, [*_FORWARD, c_void_p]),
    "lenet_gradients": (
        c_int,
        [*[c_void_p] * 7, c_int64, c_float, c_float, c_int, c_void_p, c_void_p, c_void_p],
    ),
    "lenet_descend": (c_int, [c_char_p, *[c_void_p] * 3, c_int, c_void_p, *[c_float] * 3]),
    "lenet_sequence_create": (c_int, [c_char_p, c_int, c_int, c_int, *[c_void_p] * 3]),
    "lenet_sequence_free": (None, [c_void_p]),
    "lenet_sequence_forward": (c_int, _FORWARD),
    "lenet_sequence_learn": (
        c_int,
        [
            *[c_void_p, c_int, c_int, c_void_p, c_void_p, c_void_p, c_void_p],
            *[c_float, c_float, c_void_p, c_int64, c_void_p, c_void_p],
        ],
    ),
    "lenet_warp": (c_int, [c_char_p, c_int, *[c_void_p] * 7, c_int64, c_int, c_void_p]),
}

_OK, _OUT_OF_MEMORY, _UNKNOWN_VARIANT = 0, 1, 2


@cache
def _found() -> Found:
    """Look for the library once."""
    import lenet.engine

    found = find(lenet.engine.__path__, _SIGNATURES)
    if found.library is not None:
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(found.library, name)
            function.restype, function.argtypes = result, arguments
    return found


def _library() -> ctypes.CDLL | None:
    """Return the library; None if it was not built or cannot be loaded."""
    return _found().library


def loaded() -> ctypes.CDLL:
    """Return the library; raise a `LenetError` if it was not built or cannot be loaded."""
    library = _library()
    if library is None:
        raise LenetError(missing())
    return library


def available() -> bool:
    """Return whether the library was built and can be loaded."""
    return _library() is not None


def missing() -> str:
    """Return a sentence for the user: why the library is missing, and what that costs."""
    return (
        f"the native engine {_found().reason or NOT_BUILT}: "
        "training takes five times as long, and forty times for the networks of 1989 to 1998"
    )


def variants() -> tuple[str, ...]:
    """Return the instruction sets that this machine can run, the fastest first."""
    library = _library()
    if library is None:
        return ()
    names: list[str] = []
    while (name := library.lenet_variant(len(names))) is not None:
        names.append(name.decode())
    return tuple(names)


def default_threads() -> int:
    """Return the number of processors this process may use (`lenet.machine.processors`)."""
    return processors()


def check_status(status: int, variant: str = "") -> None:
    """Raise an exception unless `status`, which a function of the library returned, is 0.

    `variant` is the instruction set that was asked for, for the message.
    """
    if status == _OUT_OF_MEMORY:
        raise MemoryError("the native engine ran out of memory")
    if status == _UNKNOWN_VARIANT:
        raise LenetError(f"this machine cannot run {variant!r}, only {variants()}")
    if status != _OK:
        raise ValueError(f"the native engine does not take these arguments (status {status})")


class Pointers:
    """The addresses of a network's parameters or gradients, for the library.

    Parameters
    ----------
    network
        Gives the shapes.
    arrays
        float32 arrays in C order, in the order of ``network.parameter_shapes``. They are used in
        place: the library sees later changes.

    Raises
    ------
    LenetError
        The arrays have other shapes, another dtype or another order.
    """

    def __init__(self, network: Network, arrays: Sequence[Floats]) -> None:
        shapes = list(network.parameter_shapes.values())
        if [array.shape for array in arrays] != shapes or any(
            array.dtype != np.float32 or not array.flags.c_contiguous for array in arrays
        ):
            raise LenetError(f"parameters must be contiguous float32 arrays of the shapes {shapes}")
        self._arguments = (network, list(arrays))
        self.table = addresses(arrays)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as new addresses of copied arrays."""
        return (Pointers, self._arguments)


def addresses(arrays: Sequence[np.ndarray[Any, Any]]) -> "ctypes.Array[c_void_p]":
    """Return a C array of the arrays' addresses. The caller keeps the arrays alive."""
    return (c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


class NativePlan(ABC):
    """A network, prepared for the library's kernels. Safe to share between threads.

    Parameters
    ----------
    network
        One that the kernels can compute.
    variant
        One of `variants`; by default the fastest.

    Raises
    ------
    LenetError
        The library was not built, this machine cannot run the variant, or the kernels cannot
        compute the network.
    MemoryError
        The library ran out of memory.
    """

    # Names of functions of the library.
    _free: str
    _forward: str

    def __init__(self, network: Network, variant: str | None = None) -> None:
        self._library = loaded()
        self.network = network
        self.variant = variant or variants()[0]
        self._plan = c_void_p()
        check_status(self._create(self.variant.encode(), ctypes.byref(self._plan)), self.variant)

    @abstractmethod
    def _create(self, variant: bytes, plan: Any) -> int:
        """Let the library write the plan's address to `plan`; return the status."""

    def forward(
        self,
        parameters: Pointers,
        normalization: Normalization,
        images: NDArray[np.uint8],
        threads: int | None = None,
    ) -> Floats:
        """Compute the scores; arguments as for `lenet.engine.Predictor`."""
        check_images(self.network, images)
        images = np.ascontiguousarray(images)
        scores = np.empty((len(images), self.network.classes), np.float32)
        status = getattr(self._library, self._forward)(
            self._plan,
            parameters.table,
            images.ctypes.data,
            len(images),
            normalization.scale,
            normalization.offset,
            threads or default_threads(),
            scores.ctypes.data,
        )
        check_status(status)
        return scores

    def __del__(self) -> None:
        if getattr(self, "_plan", None):
            getattr(self._library, self._free)(self._plan)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a new plan: two objects must not free the same memory."""
        return (type(self), (self.network, self.variant))


def measured_peak(variant: str, threads: int, seconds: float = 0.3) -> float:
    """Return how many multiply-accumulates per second FMA instructions alone reach.

    `variant` is one of `variants`; the measurement takes about `seconds`.
    """
    return loaded().lenet_peak(variant.encode(), threads, seconds)
