"""The log, into which clients cannot write lines or signs of their own."""

import logging

import pytest

from lenet.serving.http.logs import Formatter, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with ä and \t", "plain, with ä and \t"),
        ("a\nlenet: all is well", "a\n    lenet: all is well"),
        ("a\r\nb", "a\\r\n    b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31mred", "\\x9b31mred"),
        ("a\x00\x07\x7f", "a\\x00\\x07\\x7f"),
        ("a\u2028b\u202eb\udcff", "a\\u2028b\\u202eb\\udcff"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_traceback_has_no_line_of_a_client() -> None:
    try:
        raise RuntimeError("the name is 'a\n\x1b[2JERROR: forged'")
    except RuntimeError as error:
        where = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "defect for %s", ("\rb",), where)
    lines = Formatter("%(levelname)s: %(message)s").format(record).split("\n")
    assert lines[0] == "ERROR: defect for \\rb"
    assert all(line.startswith("    ") for line in lines[1:])
    assert not any("\x1b" in line for line in lines)
