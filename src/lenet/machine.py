"""Says what this machine is: its processor, and how its Python installs packages."""

import os
import platform
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

    `packages` may be extras of lenet, such as ``lenet[serve]``.

    Examples
    --------
    >>> install_command("lenet[serve]").endswith('-m pip install "lenet[serve]"')
    True
    """
    words = (sys.executable or "python", "-m", "pip", "install", *packages)
    # Double quotes work in every shell, in that of Windows too.
    return " ".join(f'"{word}"' if set(word) & set(" []()&") else word for word in words)
