"""Silences warnings in several threads at once."""

import warnings
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from threading import Lock


class NoWarnings:
    """Silences warnings while at least one thread is inside, and restores the filters afterwards.

    The filters belong to the whole process. `warnings.catch_warnings` in several threads at once
    restores them in the wrong order and leaves "ignore" behind.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._filters = ExitStack()

    @contextmanager
    def __call__(self) -> Generator[None, None, None]:
        """Silence warnings for one thread."""
        with self._lock:
            if self._inside == 0:
                self._filters.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    self._filters.close()


no_warnings = NoWarnings()
