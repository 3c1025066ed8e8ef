"""Child processes end with their parent, and their output comes back."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from lenet.ending.children import run_watched

PYTHON = sys.executable


def test_output_errors_and_exit_code_come_back(tmp_path: Path) -> None:
    program = "import sys; print('out'); print('wrong', file=sys.stderr); sys.exit(3)"
    assert run_watched([PYTHON, "-c", program], tmp_path, 60) == (3, "out\n", "wrong\n")


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, _, errors = run_watched(["/no/such/program"], tmp_path, 60)
    assert (code, errors) == (127, "/no/such/program: No such file or directory\n")


def test_it_runs_in_the_folder_and_imports_nothing_from_there(tmp_path: Path) -> None:
    (tmp_path / "signal.py").write_text("raise SystemExit('imported')")
    (tmp_path / "subprocess.py").write_text("raise SystemExit('imported')")
    code, out, errors = run_watched(["pwd"], tmp_path, 60)
    assert (code, Path(out.strip()), errors) == (0, tmp_path.resolve(), "")


def gone(number: int) -> bool:
    """Return whether a process has ended, within ten seconds."""
    for _ in range(200):
        with suppress(OSError, IndexError):
            if Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    program = "import os, time; open('number', 'w').write(str(os.getpid())); time.sleep(600)"
    with pytest.raises(subprocess.TimeoutExpired):
        run_watched([PYTHON, "-c", program], tmp_path, 2)
    assert gone(int((tmp_path / "number").read_text()))


PARENT = """
import sys
from pathlib import Path
from lenet.ending.children import run_watched
program = "import os, time; open('number', 'w').write(str(os.getpid())); time.sleep(600)"
run_watched([sys.executable, "-c", program], Path("."), 600)
"""
POOL = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from lenet.ending.children import end_with_parent
if __name__ == "__main__":
    pool = ProcessPoolExecutor(1, get_context("spawn"), end_with_parent)
    number = pool.submit(os.getpid).result()
    open("part", "w").write(str(number))
    os.rename("part", "number")
    time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("program", [PARENT, POOL], ids=["program", "pool"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_with_a_parent_that_is_killed(
    program: str, number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "parent.py").write_text(program)
    with subprocess.Popen([PYTHON, "parent.py"], cwd=tmp_path) as parent:
        for _ in range(600):
            if (tmp_path / "number").is_file() and (tmp_path / "number").read_text():
                break
            time.sleep(0.05)
        child = int((tmp_path / "number").read_text())
        parent.send_signal(number)
    assert gone(child)
