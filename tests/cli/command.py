"""Run the command line in a test: in its own process, or in a real one, half a second slower."""

import io
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

from lenet.cli import main


def lenet(
    *arguments: str | bytes | Path, input: bytes | str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Call ``lenet ARGUMENTS``; a traceback fails the test.

    Parameters
    ----------
    input
        The content of standard input; by default it is empty.
    """
    words = [os.fsdecode(one) for one in arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stdin:
        stdin.buffer.write(input.encode() if isinstance(input, str) else input or b"")
        stdin.seek(0)
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            mock.patch.object(sys, "stdin", stdin),
            mock.patch.object(sys, "argv", ["lenet", *words]),
            mock.patch.dict(os.environ),
        ):
            try:
                main()
            except SystemExit as error:
                code = error.code
    assert isinstance(code, int)
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # pyright: ignore[reportAttributeAccessIssue] a BytesIO
    return subprocess.CompletedProcess(words, code, *texts)


def process(*arguments: str | bytes | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run ``lenet ARGUMENTS`` as a process; `options` are those of `subprocess.run`."""
    command = [sys.executable, "-m", "lenet", *map(os.fsdecode, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)
