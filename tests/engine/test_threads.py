"""The engine's threads, tested in C++: `threads_test.cpp` with native/common/threads.cpp."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NATIVE = HERE.parents[1] / "native"
COMPILER = shlex.split(os.environ.get("CXX", "g++"))

pytestmark = pytest.mark.skipif(
    shutil.which(COMPILER[0]) is None, reason=f"there is no C++ compiler {COMPILER[0]!r} ($CXX)"
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("threads") / "threads_test"
    sources = [HERE / "threads_test.cpp", NATIVE / "common" / "threads.cpp"]
    options = ["-std=c++17", "-O1", "-pthread", f"-I{NATIVE}", "-o", str(path)]
    subprocess.run([*COMPILER, *map(str, sources), *options], check=True)
    return path


@pytest.mark.parametrize(
    "test",
    [
        "each-task-once",
        "helper-throws",
        "caller-throws",
        "all-throw",
        "several-callers",
        "job-in-a-task",
    ],
)
def test_threads(program: Path, test: str) -> None:
    # A hang fails the test by the timeout.
    done = subprocess.run(
        [str(program), test],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "ok\n")
