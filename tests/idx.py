"""Writes IDX files for tests."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.data.idx import TYPES


def write_idx(path: Path, array: NDArray[Any]) -> None:
    """Write an array as IDX; compressed with gzip if the name ends in ``.gz``."""
    native = array.dtype.newbyteorder("=")
    code = next(code for code, name in TYPES.items() if np.dtype(name).newbyteorder("=") == native)
    head = bytes([0, 0, code, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    content = head + array.astype(np.dtype(TYPES[code])).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
