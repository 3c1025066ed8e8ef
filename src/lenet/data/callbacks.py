"""Callbacks for progress and messages while data is fetched and read."""


class DataCallbacks:
    """Does nothing; a subclass overrides the methods it needs."""

    def on_message(self, text: str) -> None:
        """Receive one line of text, such as the name of a file that was left out."""

    def on_progress(self, label: str, done: int, total: int | None, unit: str) -> None:
        """Receive the progress of some work: `done` of `total` units, such as ``bytes``.

        `total` is None if it is unknown. The last call of a piece of work has ``done == total``.
        """


SILENT = DataCallbacks()
"""Callbacks that do nothing."""
