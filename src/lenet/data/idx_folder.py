"""Reads folders of IDX files, named as those of MNIST."""

import re
from pathlib import Path

from lenet.data.class_names import Section
from lenet.data.found import Found, Labelled, labelled_array
from lenet.data.idx import read_idx
from lenet.data.labels import names_of
from lenet.errors import LenetError

_IDX_FILE = re.compile(
    r".*?(?P<part>train|t10k|test)-(?P<kind>images|labels)([-.](idx\d|ubyte|gz|bz2|xz).*)?",
    re.IGNORECASE,
)
_SECTIONS: tuple[Section, ...] = ("train", "test")


def is_idx_folder(root: Path) -> bool:
    """Return whether a folder holds IDX files of images or labels."""
    return bool(_idx_files(root))


def find_in_idx_folder(root: Path) -> Found:
    """Read a folder of IDX files (``train-images-idx3-ubyte`` and so on, compressed or not).

    Raises
    ------
    LenetError
        A file is missing or damaged, or images and labels do not fit together.
    """
    source = str(root.resolve())
    arrays = {key: read_idx(path) for key, path in _idx_files(root).items()}
    parts: dict[Section, Labelled] = {}
    for section in _SECTIONS:
        if _complete(root, section, {kind for part, kind in arrays if part == section}):
            names = names_of(arrays[section, "labels"], source)
            parts[section] = labelled_array(arrays[section, "images"], names, section, source)
    return Found(root.resolve().name, source, parts)


def _complete(root: Path, section: Section, kinds: set[str]) -> bool:
    if len(kinds) != 1:
        return bool(kinds)
    if section == "train":
        missing = "labels" if kinds == {"images"} else "images"
        raise LenetError(f"{root}: no IDX file of training {missing} (train-{missing}-…)")
    raise LenetError(f"{root}: test images and test labels must come together")


def _idx_files(root: Path) -> dict[tuple[Section, str], Path]:
    found: dict[tuple[Section, str], Path] = {}
    for path in sorted(root.iterdir()):
        match = _IDX_FILE.fullmatch(path.name)
        if match and path.is_file() and not path.name.startswith("."):
            part: Section = "train" if match["part"].lower() == "train" else "test"
            found.setdefault((part, match["kind"].lower()), path)
    return found
