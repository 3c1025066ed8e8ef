"""The wheel for this machine is made, and installed where there is no compiler."""

import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy
import pytest

ROOT = Path(__file__).parents[2]
TARGET = "manylinux_2_17_x86_64"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        (sys.platform, platform.machine(), platform.libc_ver()[0]) != ("linux", "x86_64", "glibc"),
        reason="wheels are made on Linux, for x86-64 with glibc here",
    ),
]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the wheel for this machine, and the one without an engine."""
    out = tmp_path_factory.mktemp("dist")
    command = [ROOT / "scripts" / "wheels.sh", "--once", "--out", out, TARGET, "any"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture
def fresh(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Make an environment that has no lenet, and a PATH that has no compiler.

    What lenet needs is borrowed from the environment of the tests: nothing is downloaded.
    """
    folder = tmp_path / "a place with spaces – ö"
    venv.create(folder, with_pip=True, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    borrowed = Path(numpy.__file__).parents[1]
    left_out = ("lenet", "_lenet", "__editable", "pip", "torch")
    for path in borrowed.iterdir():
        own = path.name.startswith(left_out) or path.suffix == ".pth" or "editable" in path.name
        if not own and not (packages / path.name).exists():
            (packages / path.name).symlink_to(path)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("sh", "env", "uname"):
        (programs / name).symlink_to(shutil.which(name) or "")
    environment = {**os.environ, "PATH": f"{folder / 'bin'}{os.pathsep}{programs}"}
    environment.pop("PYTHONPATH", None)
    return folder / "bin" / "python", environment


@pytest.mark.parametrize("kind", [TARGET, "any"])
def test_a_wheel_works_where_there_is_no_compiler(
    dist: Path, fresh: tuple[Path, dict[str, str]], kind: str, tmp_path: Path
) -> None:
    python, environment = fresh
    (wheel,) = dist.glob(f"*-{kind}*.whl")
    for command in (
        ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel],
        [
            ROOT / "scripts" / "wheels" / "try_installed.py",
            *(["--without-engine"] if kind == "any" else []),
        ],
    ):
        done = subprocess.run(
            [python, *command], env=environment, cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert ("instruction sets: the native engine was not built" in done.stdout) == (kind == "any")
