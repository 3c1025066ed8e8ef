"""Writes files completely or not at all: under a temporary name, then renamed."""

import json
import os
import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lenet.ending.owner import PATTERN, is_dead, new_name

_PART = re.compile(rf"\..*\.(?P<owner>{PATTERN})\.part", re.DOTALL)
_LONGEST = 200  # bytes of a file's name that its temporary name repeats; most systems allow 255

_swept: set[Path] = set()


@contextmanager
def whole_file(path: Path, sync: bool = True) -> Generator[Path, None, None]:
    """Give a temporary path in the folder of `path`; rename it to `path` if the block succeeds.

    If the block is interrupted or raises an exception, for instance because the disk is full, the
    old file is unchanged and the temporary file is removed. Each of several processes that write
    the same file has its own temporary file. Those of processes that were killed are removed when
    the folder is first written to.

    Parameters
    ----------
    sync
        True waits until the disk has the content, so that a power cut too leaves the old file or
        the new one. False is for files that can be made again.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    if path.parent not in _swept:
        _swept.add(path.parent)
        sweep(path.parent)
    begin = os.fsdecode(os.fsencode(path.name)[:_LONGEST])
    part = path.with_name(f".{begin}.{new_name()}.part")
    try:
        # The tempfile module would create a file that other users cannot read.
        part.touch(exist_ok=False)
        yield part
        if sync:
            _sync(part)
        part.replace(path)
        if sync and os.name == "posix":  # elsewhere a folder cannot be opened
            with suppress(OSError):  # some file systems have nothing to do for a folder, and say so
                _sync(path.parent)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a failed write does not name its file
        with suppress(OSError):
            part.unlink()
        raise


def _sync(path: Path) -> None:
    # Windows syncs only what is open for writing; a folder is open for reading only.
    opened = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sweep(folder: Path) -> list[Path]:
    """Remove the temporary files that killed processes have left in a folder; return them."""
    removed: list[Path] = []
    try:
        names = os.listdir(folder)  # noqa: PTH208 names
    except OSError:
        return removed
    for name in names:
        found = _PART.fullmatch(name)
        if found is not None and is_dead(found["owner"]):
            with suppress(OSError):
                (folder / name).unlink()
                removed.append(folder / name)
    return removed


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text; errors as for `whole_file`."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON; errors as for `whole_file`, and a ValueError for NaN or infinity."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
