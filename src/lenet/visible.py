r"""Writes characters that a terminal acts on as escapes, so that a name is only ever a name.

Names of classes, layers and files come from others. Printed raw, an escape sequence in them
could move the cursor, change the colours or the title of a terminal, or hide what is printed.
"""

import re

# Control characters of ASCII and of Latin-1 (U+009B begins an escape sequence too), separators of
# lines, and the characters that change the direction of writing. Joiners and accents are no danger.
_ACTS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_ALL = re.compile(f"[{_ACTS}\t\n]")
_BUT_LINES = re.compile(f"[{_ACTS}]")


def visible(text: str, lines: bool = False) -> str:
    r"""Return a text with such characters written as in Python, such as ``\x1b``.

    Parameters
    ----------
    lines
        True keeps line ends and tabs, for texts of several lines.

    Examples
    --------
    >>> print(visible("seven\x1b[2J.png"), visible("a\nb"), visible("Zürich 你好"))
    seven\x1b[2J.png a\nb Zürich 你好
    """
    return (_BUT_LINES if lines else _ALL).sub(lambda found: repr(found[0])[1:-1], text)
