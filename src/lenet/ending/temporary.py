"""Makes temporary folders that are removed even if the process is killed: by the next one."""

import os
import shutil
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from lenet.ending.owner import is_dead, new_name

_PREFIX = "lenet-"


def make_folder(kind: str = "") -> Path:
    """Make a folder in the system's temporary folder, which only this user can read.

    Parameters
    ----------
    kind
        A word for its name, such as ``training``.

    Raises
    ------
    OSError
        It cannot be made, for instance because the disk is full.
    """
    middle = f"{kind}-" if kind else ""
    folder = Path(tempfile.gettempdir()) / f"{_PREFIX}{middle}{new_name()}"
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def temporary_folder(kind: str = "") -> Generator[Path, None, None]:
    """Make a folder and remove it at the end of the block; errors as for `make_folder`."""
    folder = make_folder(kind)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> list[Path]:
    """Remove the folders that dead processes of this user have left; return them.

    Examples
    --------
    >>> with temporary_folder() as folder:
    ...     folder in sweep()
    False
    """
    removed: list[Path] = []
    own = os.getuid() if hasattr(os, "getuid") else None
    try:
        with os.scandir(tempfile.gettempdir()) as entries:
            found = [entry for entry in entries if entry.name.startswith(_PREFIX)]
    except OSError:
        return removed
    for entry in found:
        name = entry.name.removeprefix(_PREFIX)
        parts = name.split("-")
        if len(parts) not in (3, 4) or not is_dead("-".join(parts[-3:])):
            continue
        with suppress(OSError):
            found_stat = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(found_stat.st_mode) and own in (None, found_stat.st_uid):
                shutil.rmtree(entry.path, ignore_errors=True)
                removed.append(Path(entry.path))
    return removed
