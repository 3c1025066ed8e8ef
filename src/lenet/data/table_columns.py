"""Finds out what the columns of a table of pictures hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from pathlib import Path, PureWindowsPath

from lenet.errors import LenetError
from lenet.pictures.types import SUFFIXES

_LABELS = ("label", "labels", "class", "target", "y", "digit", "letter", "category", "class_name")
_SECTIONS = ("split", "part", "subset", "set")
_NO_PIXELS = ("", "id", "index", "unnamed: 0")


@dataclass(frozen=True)
class Columns:
    """What each column holds, by its number.

    Parameters
    ----------
    label
        The column of the labels.
    images
        The columns of the pixels, or the one of the paths.
    paths
        Whether `images` is the column of paths.
    section
        The column that names the part of each row, if there is one.
    header
        1 if the first line names the columns, otherwise 0.
    width
        The number of columns.
    """

    label: int
    images: list[int]
    paths: bool
    section: int | None
    header: int
    width: int


def columns_of(sample: Sequence[list[str]], path: Path) -> Columns:
    """Find the columns of a table by its first line, or its first two.

    Raises
    ------
    LenetError
        There is no column of labels, or the pixels of a row are no square image.
    """
    names = [cell.strip().casefold() for cell in sample[0]]
    width = len(names)
    paths = _picture_names(sample[0])
    header = 0
    below = _picture_names(sample[-1])
    if not paths and (below or not _numbers(names[1:-1]) or set(names) & set(_LABELS)):
        header, paths = 1, below
    section = _first(names, _SECTIONS) if header else None
    label = _first(names, _LABELS) if header else None
    if paths:
        others = [place for place in range(width) if place not in (*paths, section)]
        if label is None and len(others) == 1:
            label = others[0]
        if label is None:
            raise _no_label(path, names)
        return Columns(label, paths[:1], True, section, header, width)
    if header and label is None:
        raise _no_label(path, names)
    if label is None:  # where no line names the columns, the label stands first
        label = width - 1 if not _numbers(names[-1:]) and _numbers(names[:1]) else 0
    images = [
        place
        for place, name in enumerate(names)
        if place not in (label, section) and not (header and name in _NO_PIXELS)
    ]
    if not images or isqrt(len(images)) ** 2 != len(images):
        raise LenetError(
            f"{path}: a row has a label and {len(images):,} other columns, which are no pixels of "
            "a square image, such as 784, and no names of pictures"
        )
    return Columns(label, images, False, section, header, width)


def _picture_names(cells: Sequence[str]) -> list[int]:
    """Return the columns whose cells are names of picture files."""
    # PureWindowsPath knows both slashes.
    return [
        place
        for place, cell in enumerate(cells)
        if PureWindowsPath(cell.strip()).suffix.lower() in SUFFIXES
    ]


def _numbers(cells: Sequence[str]) -> bool:
    try:
        [float(cell) for cell in cells]
    except ValueError:
        return False
    return True


def _first(names: Sequence[str], words: Sequence[str]) -> int | None:
    return next((names.index(word) for word in words if word in names), None)


def _no_label(path: Path, names: Sequence[str]) -> LenetError:
    shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
    return LenetError(f"{path}: no column of labels among {shown}; call it {_LABELS[0]!r}")
