"""A library that cannot be used counts as not built, and it is said why."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
from ctypes import c_int32, c_void_p
from pathlib import Path

import numpy as np
import pytest

import lenet
import lenet.engine
from lenet.engine import library, library_file
from lenet.engine.library_file import find

NAME = f"lenet_engine{library_file._SUFFIX}"  # pyright: ignore[reportPrivateUsage]
PLACES = [Path(folder, NAME) for folder in lenet.engine.__path__]
BUILT = next((path for path in PLACES if path.is_file()), None)
needs_library = pytest.mark.skipif(BUILT is None, reason="the engine was not built here")


def reason_for(folder: Path, content: bytes) -> str:
    (folder / NAME).write_bytes(content)
    found = find([folder], ["lenet_forward"])
    assert found.library is None
    return found.reason


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "too short: 0 bytes"),
        (b"\x7fELF", "too short"),
        (b"no library " * 100, "invalid ELF header"),
        (b"MZ" + bytes(4096), "invalid ELF header"),
        (b"\xcf\xfa\xed\xfe" + bytes(4096), "invalid ELF header"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the words are those of Linux's loader")
def test_what_is_no_library_is_named(content: bytes, why: str, tmp_path: Path) -> None:
    reason = reason_for(tmp_path, content)
    assert why in reason
    assert str(tmp_path / NAME) in reason


@needs_library
@pytest.mark.skipif(sys.platform != "linux", reason="an ELF file")
def test_a_library_that_is_cut_short_is_never_mapped(tmp_path: Path) -> None:
    assert BUILT is not None
    whole = BUILT.read_bytes()
    for keep in (64, 70, 500, len(whole) // 3, len(whole) // 2):
        reason_for(tmp_path, whole[:keep])


@needs_library
@pytest.mark.skipif(sys.platform != "linux", reason="an ELF file")
def test_another_architecture_is_refused(tmp_path: Path) -> None:
    assert BUILT is not None
    content = bytearray(BUILT.read_bytes())
    content[18] = 0xF3  # RISC-V
    assert "cannot be used" in reason_for(tmp_path, bytes(content))


@needs_library
def test_another_number_is_never_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert BUILT is not None
    monkeypatch.setattr(library_file, "INTERFACE", 1000)
    assert "this version calls 1000" in reason_for(tmp_path, BUILT.read_bytes())


@needs_library
def test_a_library_without_a_function_or_a_number_is_refused(tmp_path: Path) -> None:
    assert BUILT is not None
    (tmp_path / NAME).write_bytes(BUILT.read_bytes())
    assert "lacks the function lenet_later" in find([tmp_path], ["lenet_later"]).reason
    other = Path(ctypes.util.find_library("m") or "libm.so.6")
    for folder in ("/lib/x86_64-linux-gnu", "/usr/lib64", "/lib/aarch64-linux-gnu"):
        if (Path(folder) / other).is_file():
            content = (Path(folder) / other).read_bytes()
            assert "older version of lenet, or no engine" in reason_for(tmp_path, content)


@needs_library
def test_the_first_library_that_can_be_loaded_is_taken(tmp_path: Path) -> None:
    assert BUILT is not None
    (tmp_path / NAME).write_bytes(b"")
    assert find([tmp_path, BUILT.parent], ["lenet_forward"]).library is not None


def test_a_folder_of_that_name_is_no_library(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    assert find([tmp_path], []).reason == library_file.NOT_BUILT


@pytest.mark.slow
def test_numpy_goes_on_and_says_why_once(tmp_path: Path) -> None:
    """A copy of the package with an empty library, as a full disk leaves it."""
    package = Path(lenet.__file__).parent
    shutil.copytree(package, tmp_path / "lenet", ignore=shutil.ignore_patterns("assets", "*.so"))
    (tmp_path / "lenet" / "engine" / NAME).touch()
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8)
    np.savez(tmp_path / "a.npz", images=images, labels=np.arange(40) % 2)
    # Without `site`, no finder of an editable installation puts its own package before the copy.
    path = os.pathsep.join([str(tmp_path), *(one for one in sys.path if "site-packages" in one)])
    environment = {**os.environ, "PYTHONPATH": path}
    for words, says in (
        (["train", "a.npz", "--epochs", "1", "--recipe", "chapter", "--out", "run"], 1),
        (["predict", "run", "--demo"], 0),
        (["evaluate", "run"], 0),
    ):
        done = subprocess.run(
            [sys.executable, "-S", "-m", "lenet", *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert (done.stdout + done.stderr).count("cannot be used") == says


WIDE = 1 << 30


@needs_library
@pytest.mark.parametrize(
    "shape",
    [
        [1, 28, 0, 0, WIDE, 16, 10],
        [1, 28, 0, 0, 6, WIDE, 10],
        [1, 28, 0, 0, 65536, 65536, 10],
        [1, 28, 0, 0, 6, 16, 65536, 65536],
        [1, 28, 0, 0, 6, 16, -1],
        [0, 28, 0, 0, 6, 16, 10],
        [1, 64, 0, 0, 6, 16, 10],
        [1, 28, 9, 0, 6, 16, 10],
        [1, 28, 0, 9, 6, 16, 10],
        [1, 28, 0, 0, 6, 16, *[10] * 9],
        [1, 28, 0, 0, 6, 16],
    ],
)
def test_shapes_that_the_kernels_cannot_count_are_refused(shape: list[int]) -> None:
    plan = c_void_p()
    status = library.loaded().lenet_plan_create(
        library.variants()[0].encode(),
        (c_int32 * len(shape))(*shape),
        len(shape) - 6,
        None,
        ctypes.byref(plan),
    )
    assert status == 3
    assert not plan.value


@needs_library
@pytest.mark.parametrize(
    ("channels", "side", "numbers"),
    [
        (1, 46341, [1, 0, 1, 1, 0, 6, 0]),  # side * side is beyond 2^31
        (1, 28, [1, 0, 28, 1, 0, 1 << 30, 0]),
        (1, 28, [1, 0, 0, 1, 0, 6, 0]),
        (1, 28, [1, 0, 28, 0, 0, 6, 0]),
        (1, 28, [0, 0, 1 << 29, 1, 0, 0, 0]),
        (1, 28, [1, 0, 28, 1, 0, 6, -1]),
        (-1, 28, [1, 0, 28, 1, 0, 6, 0]),
    ],
)
def test_chains_that_the_kernels_cannot_count_are_refused(
    channels: int, side: int, numbers: list[int]
) -> None:
    plan = c_void_p()
    status = library.loaded().lenet_sequence_create(
        library.variants()[0].encode(),
        channels,
        side,
        1,
        (c_int32 * 7)(*numbers),
        (ctypes.c_float * 1)(),
        ctypes.byref(plan),
    )
    assert status == 3
