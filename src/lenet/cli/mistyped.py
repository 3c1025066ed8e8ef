"""Notices a first word that is meant as a network but names none."""

import os
import re
from pathlib import Path

from lenet import weights
from lenet.artifact import CONFIG
from lenet.errors import LenetError, did_you_mean
from lenet.names import TRAINED_ALIASES
from lenet.pictures.find_files import STDIN

_CHECKPOINT = "checkpoint"
_FILE_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,4}", re.IGNORECASE)


def check_first_word(word: str) -> None:
    """Refuse a first word that names neither a network nor a picture.

    Otherwise the default network would answer the pictures that follow. A missing file with a
    suffix such as ``.png`` or ``.pdf`` is a picture that cannot be read, which is reported later.

    Raises
    ------
    LenetError
        The word names nothing and looks like a network, or it is a run without a trained network.
    """
    path = Path(word)
    if (path / _CHECKPOINT).is_dir() and not (path / CONFIG).is_file():
        raise LenetError(
            f"{word} is a run without a trained network; continue it: lenet train --resume {word}"
        )
    is_pattern = any(sign in word for sign in "*?[")
    is_file = _FILE_SUFFIX.fullmatch(path.suffix) is not None
    if word == STDIN or is_pattern or is_file or os.path.lexists(word):
        return
    known = weights.names()
    raise LenetError(
        f"there is no run, no picture and no folder called {word}, nor a network that comes with "
        f"lenet ({', '.join(known)})."
        + did_you_mean(word, [*known, *TRAINED_ALIASES, *_near(path)])
    )


def _near(path: Path) -> list[str]:
    """Return the entries of the folder in which `path` would lie, named as `path` is."""
    try:
        return [str(path.parent / entry) for entry in os.listdir(path.parent)]  # noqa: PTH208 names
    except OSError:
        return []
