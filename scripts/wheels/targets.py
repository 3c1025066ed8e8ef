"""The platforms that get a wheel with an engine: their names in pip, and in Zig."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One platform.

    Parameters
    ----------
    tags
        What pip calls the platform; the first tag is the strictest.
    zig
        What Zig calls it, with the oldest system that the library may need.
    library
        The name of the engine's library: on macOS too the one that CMake gives a module, `.so`.
    needs
        The system's libraries that the engine may load. Everything else is linked into it.
    """

    tags: tuple[str, ...]
    zig: str
    library: str
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the first tag."""
        return self.tags[0]

    @property
    def processor(self) -> str:
        """Return ``x86_64`` or ``aarch64``."""
        return self.zig.partition("-")[0]

    @property
    def system(self) -> str:
        """Return ``linux``, ``macos`` or ``windows``."""
        return self.zig.split("-")[1].partition(".")[0]

    @property
    def variants(self) -> dict[str, str]:
        """Return the instruction sets, the fastest first, each with its processor for Zig."""
        if self.processor == "x86_64":
            return {"avx512": "x86_64_v4", "avx2": "x86_64_v3", "sse2": "x86_64"}
        return {"neon": ""}


_GLIBC = ("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1")
_MUSL = ("libc.so",)
_APPLE = ("/usr/lib/libSystem.B.dylib",)
_WINDOWS = ("KERNEL32.dll", "ntdll.dll", "api-ms-win-crt-*.dll", "ucrtbase.dll", "msvcrt.dll")

TARGETS = (
    Target(
        ("manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        "x86_64-linux-gnu.2.17",
        "lenet_engine.so",
        (*_GLIBC, "ld-linux-x86-64.so.2"),
    ),
    Target(
        ("manylinux_2_17_aarch64", "manylinux2014_aarch64"),
        "aarch64-linux-gnu.2.17",
        "lenet_engine.so",
        (*_GLIBC, "ld-linux-aarch64.so.1"),
    ),
    Target(("musllinux_1_2_x86_64",), "x86_64-linux-musl", "lenet_engine.so", _MUSL),
    Target(("musllinux_1_2_aarch64",), "aarch64-linux-musl", "lenet_engine.so", _MUSL),
    Target(("macosx_11_0_x86_64",), "x86_64-macos.11.0", "lenet_engine.so", _APPLE),
    Target(("macosx_11_0_arm64",), "aarch64-macos.11.0", "lenet_engine.so", _APPLE),
    Target(("win_amd64",), "x86_64-windows-gnu", "lenet_engine.dll", _WINDOWS),
    Target(("win_arm64",), "aarch64-windows-gnu", "lenet_engine.dll", _WINDOWS),
)
