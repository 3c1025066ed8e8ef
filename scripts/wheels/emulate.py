"""Runs an engine of another platform in an emulator: its results must have the same bits as here.

`tests/engine/bits.cpp` calls every function of the engine on made-up numbers. It is compiled for
the platform, and what it prints there is compared with what the engine of Linux on x86-64 prints.
For Arm there is nothing to compare with, so both of its C libraries must agree with each other.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from targets import Target
from zig import zig


def lines_of(target: Target, library: Path, sources: Path) -> list[str] | str:
    """Return what the program prints with an engine, or why it cannot run here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runner = _runner(target, folder)
        if isinstance(runner, str):
            return runner
        program = folder / ("bits.exe" if target.system == "windows" else "bits")
        engine = shutil.copy(library, folder)
        source = sources / "tests" / "engine" / "bits.cpp"
        # Programs for musl are static by default, and load no library then.
        options = ["-std=c++17", "-O3", "-DNDEBUG", f"-I{sources / 'native'}"]
        options += ["-dynamic"] if "musl" in target.zig else []
        zig(target, *options, str(source), "-o", str(program))
        done = subprocess.run(
            [*runner, str(program), Path(engine).name if target.system == "windows" else engine],
            cwd=folder,
            env={**os.environ, "WINEDEBUG": "-all", "WINEPREFIX": str(folder / "wine")},
            capture_output=True,
            text=True,
            timeout=600,
        )
    lines = done.stdout.split()
    if done.returncode or not lines or lines[-1] != "done":
        return f"it failed: {done.stderr.strip()[-500:]}"
    return done.stdout.splitlines()


def _runner(target: Target, folder: Path) -> Sequence[str] | str:
    """Return the command before the program, or why there is none on this machine."""
    if target.system == "macos":
        return "not run: no emulator runs programs of macOS"
    if target.system == "windows":
        if target.processor != "x86_64":
            return "not run: wine here is for x86-64"
        wine = shutil.which("wine64", path=f"{os.environ['PATH']}:/usr/lib/wine") or shutil.which(
            "wine"
        )
        return [wine] if wine else "not run: there is no wine (apt-get install wine64)"
    musl = Path(f"/lib/ld-musl-{target.processor}.so.1")
    if target.processor == "x86_64":
        if "musl" in target.zig and not musl.exists():
            return "not run: there is no musl (apt-get install musl)"
        return []
    emulator = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
    if emulator is None:
        return "not run: there is no qemu-aarch64 (apt-get install qemu-user-static)"
    root = _arm_root(target)
    if root is None:
        return "not run: there is no C library for aarch64"
    return [emulator, "-L", str(root)]


def _arm_root(target: Target) -> Path | None:
    """Return the folder with the C library of aarch64, as Debian's cross packages install it."""
    for root in (
        Path(os.environ.get("LENET_ARM_ROOT", "/nonexistent")),
        Path("/usr/aarch64-linux-gnu"),
    ):
        name = "ld-musl-aarch64.so.1" if "musl" in target.zig else "ld-linux-aarch64.so.1"
        if (root / "lib" / name).exists():
            return root
    return None
