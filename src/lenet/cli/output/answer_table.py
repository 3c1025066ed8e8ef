"""Prints answers as a table on the terminal, each row as soon as its picture is answered."""

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from lenet.answers import Answer
from lenet.cli.output.answer_lines import NONE, NOT_SURE, SEVERAL, printable

_NAME = (18, 44)  # smallest and greatest width
_LABEL = 16
_PERCENT = len("100.0%")
_NARROW = 60
_GAP = "  "
# The number of classes and the length of their bars; the first that fits is taken.
_LAYOUTS = ((3, 10), (3, 6), (2, 8), (2, 5), (1, 10), (1, 5))
_EIGHTHS = "▏▎▍▌▋▊▉█"


class AnswerTable:
    """Prints one row per picture: its name, the answer, and the likeliest classes with bars.

    The class names and the terminal alone decide the widths, so that no row waits for later ones. A
    narrow terminal gets shorter bars and fewer classes.

    Parameters
    ----------
    classes
        The names of the network's classes.
    has_none
        True if the network has a class "none".
    """

    def __init__(self, console: Console, classes: tuple[str, ...], has_none: bool) -> None:
        self._console = console
        none = NONE if console.width >= _NARROW else "none".rjust(_PERCENT)
        self._none = none if has_none else ""
        self._blocks = console.encoding.startswith("utf")
        self._label = min(max(cell_len(printable(name)) for name in classes), _LABEL)
        self._answer = max(self._label, len(NOT_SURE))
        self._begun = False
        free = console.width - self._answer - len(_GAP)
        if has_none:
            free -= len(_GAP) + len(none)
        self._shown, self._bar = next(
            (layout for layout in _LAYOUTS if free - self._width(*layout) >= _NAME[0]),
            _LAYOUTS[-1],
        )
        rest = free - self._width(self._shown, self._bar)
        self._name = min(max(rest, 1), _NAME[1])

    def _width(self, shown: int, bar: int) -> int:
        label = self._label + 1 if shown > 1 else 0  # a single class is named by the answer
        return shown * (len(_GAP) + label + bar + 1 + _PERCENT)

    def add(self, name: str, answer: Answer) -> None:
        """Print the row of the picture called `name`."""
        if not self._begun:
            self._print_head()
        said, style = (NOT_SURE, "yellow") if answer.rejected else (answer.label, "bold green")
        said = SEVERAL if answer.several else said
        row = Text(_end_of(printable(name), self._name) + _GAP)
        row.append(_cut(said, self._answer), style)
        for rank, (label, probability) in enumerate(answer.top[: self._shown]):
            row.append(_GAP + (_cut(label, self._label) + " " if self._shown > 1 else ""))
            row.append(self._bar_of(probability), "cyan" if rank == 0 else "blue")
            row.append(f" {probability:{_PERCENT}.1%}", "" if rank == 0 else "dim")
        if answer.none is not None:
            row.append(_GAP + f"{answer.none:.1%}".rjust(len(self._none)))
        self._print(row)

    def _print_head(self) -> None:
        self._begun = True
        row = set_cell_size("picture", self._name) + _GAP + set_cell_size("answer", self._answer)
        width = self._width(self._shown, self._bar) - len(_GAP)
        row += _GAP + set_cell_size("likeliest" if self._shown > 1 else "probability", width)
        self._print(Text(row + _GAP + self._none, "dim"))

    def _print(self, row: Text) -> None:
        row.rstrip()
        self._console.print(row, no_wrap=True, overflow="crop", crop=True)

    def _bar_of(self, probability: float) -> str:
        if not self._blocks:
            return ("#" * round(probability * self._bar)).ljust(self._bar)
        whole, eighths = divmod(round(probability * self._bar * 8), 8)
        return (_EIGHTHS[-1] * whole + (_EIGHTHS[eighths - 1] if eighths else "")).ljust(self._bar)


def _cut(text: str, width: int) -> str:
    text = printable(text)
    short = text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
    return set_cell_size(short, width)


def _end_of(name: str, width: int) -> str:
    """Cut a long path at its beginning, because paths of one folder differ at their ends."""
    if cell_len(name) > width:
        while cell_len(name) > width - 1:
            name = name[1:]
        name = "…" + name
    return set_cell_size(name, width)
