"""What a command line names as pictures: files, folders, patterns, standard input."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from glob import iglob
from io import RawIOBase
from pathlib import Path

from lenet.pictures.image import ImageError
from lenet.pictures.standard_input import image_or_paths
from lenet.pictures.types import SUFFIXES

STDIN = "-"


@dataclass(frozen=True)
class Picture:
    """One picture to be read.

    Parameters
    ----------
    name
        As it was given; of one in a folder, the folder as it was given and its path in there.
    content
        Where it is, or its bytes, or why there is none.
    """

    name: str
    content: Path | bytes | ImageError


def find_pictures(
    names: Iterable[str],
    stdin: RawIOBase | None,
    skipped: Counter[str],
    without: Path | None = None,
) -> Iterator[Picture]:
    """Find the pictures that `names` name, in their order; no file is opened.

    A folder stands for the pictures in it and in its subfolders, in natural order: they are known
    by their suffixes; what is hidden and links to folders are left out. A name that does not exist
    and has ``*``, ``?`` or ``[`` is a pattern, in which ``**`` is any number of folders. ``-`` is
    standard input: the bytes of one image or, if it begins with text, names of files and folders,
    one a line.

    Parameters
    ----------
    stdin
        Standard input; None if it is closed.
    skipped
        Counts, by suffix, the files in folders that are not pictures.
    without
        A folder that is left out where it lies within another.

    Yields
    ------
    Pictures; what is not there is one with an error for its content.
    """
    for name in names:
        if name == STDIN:
            yield from _in_standard_input(stdin, skipped, without)
        elif any(sign in name for sign in "*?[") and not os.path.lexists(name):
            yield from _matching(name, skipped, without)
        else:
            yield from _named(name, skipped, without)


def _in_standard_input(
    stdin: RawIOBase | None, skipped: Counter[str], without: Path | None
) -> Iterator[Picture]:
    try:
        content = image_or_paths(stdin)
        if isinstance(content, bytes):
            yield Picture(STDIN, content)
            return
        for name in content:
            yield from _named(name, skipped, without)
    except ImageError as error:
        yield Picture(STDIN, error)


def _matching(pattern: str, skipped: Counter[str], without: Path | None) -> Iterator[Picture]:
    found = iglob(pattern, recursive=True)  # noqa: PTH207 Path.glob takes no absolute patterns
    matches = sorted(found, key=_natural)
    if "**" in pattern:  # matches folders and what is in them: each picture counts once
        matches = [name for name in matches if not _is(Path.is_dir, name)]
    if not matches:
        yield Picture(pattern, ImageError(f"{pattern}: no file matches this pattern"))
    for name in matches:
        yield from _named(name, skipped, without)


def _named(name: str, skipped: Counter[str], without: Path | None) -> Iterator[Picture]:
    if not _is(Path.is_dir, name):
        yield Picture(name, Path(name))
        return
    empty = True
    for picture in _inside(name, skipped, without):
        empty = False
        yield picture
    if empty:
        yield Picture(name, ImageError(f"{name}: there are no pictures in this folder"))


def _inside(folder: str, skipped: Counter[str], without: Path | None) -> Iterator[Picture]:
    # A stack, not recursion: folders may be nested deeper than Python calls.
    waiting = [(folder, True)]
    while waiting:
        name, is_folder = waiting.pop()
        suffix = Path(name).suffix.lower()
        if is_folder:
            try:
                waiting += reversed(_entries(name, without))
            except OSError as error:
                yield Picture(name, ImageError(f"{name}: cannot be listed ({error.strerror})"))
        elif suffix in SUFFIXES and not _is(Path.is_fifo, name):
            yield Picture(name, Path(name))
        else:
            skipped[suffix] += 1


def _entries(folder: str, without: Path | None) -> list[tuple[str, bool]]:
    """List what is in a folder, and whether it is one to look into."""
    with os.scandir(folder) as found:
        visible = [entry for entry in found if not entry.name.startswith(".")]
    left_out = None if without is None else without.resolve()
    return [
        (entry.path, is_folder)
        for entry in sorted(visible, key=lambda entry: _natural(entry.name))
        if not (is_folder := _is(Path.is_dir, entry.path))
        or not (entry.is_symlink() or Path(entry.path).resolve() == left_out)
    ]


def _is(question: Callable[[Path], bool], name: str) -> bool:
    try:
        return question(Path(name))
    except OSError:  # what cannot even be asked is named when it cannot be opened
        return False


def _natural(name: str) -> tuple[list[str | int], str]:
    """Sort "9.png" before "10.png"."""
    parts = re.split("([0-9]+)", name.casefold())
    return [int(part) if k % 2 else part for k, part in enumerate(parts)], name
