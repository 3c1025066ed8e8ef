"""Writes the service's log so that no client can write lines or signs of its own into it."""

import logging
import re
from typing import Any

# Control characters, among them the escape of a terminal; line ends of Unicode; marks that turn the
# direction of a text.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return a text for the log: one line for each of its lines, all but the first indented.

    Examples
    --------
    >>> print(printable("GET /\x1b[31m\nlenet: all is well"))
    GET /\x1b[31m
        lenet: all is well
    """
    safe = _UNSAFE.sub(lambda one: one[0].encode("unicode_escape").decode(), text)
    return safe.replace("\n", "\n    ")


class Formatter(logging.Formatter):
    """Formats a record, also the traceback of a defect, as `printable` text."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        return printable(super().format(record))


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"safe": {"()": Formatter, "format": "%(levelname)s: %(message)s"}},
    "handlers": {
        "errors": {
            "class": "logging.StreamHandler",
            "formatter": "safe",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"handlers": ["errors"], "level": "ERROR"},
}
"""The configuration of Python's logging: errors go to standard error."""
