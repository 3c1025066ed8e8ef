"""Compiles the engine for another platform with Zig, which brings a C library for each.

CMake is not used: Zig answers some of its questions for Windows and macOS wrongly. The flags are
those of CMakeLists.txt; a test compares them.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from targets import Target

FLAGS = (
    *("-std=c++17", "-O3", "-DNDEBUG", "-fvisibility=hidden"),
    *("-fno-math-errno", "-fno-trapping-math"),
    # No path of the machine that builds is left in the library, so that its bytes are the same.
    *("-g0", "-fno-ident"),
)


def compile_engine(target: Target, native: Path, folder: Path) -> Path:
    """Compile the sources in `native`; return the library, in `folder`.

    Raises
    ------
    subprocess.CalledProcessError
        The compiler failed; it has said why on standard error.
    """
    names = " ".join(f"X({name})" for name in target.variants)
    (folder / "variants.hpp").write_text(f"#define LENET_VARIANTS(X) {names}\n")
    flags = [*FLAGS, f"-I{native}", f"-I{folder}", f"-ffile-prefix-map={native}=native"]
    if target.system != "windows":
        flags.append("-fPIC")
    jobs: dict[str, list[str]] = {}
    for name, processor in target.variants.items():
        chosen = [f"-mcpu={processor}"] if processor else []
        jobs[name] = [str(native / "variant.cpp"), f"-DLENET_VARIANT={name}", *chosen]
    jobs["engine"] = [str(native / "engine.cpp")]
    jobs["threads"] = [str(native / "common" / "threads.cpp")]
    objects = {name: str(folder / f"{name}.o") for name in jobs}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        work = [
            pool.submit(zig, target, *flags, *words, "-c", "-o", objects[name])
            for name, words in jobs.items()
        ]
        for one in work:
            one.result()
    # The linker keeps the first copy of an inline function that several objects contain, and the
    # copy of the slowest instruction set runs on every processor.
    order = ["engine", "threads", *reversed(target.variants)]
    library = folder / target.library
    # -O3 also decides how Zig compiles the C++ library that it links.
    link = ["-O3", "-shared", "-s", *_link(target, folder), *(objects[name] for name in order)]
    zig(target, *link, "-o", str(library))
    return library


def _link(target: Target, folder: Path) -> list[str]:
    """Return the linker's options: nothing but the engine's functions is visible from outside."""
    if target.system == "macos":
        return ["-Wl,-install_name,@rpath/lenet_engine.so"]
    if target.system == "windows":
        return []  # only what is declared as exported
    # The C++ library's own `new` and `delete` would be visible too.
    script = folder / "exports.map"
    script.write_text("{ global: lenet_*; local: *; };\n")
    return [f"-Wl,--version-script={script}"]


def zig(target: Target, *words: str) -> None:
    """Call Zig's C++ compiler for a platform."""
    command = [sys.executable, "-m", "ziglang", "c++", "-target", target.zig, *words]
    subprocess.run(command, check=True)
