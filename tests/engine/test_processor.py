"""Which instruction sets the engine believes a processor to have (native/common/processor.hpp)."""

import os
import platform
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from lenet.engine import native

HERE = Path(__file__).parent
NATIVE = HERE.parents[1] / "native"
COMPILER = shlex.split(os.environ.get("CXX", "g++"))
CPUINFO = Path("/proc/cpuinfo")

needs_compiler = pytest.mark.skipif(
    shutil.which(COMPILER[0]) is None, reason=f"there is no C++ compiler {COMPILER[0]!r} ($CXX)"
)
needs_linux_on_x86 = pytest.mark.skipif(
    platform.machine() != "x86_64" or not CPUINFO.is_file(),
    reason="the names of the flags are those of Linux on x86-64",
)

# What the flags of /proc/cpuinfo are called; the levels are the psABI's.
V3 = {
    *("pni", "ssse3", "cx16", "sse4_1", "sse4_2", "popcnt", "lahf_lm", "xsave"),
    *("fma", "movbe", "avx", "f16c", "bmi1", "avx2", "bmi2", "abm"),
}
V4 = V3 | {"avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"}

# Reports of processors: CPUID 1 ECX, CPUID 7 EBX, CPUID 0x80000001 ECX, XCR0.
SAPPHIRE_RAPIDS = (0xFFFA3203, 0xF1BF07AB, 0x121, 0xE7)
REPORTS = {
    (0x7FFAFBBF, 0xD19F27EB, 0x121, 0xE7): (1, 1),  # Skylake server
    SAPPHIRE_RAPIDS: (1, 1),
    (0x7FFAFBBF, 0x029C67AF, 0x121, 0x07): (1, 0),  # Skylake client
    (0x7EF8320B, 0x219C91A9, 0x75C237FF, 0x07): (1, 0),  # Zen 2
    (0x1FBAE3BF, 0, 0x1, 0x07): (0, 0),  # Sandy Bridge: AVX without FMA
    (0x029AE3FF, 0, 0x1, 0x00): (0, 0),  # Westmere: no AVX
    (0, 0, 0, 0): (0, 0),  # a processor that answers nothing
    # The processor has the instructions, and the operating system does not save the registers.
    (*SAPPHIRE_RAPIDS[:3], 0x07): (1, 0),
    (*SAPPHIRE_RAPIDS[:3], 0x03): (0, 0),
    (SAPPHIRE_RAPIDS[0] & ~(1 << 27), *SAPPHIRE_RAPIDS[1:]): (0, 0),
    # A virtual machine hides one feature of the level: AVX512VL, FMA, BMI2, LZCNT.
    (SAPPHIRE_RAPIDS[0], SAPPHIRE_RAPIDS[1] & ~(1 << 31), *SAPPHIRE_RAPIDS[2:]): (1, 0),
    (SAPPHIRE_RAPIDS[0] & ~(1 << 12), *SAPPHIRE_RAPIDS[1:]): (0, 0),
    (SAPPHIRE_RAPIDS[0], SAPPHIRE_RAPIDS[1] & ~(1 << 8), *SAPPHIRE_RAPIDS[2:]): (0, 0),
    (*SAPPHIRE_RAPIDS[:2], 0x101 & ~(1 << 5), 0xE7): (0, 0),
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("processor") / "processor_test"
    source = str(HERE / "processor_test.cpp")
    subprocess.run([*COMPILER, source, "-std=c++17", f"-I{NATIVE}", "-o", str(path)], check=True)
    return path


@needs_compiler
@needs_linux_on_x86
def test_a_level_needs_all_its_instructions_and_their_registers(program: Path) -> None:
    given = "".join("{:x} {:x} {:x} {:x}\n".format(*report) for report in REPORTS)
    done = subprocess.run([program], input=given, capture_output=True, text=True, check=True)
    found = [tuple(map(int, line.split())) for line in done.stdout.splitlines()]
    assert found == list(REPORTS.values())


def flags() -> set[str]:
    """Return what Linux says that this processor has, and that it saves the registers for."""
    for line in CPUINFO.read_text().splitlines():
        if line.startswith("flags"):
            return set(line.partition(":")[2].split())
    return set()


@needs_compiler
@needs_linux_on_x86
def test_this_processor_has_what_linux_says(program: Path) -> None:
    done = subprocess.run([program, "this"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(int(level <= flags())) for level in (V3, V4)]


@needs_linux_on_x86
@pytest.mark.skipif(not native.available(), reason="the engine was not built here")
def test_the_engine_offers_what_linux_says() -> None:
    expected = [name for name, level in (("avx512", V4), ("avx2", V3)) if level <= flags()]
    assert native.variants() == (*expected, "sse2")
