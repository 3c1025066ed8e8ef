"""Reads a shared library of Linux, macOS or Windows.

The type checker leaves this file out: LIEF is only in the environment that makes wheels.
"""

from dataclasses import dataclass

import lief


@dataclass(frozen=True)
class Facts:
    """What a library says of itself.

    Parameters
    ----------
    system, processor
        ``linux``, ``macos`` or ``windows``; ``x86_64`` or ``aarch64``.
    functions
        The names that it offers.
    loads
        The names of the libraries that it needs.
    oldest_macos
        The oldest version of macOS that it runs on; empty for other systems.
    signed
        Whether it has a signature, without which macOS loads nothing on Arm.
    """

    system: str
    processor: str
    functions: frozenset[str]
    loads: tuple[str, ...]
    oldest_macos: tuple[int, ...] = ()
    signed: bool = False


def facts_of(data: bytes) -> Facts | None:
    """Return the facts of a library; None if the bytes are none."""
    library = lief.parse(list(data))
    if isinstance(library, lief.ELF.Binary):
        names = frozenset(str(one.name) for one in library.exported_symbols)
        loads = tuple(str(name) for name in library.libraries)
        return Facts("linux", _processor(library.header.machine_type), names, loads)
    if isinstance(library, lief.MachO.Binary):
        names = frozenset(str(one.name).removeprefix("_") for one in library.exported_symbols)
        loads = tuple(str(one.name) for one in library.libraries)
        version = library.build_version
        oldest = tuple(version.minos) if version else ()
        return Facts("macos", _processor(library.header.cpu_type), names, loads, oldest,
                     library.has_code_signature)  # fmt: skip
    if isinstance(library, lief.PE.Binary):
        names = frozenset(str(one.name) for one in library.exported_functions)
        loads = tuple(str(one.name) for one in library.imports)
        return Facts("windows", _processor(library.header.machine), names, loads)
    return None


def _processor(machine: object) -> str:
    name = str(machine).rpartition(".")[2].upper()
    return {"AARCH64": "aarch64", "ARM64": "aarch64", "X86_64": "x86_64", "AMD64": "x86_64"}.get(
        name, name
    )
