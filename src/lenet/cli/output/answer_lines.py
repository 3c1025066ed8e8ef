"""Answers as lines of text, for files and pipes, and as JSON."""

import json
from typing import Any

from lenet.answers import Answer

NOT_SURE = "not sure"
NONE = "none of these"


def as_text(name: str, answer: Answer) -> str:
    """Write an answer as one line."""
    (label, probability), *others = answer.top
    rest = [f"{label} {share:.1%}" for label, share in others]
    if answer.none is not None:
        rest.append(f"{NONE} {answer.none:.1%}")
    doubt = f"{NOT_SURE}: " if answer.rejected else ""
    return printable(f"{name}: {doubt}{label} {probability:.1%}  ({', '.join(rest)})")


def as_json(name: str, answer: Answer) -> str:
    """Write an answer as one line of JSON."""
    top = [{"label": label, "probability": round(share, 6)} for label, share in answer.top]
    table: dict[str, Any] = {"path": name, **top[0], "rejected": answer.rejected, "top": top}
    if answer.none is not None:
        table["none"] = round(answer.none, 6)
    return json_line(table)


def json_line(table: dict[str, Any]) -> str:
    """Write one line of JSON; in ASCII where a path has bytes that are no UTF-8."""
    text = json.dumps(table, ensure_ascii=False)
    # Python keeps such bytes as lone surrogates, which JSON can only write as escapes.
    return text if text.isprintable() else json.dumps(table)


def printable(text: str) -> str:
    r"""Write what a terminal would act on, or a line end in a file's name, as ``\n`` and so on."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
