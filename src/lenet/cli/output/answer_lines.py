"""Writes answers as lines of text, for files and pipes, and as JSON."""

import json
from typing import Any

from lenet.answers import Answer

NOT_SURE = "not sure"
NONE = "none of these"
SEVERAL = "several"


def as_text(name: str, answer: Answer) -> str:
    """Return one line for the answer to the picture called `name`."""
    (label, probability), *others = answer.top
    rest = [f"{label} {probability:.1%}" for label, probability in others]
    if answer.none is not None:
        rest.append(f"{NONE} {answer.none:.1%}")
    if answer.several:
        return printable(f"{name}: {NOT_SURE}: several digits, use 'lenet read'  (one is {label})")
    doubt = f"{NOT_SURE}: " if answer.rejected else ""
    return printable(f"{name}: {doubt}{label} {probability:.1%}  ({', '.join(rest)})")


def json_line(table: dict[str, Any]) -> str:
    r"""Return one line of JSON, in ASCII if a path has bytes that are not UTF-8.

    Examples
    --------
    >>> print(json_line({"path": "café.png"}), json_line({"path": "caf\udce9.png"}))
    {"path": "café.png"} {"path": "caf\udce9.png"}
    """
    text = json.dumps(table, ensure_ascii=False)
    # Python keeps such bytes as lone surrogates, which JSON can only write as escapes.
    return text if text.isprintable() else json.dumps(table)


def printable(text: str) -> str:
    r"""Escape the characters that a terminal would act on, such as line ends in a file's name.

    Examples
    --------
    >>> print(printable("a\nb\x1b[2J.png"))
    a\nb\x1b[2J.png
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
