"""Lists the folders below a folder and their pictures.

Links are followed; system folders are left out.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lenet.pictures.find_files import natural_order
from lenet.pictures.types import SUFFIXES, is_hidden


@dataclass
class Folder:
    """A folder.

    Parameters
    ----------
    images
        The pictures directly in it, sorted by path.
    folders
        The folders in it, in natural order.
    others
        Counts, by suffix, the other files directly in it; hidden files do not count.
    total
        The number of pictures in it and below.
    """

    path: Path
    images: list[Path] = field(default_factory=list[Path])
    folders: "list[Folder]" = field(default_factory=list["Folder"])
    others: Counter[str] = field(default_factory=Counter[str])
    total: int = 0

    @property
    def name(self) -> str:
        """Its name."""
        return self.path.name

    @property
    def filled(self) -> "list[Folder]":
        """The folders in it that hold pictures."""
        return [folder for folder in self.folders if folder.total]

    def all_images(self) -> list[Path]:
        """Return the pictures in it and below, sorted by path."""
        return sorted(path for folder in self._below() for path in folder.images)

    def all_others(self) -> Counter[str]:
        """Count, by suffix, the files in it and below that are not pictures."""
        return sum((folder.others for folder in self._below()), Counter[str]())

    def _below(self) -> "list[Folder]":
        # A list instead of recursion, because folders may be nested deeper than Python's limit.
        found: list[Folder] = []
        waiting: list[Folder] = [self]
        while waiting:
            found.append(waiting.pop())
            waiting += found[-1].folders
        return found


def scan(root: Path) -> Folder:
    """List `root` and all that is below.

    A link to a folder is followed, unless it leads to a folder that it lies in. Within a linked
    folder each other link target is entered once, so that links to each other come to an end.

    Raises
    ------
    PermissionError
        A folder may not be listed.
    """
    top = Folder(root)
    # Each folder with the real paths of the folders around it, and whether a link led there.
    waiting: list[tuple[Folder, tuple[str, ...], bool]] = [(top, (os.path.realpath(root),), False)]
    entered: set[str] = set()
    order = [top]
    while waiting:
        folder, around, linked = waiting.pop()
        with os.scandir(folder.path) as found:
            entries = sorted(found, key=lambda entry: natural_order(entry.name))
        for entry in entries:
            if is_hidden(entry.name):
                continue
            path = folder.path / entry.name
            if not _is_folder(entry):
                _add_file(folder, path, entry)
                continue
            real = os.path.realpath(path)
            if entry.is_symlink():
                if any(f"{one}{os.sep}".startswith(real.rstrip(os.sep) + os.sep) for one in around):
                    continue
                if linked and real in entered:
                    continue
                entered.add(real)
            inner = Folder(path)
            folder.folders.append(inner)
            order.append(inner)
            waiting.append((inner, (*around, real), linked or entry.is_symlink()))
        folder.images.sort()
    for folder in reversed(order):  # those inside come after
        folder.total = len(folder.images) + sum(inner.total for inner in folder.folders)
    return top


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _add_file(folder: Folder, path: Path, entry: os.DirEntry[str]) -> None:
    suffix = path.suffix.lower()
    # A broken link counts as a picture, so that it is named when it cannot be read. A pipe or a
    # device would be waited for.
    broken = entry.is_symlink() and not os.path.exists(path)  # noqa: PTH110 Path.exists raises for loops
    if suffix in SUFFIXES and (broken or entry.is_file()):
        folder.images.append(path)
    else:
        folder.others[suffix] += 1
