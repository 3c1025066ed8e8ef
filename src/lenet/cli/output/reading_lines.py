"""Numbers that were read as lines of text, for files and pipes, and as JSON."""

from lenet.cli.output.answer_lines import NOT_SURE, json_line, printable
from lenet.reading.reader import Reading

NO_NUMBER = "no number"

DOUBTFUL = 0.9
"""A digit that is less sure is marked where there are colours."""


def in_words(reading: Reading) -> str:
    """Write a number and how sure it is: ``417 99.2%``, ``not sure: 417 61.0%``, ``no number``."""
    if not reading.text:
        return NO_NUMBER
    doubt = f"{NOT_SURE}: " if reading.rejected else ""
    return f"{doubt}{reading.text} {reading.confidence:.1%}"


def as_text(name: str, reading: Reading) -> str:
    """Write what was read in the picture called `name` as one line."""
    return printable(f"{name}: {in_words(reading)}")


def as_json(name: str, reading: Reading) -> str:
    """Write the same as one line of JSON."""
    return json_line(
        {
            "path": name,
            "text": reading.text,
            "confidence": round(reading.confidence, 6),
            "rejected": reading.rejected,
            "digits": [
                {"text": one.text, "confidence": round(one.confidence, 6), "box": list(one.box)}
                for one in reading.digits
            ],
        }
    )
