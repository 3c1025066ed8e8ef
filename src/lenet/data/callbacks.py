"""How slow or noteworthy work tells of itself, whoever listens: a terminal, a log, nobody."""

from typing import Protocol


class Listener(Protocol):
    """Receives what happens while data is fetched and read."""

    def line(self, text: str) -> None:
        """Receive something worth one line."""

    def progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """Receive that work called `label` stands at `done` of `total` (None if unknown).

        `unit` is ``bytes`` or ``files``. The end is told by ``done == total``.
        """


class Silent:
    """Nobody listens."""

    def line(self, text: str) -> None:
        """Drop it."""

    def progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """Drop it."""


SILENT = Silent()
