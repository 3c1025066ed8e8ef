"""Lets child processes end when their parent does, however it ended, SIGKILL included."""

import os
import subprocess
import sys
import threading
from multiprocessing import connection, parent_process
from pathlib import Path

_CHECK_SECONDS = 1.0


def end_with_parent() -> None:
    """End this process, which `multiprocessing` has started, as soon as its parent has ended.

    Otherwise the processes of a pool would wait for work for ever.
    """
    parent = parent_process()
    if parent is None:
        return
    sentinel, number = parent.sentinel, os.getppid()

    def watch() -> None:
        # The number is for parents whose end of the pipe a sibling still holds.
        while not connection.wait([sentinel], _CHECK_SECONDS) and os.getppid() == number:
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_watched(command: list[str], folder: Path, seconds: float) -> "tuple[int, str, str]":
    """Run a program in a folder, without input; return its exit code, output and errors.

    The program and its own children end with this process: another process (`lenet.ending.watched`)
    waits for both.

    Raises
    ------
    subprocess.TimeoutExpired
        It took longer than `seconds`, and has been ended.
    OSError
        It cannot be started.
    """
    # -P, because the folder's files must not be imported; -m would look there first.
    watched = [sys.executable, "-P", str(Path(__file__).with_name("watched.py")), *command]
    with subprocess.Popen(
        watched,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdin is not None
        try:
            # The pipe to the watcher stays open: it ends the program when the pipe is closed.
            out, errors = _output(process, seconds)
        except BaseException:
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    return process.returncode, out, errors


def _output(process: "subprocess.Popen[str]", seconds: float) -> tuple[str, str]:
    """Read both streams to their end; `communicate` would close standard input."""
    texts = ["", ""]

    def read(number: int) -> None:
        stream = (process.stdout, process.stderr)[number]
        assert stream is not None
        texts[number] = stream.read()

    threads = [threading.Thread(target=read, args=(n,), daemon=True) for n in range(2)]
    for thread in threads:
        thread.start()
    process.wait(seconds)
    for thread in threads:
        thread.join(1)
    return texts[0], texts[1]
