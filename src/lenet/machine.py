"""Says what this machine is: its processor, and how its Python installs packages."""

import os
import platform
import re
import sys
from pathlib import Path


def processor() -> str:
    """Return the processor's name and its number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def install_command(*packages: str) -> str:
    """Return the command that installs packages for the Python that is running.

    `packages` may be extras of lenet, such as ``lenet[serve]``. The packages that an extra brings
    are named themselves: an index may have another package under the name of lenet, or none.

    Examples
    --------
    >>> install_command("lenet[pdf]").partition(" -m ")[2]
    'pip install "pypdfium2>=4.30"'
    """
    names = [name for package in packages for name in _brought_by(package)]
    words = (sys.executable or "python", "-m", "pip", "install", *names)
    # Double quotes work in every shell, in that of Windows too.
    command = " ".join(f'"{word}"' if set(word) & set(" []()&<>") else word for word in words)
    if any(name.startswith("torch") for name in names):
        command += _ABOUT_TORCH
    return command


_ABOUT_TORCH = (
    " (with CUDA it takes 2.9 GB; https://pytorch.org/get-started/locally says how to get the "
    "build for the CPU alone)"
)


def _brought_by(package: str) -> list[str]:
    """Return the requirements of an extra, ``lenet[NAME]``; of another package, its own name."""
    from importlib.metadata import PackageNotFoundError, requires

    extra = re.fullmatch(r"lenet\[(\w+)\]", package)
    if extra is None:
        return [package]
    try:
        lines = requires("lenet") or []
    except PackageNotFoundError:
        lines = []
    pairs = [(line.partition(";")[0].strip(), line.partition(";")[2]) for line in lines]
    found = [name for name, when in pairs if re.search(rf"extra == ['\"]{extra[1]}['\"]", when)]
    # Without metadata, lenet runs from its sources.
    return found or [f"{Path(__file__).parents[2]}[{extra[1]}]"]
