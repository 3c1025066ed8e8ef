"""Prints readings as a table on the terminal, each row as soon as its picture is read."""

from rich.console import Console
from rich.text import Text

from lenet.cli.output.answer_lines import NOT_SURE, printable
from lenet.cli.output.reading_lines import DOUBTFUL, NO_NUMBER
from lenet.reading.reader import Reading

_NUMBER = 12  # columns; longer numbers push the rest of their row to the right
_PERCENT = len("confidence")
_GAP = "  "


class ReadingTable:
    """Prints one row per picture: the number, its confidence, the picture's name.

    The name is last because it may be long. Digits of lower confidence than `DOUBTFUL` are
    underlined.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun = False

    def add(self, name: str, reading: Reading) -> None:
        """Print the row of the picture called `name`."""
        if not self._begun:
            self._begun = True
            head = "number".ljust(_NUMBER), "confidence", "".ljust(len(NOT_SURE)), "picture"
            self._print(Text(_GAP.join(head), "dim"))
        row = Text()
        for digit in reading.digits:
            sure = "yellow" if reading.rejected else "bold green"
            row.append(digit.text, sure if digit.confidence >= DOUBTFUL else "bold underline red")
        if not reading.text:
            row.append(NO_NUMBER, "dim")
        row.append(" " * (_NUMBER - len(row)))
        confidence = f"{reading.confidence:.1%}" if reading.text else ""
        doubt = NOT_SURE if reading.text and reading.rejected else ""
        row.append(_GAP + confidence.rjust(_PERCENT) + _GAP)
        row.append(doubt.ljust(len(NOT_SURE)), "yellow")
        row.append(_GAP + printable(name))
        self._print(row)

    def _print(self, row: Text) -> None:
        self._console.print(row, soft_wrap=True)
