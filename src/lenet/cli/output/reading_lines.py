"""Writes readings, the numbers read in pictures, as lines of text for files and pipes."""

from lenet.cli.output.answer_lines import NOT_SURE, printable
from lenet.reading.reader import Reading

NO_NUMBER = "no number"

DOUBTFUL = 0.9
"""Digits of lower confidence are marked where there are colours."""


def as_text(name: str, reading: Reading) -> str:
    """Return one line, such as ``x.png: 417 99.2%`` or ``x.png: not sure: 417 61.0%``."""
    doubt = f"{NOT_SURE}: " if reading.rejected else ""
    words = f"{doubt}{reading.text} {reading.confidence:.1%}" if reading.text else NO_NUMBER
    return printable(f"{name}: {words}")
