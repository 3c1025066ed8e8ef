"""Checks and sorts names of classes, and knows the folders that are parts and no classes."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from lenet.errors import LenetError
from lenet.pictures.find_files import natural_order

Section = Literal["train", "validation", "test"]
"""A part of a data set."""

_WORDS: dict[str, Section] = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "test": "test",
    "testing": "test",
    "testset": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}
# Words that add nothing after one of those, as in training_set.
_FILLERS = frozenset(
    ["data", "dataset", "images", "image", "imgs", "img", "pictures", "samples", "set", "split"]
)

# Control characters and separators of lines would break what is printed; surrogates stand for bytes
# that are no text, and cannot be saved. Characters for writing from right to left hide what a name
# is. All others are names: joiners (Persian, emoji), wide spaces, characters newer than Python.
_NO_NAME = frozenset(("Cc", "Cs", "Zl", "Zp"))
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def class_name(name: str, where: str) -> str:
    r"""Return a class's name in the Unicode form NFC, since macOS writes accents in another form.

    Raises
    ------
    LenetError
        The name is empty or has control characters.

    Examples
    --------
    >>> len("cafe\u0301"), len(class_name("cafe\u0301", "scans"))
    (5, 4)
    """
    if (
        not name.strip()
        or any(unicodedata.category(sign) in _NO_NAME for sign in name)
        or not _REORDERING.isdisjoint(name)
    ):
        raise LenetError(f"{where}: {name!r} cannot be a class's name; rename it")
    return unicodedata.normalize("NFC", name)


def in_class_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort class names: whole numbers by value, others in natural order, each once.

    Examples
    --------
    >>> in_class_order(["10", "9", "-1"]), in_class_order(["b10", "b9", "A"])
    (('-1', '9', '10'), ('A', 'b9', 'b10'))
    """
    found = set(names)
    if all(re.fullmatch("-?[0-9]{1,300}", name) for name in found):
        return tuple(sorted(found, key=lambda name: (int(name), name)))
    return tuple(sorted(found, key=natural_order))


def section_of(name: str) -> Section | None:
    """Return the part that a folder's name stands for, or None.

    Examples
    --------
    >>> [section_of(name) for name in ("Train", "seg_test", "validation_set", "trainers")]
    ['train', 'test', 'validation', None]
    """
    words = re.findall(r"[^\W\d_]+", name.casefold())
    while len(words) > 1 and words[-1] in _FILLERS:
        words.pop()
    return _WORDS.get(words[-1]) if words else None


def is_plain_section(name: str) -> bool:
    """Return whether a name is that of a part and nothing else: ``Train``, not ``seg_train``."""
    return name.casefold() in _WORDS
