"""Answers as rows in a terminal, which appear as they are given."""

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from lenet.answers import Answer
from lenet.cli.output.answer_lines import NONE, NOT_SURE, printable

_NAME = (18, 44)  # least and greatest widths
_LABEL = 16
_PERCENT = 6  # "100.0%"
_NARROW = 60
_GAP = "  "
# How many of the likeliest classes and how long their bars, the best first.
_LAYOUTS = ((3, 10), (3, 6), (2, 8), (2, 5), (1, 10), (1, 5))
_EIGHTHS = "▏▎▍▌▋▊▉█"


class AnswerTable:
    """Prints one row an answer: the picture, what it shows, and the likeliest classes with bars.

    The widths follow from the class names and the terminal alone, so that no row has to wait for
    the next. Where it is narrow, bars are shorter and the less likely classes are left out.

    Parameters
    ----------
    console
        The terminal.
    classes
        The names of the network's classes.
    asks_none
        The network tells how likely it is that an image is none of them.
    """

    def __init__(self, console: Console, classes: tuple[str, ...], asks_none: bool) -> None:
        self._console = console
        self._none = (
            (NONE if console.width >= _NARROW else "none".rjust(_PERCENT)) if asks_none else ""
        )
        self._blocks = console.encoding.startswith("utf")
        longest = max(cell_len(printable(name)) for name in classes)
        self._label = min(longest, _LABEL)
        self._answer = max(self._label, len(NOT_SURE))
        self._begun = False
        free = console.width - self._answer - len(_GAP)
        if asks_none:
            free -= len(_GAP) + len(self._none)
        self._shown, self._bar = next(
            (layout for layout in _LAYOUTS if free - self._width(*layout) >= _NAME[0]),
            _LAYOUTS[-1],
        )
        rest = free - self._width(self._shown, self._bar)
        self._name = min(max(rest, 1), _NAME[1])

    def _width(self, shown: int, bar: int) -> int:
        label = self._label + 1 if shown > 1 else 0  # a single one is the answer's
        return shown * (len(_GAP) + label + bar + 1 + _PERCENT)

    def add(self, name: str, answer: Answer) -> None:
        """Print the row of the picture called `name`."""
        if not self._begun:
            self._head()
        said, style = (NOT_SURE, "yellow") if answer.rejected else (answer.label, "bold green")
        row = Text(_end_of(printable(name), self._name) + _GAP)
        row.append(_cut(said, self._answer), style)
        for rank, (label, share) in enumerate(answer.top[: self._shown]):
            row.append(_GAP + (_cut(label, self._label) + " " if self._shown > 1 else ""))
            row.append(self._drawn(share), "cyan" if rank == 0 else "blue")
            row.append(f" {share:{_PERCENT}.1%}", "" if rank == 0 else "dim")
        if answer.none is not None:
            row.append(_GAP + f"{answer.none:.1%}".rjust(len(self._none)))
        self._print(row)

    def _head(self) -> None:
        self._begun = True
        row = set_cell_size("picture", self._name) + _GAP + set_cell_size("answer", self._answer)
        width = self._width(self._shown, self._bar) - len(_GAP)
        row += _GAP + set_cell_size("likeliest" if self._shown > 1 else "probability", width)
        self._print(Text(row + _GAP + self._none, "dim"))

    def _print(self, row: Text) -> None:
        row.rstrip()
        self._console.print(row, no_wrap=True, overflow="crop", crop=True)

    def _drawn(self, share: float) -> str:
        if not self._blocks:
            return ("#" * round(share * self._bar)).ljust(self._bar)
        whole, eighths = divmod(round(share * self._bar * 8), 8)
        return (_EIGHTHS[-1] * whole + (_EIGHTHS[eighths - 1] if eighths else "")).ljust(self._bar)


def _cut(text: str, width: int) -> str:
    text = printable(text)
    short = text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
    return set_cell_size(short, width)


def _end_of(name: str, width: int) -> str:
    """Shorten a path at its beginning: its end tells it from others."""
    if cell_len(name) > width:
        while cell_len(name) > width - 1:
            name = name[1:]
        name = "…" + name
    return set_cell_size(name, width)
