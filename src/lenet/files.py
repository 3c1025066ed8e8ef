"""Writes files completely or not at all: under a temporary name, then renamed."""

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any


@contextmanager
def whole_file(path: Path) -> Generator[Path, None, None]:
    """Give a temporary path in the folder of `path`; rename it to `path` if the block succeeds.

    If the block is interrupted or raises an exception, for instance because the disk is full, the
    old file is unchanged and the temporary file is removed. Each of several processes that write
    the same file has its own temporary file.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        # The tempfile module would create a file that other users cannot read.
        part.touch(exist_ok=False)
        yield part
        part.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a failed write does not name its file
        with suppress(OSError):
            part.unlink()
        raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text; errors as for `whole_file`."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON; errors as for `whole_file`, and a ValueError for NaN or infinity."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
