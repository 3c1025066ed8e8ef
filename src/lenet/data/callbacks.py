"""Defines callbacks for messages and progress, for instance while data is loaded."""


class DataCallbacks:
    """Receives messages and progress, for instance while data is loaded.

    This class ignores them; a subclass overrides the methods it needs.
    """

    def on_message(self, text: str) -> None:
        """Receive one line of text, such as the name of a file that was left out."""

    def on_progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """Receive the progress of some work: `done` of `total` units, such as ``bytes``.

        `total` is None if it is unknown. The last call of a piece of work has ``done == total``.
        """


SILENT = DataCallbacks()
"""Callbacks that ignore messages and progress."""
