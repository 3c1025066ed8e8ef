"""Lets one process at a time train into a run folder.

The lock is the operating system's own, on a file in the folder: it ends with the process, however
that ended, so no lock is ever stale. The file is removed when the training ends.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from lenet.errors import LenetError

FILE = ".training.lock"


@contextmanager
def locked(folder: Path) -> Generator[None, None, None]:
    """Hold the lock of a run folder, which must exist.

    Raises
    ------
    LenetError
        Another process, or another thread of this one, trains into the folder.
    OSError
        The folder cannot be written.

    Examples
    --------
    >>> from lenet.ending.temporary import temporary_folder
    >>> with temporary_folder() as folder, locked(folder):
    ...     with locked(folder):  # doctest: +ELLIPSIS
    ...         pass
    Traceback (most recent call last):
    lenet.errors.LenetError: ...lenet-... is being trained by process ...; wait until it ends, ...
    """
    from filelock import FileLock, Timeout

    path = folder / FILE
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LenetError(
            f"{folder} is being trained by {_holder(path)}; wait until it ends, "
            "or train into another folder"
        ) from None
    try:
        _write_holder(path)
        yield
    finally:
        # Removed while it is held: a process that opened it before then finds no name to hold. On
        # Windows it cannot be removed before it is free.
        with suppress(OSError):
            path.unlink()
        lock.release()
        if os.name == "nt":
            with suppress(OSError):
                path.unlink()


# The first byte is left alone: Windows locks it against reading.


def _write_holder(path: Path) -> None:
    opened = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(opened, 1)
        os.lseek(opened, 1, os.SEEK_SET)
        os.write(opened, str(os.getpid()).encode())
    finally:
        os.close(opened)


def _holder(path: Path) -> str:
    """Return the process that holds the lock, for a message."""
    with suppress(OSError, ValueError):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.lseek(opened, 1, os.SEEK_SET)
            return f"process {int(os.read(opened, 20))}"
        finally:
            os.close(opened)
    return "another process"
