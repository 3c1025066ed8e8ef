"""Finds the shared library of C++ kernels and loads it, or says why it cannot be used.

A library that is not built, or that cannot be loaded, never stops anything: NumPy computes instead.
"""

import ctypes
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from struct import unpack_from

from lenet.errors import LenetError

INTERFACE = 1
"""The number of the interface that this package calls: LENET_INTERFACE in native/lenet_engine.h."""

NOT_BUILT = "was not built (it needs a C++ compiler when lenet is installed)"

_SUFFIX = {"win32": ".dll"}.get(sys.platform, ".so")
_ELF_LOAD = 1


@dataclass(frozen=True)
class Found:
    """The library, or None and the reason: a text that follows "the native engine"."""

    library: ctypes.CDLL | None
    reason: str = ""


def find(folders: Iterable[str | Path], functions: Iterable[str]) -> Found:
    """Load the library from the first of the folders in which it can be loaded.

    Parameters
    ----------
    folders
        An editable install has two: the sources and the build.
    functions
        The names of the functions that the library must have.

    Examples
    --------
    >>> find([], []).reason
    'was not built (it needs a C++ compiler when lenet is installed)'
    """
    reasons: list[str] = []
    for folder in folders:
        path = Path(folder) / f"lenet_engine{_SUFFIX}"
        try:
            if path.is_file():
                return Found(_loaded(path, functions))
        except (OSError, LenetError) as error:
            text = " ".join(str(error).split())
            reasons.append(text if str(path) in text else f"{path}: {text}")
    if not reasons:
        return Found(None, NOT_BUILT)
    return Found(None, f"cannot be used ({'; '.join(reasons)}); install lenet again to build it")


def _loaded(path: Path, functions: Iterable[str]) -> ctypes.CDLL:
    """Load a library, and ask for its number before any other function is called."""
    _check_complete(path)
    library = ctypes.CDLL(str(path))
    if not hasattr(library, "lenet_interface"):
        raise LenetError("it is of an older version of lenet, or no engine")
    library.lenet_interface.restype, library.lenet_interface.argtypes = ctypes.c_int, []
    if (number := library.lenet_interface()) != INTERFACE:
        raise LenetError(f"its interface has the number {number}, this version calls {INTERFACE}")
    if absent := [name for name in functions if not hasattr(library, name)]:
        raise LenetError(f"it lacks the function {absent[0]}")
    return library


def _check_complete(path: Path) -> None:
    """Refuse an ELF file that is cut short: the loader would map it, and the process would crash.

    Source: the ELF-64 object file format: the program headers give each segment's place.
    """
    with path.open("rb") as file:
        head = file.read(64)
        size = file.seek(0, 2)
        if len(head) < 64:
            raise LenetError(f"the file is too short: {len(head)} bytes")
        if head[:5] != b"\x7fELF\x02" or head[5] != 1:  # another system's; its loader checks it
            return
        (start,), (entry, count) = unpack_from("<Q", head, 32), unpack_from("<HH", head, 54)
        file.seek(min(start, size))
        table = file.read(entry * count)
    segments = [unpack_from("<IIQQQQ", table, at) for at in range(0, len(table) - 47, entry or 56)]
    ends = [offset + length for kind, _, offset, _, _, length in segments if kind == _ELF_LOAD]
    if len(segments) < count or max(ends, default=0) > size:
        raise LenetError("the file is cut short")
