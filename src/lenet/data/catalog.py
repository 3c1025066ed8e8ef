"""Holds the data sets known by name; ``catalog.toml`` lists them and explains its fields."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lenet.errors import LenetError, did_you_mean
from lenet.pictures.types import Pictures


@dataclass(frozen=True)
class File:
    """One file of a data set.

    Parameters
    ----------
    name
        The name of the decompressed file.
    sha256
        Hash of the decompressed bytes, if known.
    archive
        The publisher's file: ``name.gz``, or ``archive.zip:member``.
    archive_hash
        ``md5:...`` or ``sha256:...`` of that archive, if `sha256` is not known.
    """

    name: str
    sha256: str | None = None
    archive: str = ""
    archive_hash: str | None = None

    @property
    def remote(self) -> str:
        """The file name on a mirror."""
        return (self.archive or f"{self.name}.gz").partition(":")[0]


@dataclass(frozen=True)
class Entry:
    """One data set.

    Parameters
    ----------
    name, title
        Its name on the command line, and a title for users.
    classes
        The name of each label, in order.
    files
        Training images, training labels, test images, test labels; or a training and a test file
        that hold both images and labels.
    mirrors
        HTTPS addresses of folders with the files.
    train, test, size
        The number of images of each split, and the side of an image in pixels.
    packages
        ``(manager, package, folder inside)`` of packages that hold the files.
    aliases
        Other names of the set's folder in ``LENET_DATA_DIR``.
    first_label
        The label of the first class in the files.
    transposed
        True if images are stored column by column, as in NIST's EMNIST files.
    pictures
        The kind of pictures; it selects the preprocessing of a photo.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    files: tuple[File, ...]
    mirrors: tuple[str, ...]
    licence: str
    homepage: str
    train: int
    test: int
    packages: tuple[tuple[str, str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    size: int = 28
    first_label: int = 0
    transposed: bool = False
    pictures: Pictures = "plain"


def _entry(table: dict[str, Any]) -> Entry:
    files = tuple(File(**one) for one in table.pop("files"))
    packages = tuple(tuple(one) for one in table.pop("packages", ()))
    for key in {"classes", "mirrors", "aliases"} & set(table):
        table[key] = tuple(table[key])
    return Entry(files=files, packages=packages, **table)


_TEXT = Path(__file__).with_name("catalog.toml").read_text(encoding="utf-8")
CATALOG: dict[str, Entry] = {one["name"]: _entry(one) for one in tomllib.loads(_TEXT)["set"]}
"""The known data sets by name."""


def entry_named(name: str) -> Entry:
    """Return the entry of a data set; raises `LenetError` if the name is unknown."""
    if name not in CATALOG:
        raise LenetError(
            f"{name!r} is neither a data set known by name nor a file or folder here; "
            f"'lenet data list' shows the names." + did_you_mean(name, CATALOG)
        )
    return CATALOG[name]
