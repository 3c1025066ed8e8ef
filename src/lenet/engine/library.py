"""The shared library of C++ kernels: found, loaded, asked what it can do.

It is built when the package is installed; where that failed, `missing()` says so and everything
else computes with `lenet.engine.reference` or PyTorch.
"""

import ctypes
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lenet.engine.checks import Floats
from lenet.errors import LenetError
from lenet.networks.network import Network


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
    library.lenet_sequence_plan.restype = ctypes.c_void_p
    library.lenet_sequence_free.argtypes = [ctypes.c_void_p]
    library.lenet_sequence_free.restype = None
    return library


def loaded() -> ctypes.CDLL:
    """Return the library; a `LenetError` if it was not built."""
    found = _library()
    if found is None:
        raise LenetError(missing())
    return found


def available() -> bool:
    """Tell whether the library is there."""
    return _library() is not None


def missing() -> str:
    """Say what it means that the library is not there."""
    return (
        "the native engine was not built (it needs a C++ compiler when lenet is installed): "
        "training takes five times as long, that of the networks of 1989 to 1998 forty times"
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


class Handle(ABC):
    """What the library has made of a network. Freed with it; safe to share between threads.

    Parameters
    ----------
    network
        The network.
    variant
        One of `variants`; by default the best.

    Raises
    ------
    LenetError
        No library, or a variant that this machine cannot run; subclasses: a network that the
        kernels do not know.
    """

    _free: str  # the function of the library that frees it

    def __init__(self, network: Network, variant: str | None = None) -> None:
        self._library = loaded()
        self.network = network
        self.variant = variant or variants()[0]
        self._plan: int | None = self._made()
        if self._plan is None:
            raise LenetError(f"this machine cannot run {self.variant!r}, only {variants()}")

    @abstractmethod
    def _made(self) -> int | None:
        """Return the library's address of it, None if there is no such variant or memory."""

    def __del__(self) -> None:
        if getattr(self, "_plan", None) is not None:
            getattr(self._library, self._free)(self._plan)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a new one: two must not free the same memory."""
        return (type(self), (self.network, self.variant))


def measured_peak(variant: str, threads: int, seconds: float = 0.3) -> float:
    """Return the multiply-accumulates a second of nothing but FMA instructions, measured now."""
    return loaded().lenet_peak(variant.encode(), ctypes.c_int(threads), ctypes.c_double(seconds))


def check_memory(failed: int) -> None:
    """Raise a `MemoryError` if a function of the library returned other than 0."""
    if failed:
        raise MemoryError("the native engine ran out of memory")
