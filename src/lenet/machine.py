"""Says what this machine is: its processor, and how its Python installs packages."""

import os
import platform
import re
import sys
from math import ceil
from pathlib import Path


def processor() -> str:
    """Return the processor's name and its number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def processors() -> int:
    """Return how many processors this process may use; in a container, also by its CPU quota.

    A quota of 1.5 processors gives 2: the second thread uses the half.

    Examples
    --------
    >>> 1 <= processors() <= (os.cpu_count() or 1)
    True
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = cpu_quota()
    return count if quota is None else max(1, min(count, ceil(quota)))


def cpu_quota(
    root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> float | None:
    """Return the processors that Linux's control groups allow this process; None without a limit.

    Both versions of control groups count, and the tightest limit from the process's group up.

    Parameters
    ----------
    root, own
        Where the system shows the groups, and which groups this process is in.
    """
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    limits: list[float] = []
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            limits += _limits(root, path, "cpu.max")
        elif "cpu" in controllers.split(","):
            for name in (controllers, "cpu", "cpu,cpuacct"):
                limits += _limits(root / name, path, "cpu.cfs_quota_us", "cpu.cfs_period_us")
    return min(limits, default=None)


def _limits(root: Path, path: str, *files: str) -> list[float]:
    """Return the limits of a group and of those above it. Inside a container, some are hidden."""
    found: list[float] = []
    parts = [part for part in path.split("/") if part not in ("", "..")]
    for depth in range(len(parts) + 1):
        folder = root.joinpath(*parts[:depth])
        try:
            words = " ".join((folder / name).read_text(encoding="ascii") for name in files).split()
            quota, period = int(words[0]), int(words[1])
        except (OSError, ValueError, IndexError):  # no such group, or "max": no limit
            continue
        if quota > 0 and period > 0:
            found.append(quota / period)
    return found


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
