"""Reads the USPS digits from LIBSVM text.

A line is ``label index:value ...``. An index is a pixel, from 1; a value runs from -1 (paper) to 1
(ink).
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.errors import LenetError

_SIDE = 16


def read_usps(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return uint8 images ``[N, 16, 16]`` and labels from 1 (the digit 0) to 10 (the digit 9).

    Raises
    ------
    LenetError
        A line is not ``label index:value ...``, or a value is out of range.
    """
    rows: list[tuple[int, NDArray[np.float64]]] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                rows.append(_parse(line))
            except (ValueError, IndexError) as error:
                raise LenetError(f"{path}, line {number}: not LIBSVM data") from error
    pixels = np.round((np.array([image for _, image in rows]) + 1) * 127.5)
    labels = np.array([label for label, _ in rows], np.int64)
    return pixels.reshape(-1, _SIDE, _SIDE).astype(np.uint8), labels


def _parse(line: bytes) -> tuple[int, NDArray[np.float64]]:
    label, *pairs = line.split()
    image = np.zeros(_SIDE * _SIDE)
    for pair in pairs:
        index, _, text = pair.partition(b":")
        place, value = int(index) - 1, float(text)
        if place < 0 or not -1 <= value <= 1:
            raise ValueError
        image[place] = value
    number = int(label)
    if not 1 <= number <= 10:
        raise ValueError
    return number, image
