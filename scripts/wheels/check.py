"""Checks a finished wheel: what is in it, what its engine needs, and whether an index takes it."""

import hashlib
import re
import subprocess
import sys
from base64 import urlsafe_b64encode
from fnmatch import fnmatchcase
from pathlib import Path
from zipfile import ZipFile

from library_facts import facts_of
from targets import Target

LARGEST = 6_000_000  # bytes of a wheel
LARGEST_FILE = 1_500_000

# What every wheel must hold: patterns of names, each of which at least one file has.
MUST = (
    "lenet/__init__.py",
    "lenet/py.typed",
    "lenet/page/index.html",
    "lenet/demo/*.png",
    *(
        f"lenet/weights/{network}/{file}"
        for network in ("chapter", "digits", "digits-record", "fashion", "lecun1998", "reader")
        for file in ("CARD.md", "config.json", "model.safetensors")
    ),
    "*.dist-info/licenses/LICENSE",
    "*.dist-info/entry_points.txt",
)
# What no wheel may hold: data sets and checkpoints, sources of the page, tests, leftovers.
MUST_NOT = ("*idx?-ubyte*", "*.gz", "*.map", "*.ts", "*checkpoint/*", "*node_modules*", "test*",
            "*/test*", "*.pyc", "*.cpp", "*.hpp", "*.pdb", "*.part")  # fmt: skip

# What Zig's linker for macOS makes visible, and cannot be told to hide: the C++ library's `new` and
# `delete`, which use the system's memory like everybody's, and two marks of its own.
_OF_THE_LINKER = ("_Zn[aw]*", "_Zd[al]*", "__dso_handle", "_mh_dylib_header")


def faults_of(wheel: Path, target: Target | None, functions: set[str]) -> list[str]:
    """Return what is wrong with a wheel, a sentence each.

    `functions` are those of lenet_engine.h. `target` is None for the wheel without an engine.
    """
    found: list[str] = []
    if wheel.stat().st_size > LARGEST:
        found.append(f"it has {wheel.stat().st_size} bytes, more than {LARGEST}")
    with ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    found += [f"no file is named {one}" for one in MUST if not _matching(files, one)]
    found += [f"{name} has no place in it" for one in MUST_NOT for name in _matching(files, one)]
    found += [f"{name} is too large" for name, data in files.items() if len(data) > LARGEST_FILE]
    found += _record_faults(files)
    engines = _matching(files, "lenet/engine/lenet_engine.*")
    expected = [] if target is None else [f"lenet/engine/{target.library}"]
    if engines != expected:
        found.append(f"its engines are {engines}, not {expected}")
    elif target is not None:
        found += _library_faults(files[engines[0]], target, functions)
    return found + _tool_faults(wheel, target)


def _matching(files: dict[str, bytes], pattern: str) -> list[str]:
    return [name for name in files if fnmatchcase(name, pattern)]


def _record_faults(files: dict[str, bytes]) -> list[str]:
    record = next(name for name in files if name.endswith(".dist-info/RECORD"))
    rows = dict(line.split(",", 1) for line in files[record].decode().splitlines())
    found = [f"RECORD lacks {name}" for name in files if name not in rows]
    for name, data in files.items():
        digest = urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        if name != record and rows.get(name) != f"sha256={digest},{len(data)}":
            found.append(f"RECORD does not fit {name}")
    return found


def _library_faults(data: bytes, target: Target, functions: set[str]) -> list[str]:
    """Return what is wrong with a library: its processor, its functions, what it loads."""
    facts = facts_of(data)
    if facts is None:
        return ["its engine is no library of a known kind"]
    found: list[str] = []
    if (facts.system, facts.processor) != (target.system, target.processor):
        found.append(f"its engine is for {facts.system} on {facts.processor}")
    own = _OF_THE_LINKER if target.system == "macos" else ()
    offered = {one for one in facts.functions if not any(fnmatchcase(one, name) for name in own)}
    if wrong := sorted(offered ^ functions):
        found.append(f"its engine offers more functions than the header declares, or less: {wrong}")
    loads = [one for one in facts.loads if not any(fnmatchcase(one, need) for need in target.needs)]
    if loads:
        found.append(f"its engine loads {loads}")
    if target.system == "macos" and (not facts.oldest_macos or facts.oldest_macos[0] > 11):
        found.append("its engine needs a newer macOS than 11")
    if target.name.endswith("arm64") and target.system == "macos" and not facts.signed:
        found.append("its engine is not signed, so macOS would not load it")
    if any(path in data for path in (b"/native/", b"/home/", str(Path.cwd()).encode())):
        found.append("its engine holds a path of the machine that built it")
    return found


def _tool_faults(wheel: Path, target: Target | None) -> list[str]:
    """Ask auditwheel (Linux with glibc) and twine."""
    found: list[str] = []
    # For musl, auditwheel would look into this machine's C library, which is another one.
    if target is not None and "manylinux" in target.name:
        said = _said("auditwheel", "show", str(wheel))
        tag = re.search(r"consistent with\s+the following platform tag:\s+\"(\w+)\"", said)
        # An older glibc than promised is better still.
        if tag is None or _glibc(tag[1]) > _glibc(target.name):
            found.append(f"auditwheel says: {said}")
    said = _said("twine", "check", "--strict", str(wheel))
    if "PASSED" not in said:
        found.append(f"twine says: {said}")
    return found


def _glibc(tag: str) -> tuple[int, ...]:
    """Return the version of the C library in a tag: (2, 17) of manylinux_2_17_x86_64."""
    numbers = re.match(r"\w+?linux_(\d+)_(\d+)_", tag)
    return tuple(map(int, numbers.groups())) if numbers else (99,)


def _said(tool: str, *words: str) -> str:
    done = subprocess.run([sys.executable, "-m", tool, *words], capture_output=True, text=True)
    return f"{done.stdout}{done.stderr}".strip()
