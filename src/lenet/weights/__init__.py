"""Finds the trained networks that ship with the package; each has a folder here."""

from pathlib import Path

from lenet.names import TRAINED_ALIASES

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of the networks that ship, in alphabetical order."""
    return tuple(sorted(config.parent.name for config in FOLDER.glob("*/config.json")))


def shipped(name: str) -> Path | None:
    """Return the folder of the network that ships as `name`, which may be an alias.

    Examples
    --------
    >>> shipped("LeNet-5").name
    'lecun1998'
    >>> shipped("no such network") is None
    True
    """
    found = TRAINED_ALIASES.get(name.lower(), name)
    return FOLDER / found if found in names() else None
