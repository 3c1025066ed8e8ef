"""Finds the pictures that a command line names: files, folders, patterns, standard input."""

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
from lenet.pictures.types import SUFFIXES, is_hidden

STDIN = "-"


@dataclass(frozen=True)
class Picture:
    """A picture that has been found and not yet read.

    Parameters
    ----------
    name
        The name on the command line; for a picture in a folder, followed by its path in there.
    content
        Its path, its bytes, or an error if there is no picture.
    first, count
        The pages that are meant, if the file has several: `count` from page `first`, which is
        counted from 0. By default all.
    """

    name: str
    content: Path | bytes | ImageError
    first: int = 0
    count: int | None = None


def find_pictures(
    names: Iterable[str],
    stdin: RawIOBase | None,
    skipped: Counter[str],
    excluded: Path | None = None,
) -> Iterator[Picture]:
    """Find the pictures that names stand for, in order, without opening files.

    A folder stands for the pictures in it and in its subfolders, in natural order; hidden files,
    system folders (`is_hidden`) and links to folders are left out. A name that does not exist and
    contains ``*``, ``?`` or ``[`` is a pattern, where ``**`` matches any number of folders. ``-``
    is standard input: the bytes of one image, or text with the name of a file or folder in each
    line.

    Parameters
    ----------
    stdin
        Standard input; None if it is closed.
    skipped
        Counts, by suffix, the files in folders whose suffix is not in `SUFFIXES`.
    excluded
        A folder that is left out when it is inside another.

    Yields
    ------
    Pictures. A name for which there is no picture gives one whose content is an error.

    Examples
    --------
    >>> found = find_pictures(["seven.png", "no*.such"], None, Counter())
    >>> [picture.content for picture in found]
    [PosixPath('seven.png'), ImageError('no*.such: no file matches this pattern')]
    """
    for name in names:
        for path in _paths(name, stdin):
            if isinstance(path, Picture):
                yield path
            elif not _is(Path.is_dir, path):
                yield Picture(path, Path(path))
            else:
                empty = True
                for picture in _inside(path, skipped, excluded):
                    empty = False
                    yield picture
                if empty:
                    error = ImageError(f"{path}: there are no pictures in this folder")
                    yield Picture(path, error)


def _paths(name: str, stdin: RawIOBase | None) -> Iterator[str | Picture]:
    """Yield the files and folders that a name stands for; a picture for an image or an error."""
    if name == STDIN:
        try:
            content = image_or_paths(stdin)
            if isinstance(content, bytes):
                yield Picture(STDIN, content)
            else:
                yield from content
        except ImageError as error:
            yield Picture(STDIN, error)
    elif any(sign in name for sign in "*?[") and not os.path.lexists(name):
        found = iglob(name, recursive=True)  # noqa: PTH207 Path.glob takes no absolute patterns
        matches = sorted(found, key=natural_order)
        if "**" in name:  # it matches folders and the files in them; each picture counts once
            matches = [match for match in matches if not _is(Path.is_dir, match)]
        if not matches:
            yield Picture(name, ImageError(f"{name}: no file matches this pattern"))
        yield from matches
    else:
        yield name


def _inside(folder: str, skipped: Counter[str], excluded: Path | None) -> Iterator[Picture]:
    # A stack instead of recursion, because folders may be nested deeper than Python's limit.
    waiting = [(folder, True)]
    while waiting:
        name, is_folder = waiting.pop()
        suffix = Path(name).suffix.lower()
        if is_folder:
            try:
                waiting += reversed(_entries(name, excluded))
            except OSError as error:
                yield Picture(name, ImageError(f"{name}: cannot be listed ({error.strerror})"))
        elif suffix in SUFFIXES and not _is(Path.is_fifo, name):
            yield Picture(name, Path(name))
        else:
            skipped[suffix] += 1


def _entries(folder: str, excluded: Path | None) -> list[tuple[str, bool]]:
    """List the files and folders in a folder; the second value is True for a folder."""
    with os.scandir(folder) as found:
        visible = [entry for entry in found if not is_hidden(entry.name)]
    left_out = None if excluded is None else excluded.resolve()
    return [
        (entry.path, is_folder)
        for entry in sorted(visible, key=lambda entry: natural_order(entry.name))
        if not (is_folder := _is(Path.is_dir, entry.path))
        or not (entry.is_symlink() or Path(entry.path).resolve() == left_out)
    ]


def _is(question: Callable[[Path], bool], name: str) -> bool:
    try:
        return question(Path(name))
    except OSError:  # the error is reported when the file is opened
        return False


def natural_order(name: str) -> tuple[list[str | int], str]:
    """Return a sort key that puts "9.png" before "10.png"."""
    parts = re.split("([0-9]+)", name.casefold())
    return [int(part) if k % 2 else part for k, part in enumerate(parts)], name
