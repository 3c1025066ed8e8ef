"""Files that are whole or not there: written under another name, then renamed."""

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any


@contextmanager
def whole_file(path: Path) -> Generator[Path, None, None]:
    """Give a temporary path beside `path`; rename it to `path` if the block ends well.

    Whatever stops the block (a full disk, an interrupt, an error), the old file stays as it was
    and the temporary one goes. Two processes that write the same file each have their own.

    Raises
    ------
    OSError
        The folder cannot be written or the disk is full.
    """
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    try:
        # Not tempfile: its 0600 would hide the results from others.
        part.touch(exist_ok=False)
        yield part
        part.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a failed write does not know its file
        with suppress(OSError):
            part.unlink()
        raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON, whole or not at all. NaN has no place in JSON and raises ValueError."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
