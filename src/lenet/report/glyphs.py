"""Writes class names as figures can draw them: by fonts that have the signs, or in other signs.

matplotlib's own font, DejaVu Sans, has no Chinese, Japanese, Korean, Thai or Devanagari, and few
emoji. It would draw a box for each.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

_OWN = "DejaVu Sans"
_NORMAL_WEIGHT = 400
_LONGEST_ESCAPED = 24
_UNSEEN = frozenset(("Cf", "Mn", "Me", "Zs"))  # signs that only change others, and spaces


def drawable(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return names that have only signs for which there is a font, and the fonts to draw them with.

    A sign without a font becomes the letters that it is composed of, or its number, as Python
    writes it in a text.

    Returns
    -------
    The names; and font families, the first for all that it has, the others for the rest.
    """
    names = list(names)
    families, known = _fonts(frozenset("".join(names)))
    return [_written(name, known) for name in names], families


def _written(name: str, known: frozenset[int]) -> str:
    if all(ord(sign) in known for sign in name):
        return name
    text = "".join(_replaced(sign, known) for sign in name)
    return text if len(text) <= _LONGEST_ESCAPED else f"{text[: _LONGEST_ESCAPED - 1]}…"


def _replaced(sign: str, known: frozenset[int]) -> str:
    if ord(sign) in known and unicodedata.category(sign) != "Cf":
        return sign
    parts = [one for one in unicodedata.normalize("NFKD", sign) if ord(one) in known]
    letters = "".join(one for one in parts if unicodedata.category(one) not in _UNSEEN)
    if letters:
        return letters
    category = unicodedata.category(sign)
    if category in _UNSEEN:
        return " " if category == "Zs" else ""
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _fonts(signs: frozenset[str]) -> tuple[list[str], frozenset[int]]:
    """Return font families for signs, and the signs that these have."""
    families = [_OWN]
    known = _signs(font_manager.findfont(_OWN))
    missing = {ord(sign) for sign in signs} - known
    for entry in font_manager.fontManager.ttflist if missing else ():
        plain = entry.weight == _NORMAL_WEIGHT and entry.style == "normal"
        # Fonts of coloured bitmaps cannot be drawn.
        if not plain or entry.name in families or "color" in entry.name.casefold():
            continue
        found = _signs(entry.fname)
        if missing & found:
            families.append(entry.name)
            known |= found
            missing -= found
    return families, known


@cache
def _signs(path: str) -> frozenset[int]:
    """Return the signs of a font; none if it cannot be used."""
    try:
        font: Any = FT2Font(path)
        return frozenset(font.get_charmap()) if font.scalable else frozenset()
    except (OSError, RuntimeError, ValueError):  # a damaged font
        return frozenset()
