"""A wheel in dist/ spares the compiler if it holds the engine of these very sources."""

import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from engine_sources import fitting_wheel, source_hash

ROOT = Path(__file__).parents[2]
TAGS = [f"py3-none-{one}" for one in ("manylinux_2_36_x86_64", "manylinux_2_17_x86_64", "any")]
FITTING = "lenet-0.1.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    shutil.copytree(ROOT / "native", root / "native")
    shutil.copy(ROOT / "CMakeLists.txt", root)
    (root / "dist").mkdir()
    return root


def wheel(root: Path, name: str, sources: str, library: str = "lenet_engine.so") -> Path:
    path = root / "dist" / name
    with ZipFile(path, "w") as archive:
        archive.writestr("lenet-0.1.0.dist-info/ENGINE_SOURCES", sources + "\n")
        if library:
            archive.writestr(f"lenet/engine/{library}", "an engine")
    return path


def test_the_hash_changes_with_each_source_and_not_with_line_ends(copy: Path) -> None:
    before = source_hash(copy)
    assert before == source_hash(ROOT)
    for name in ("CMakeLists.txt", "native/engine.cpp", "native/common/simd.hpp"):
        text = (copy / name).read_bytes()
        (copy / name).write_bytes(text.replace(b"\n", b"\r\n"))
        assert source_hash(copy) == before
        (copy / name).write_bytes(text + b" ")
        assert source_hash(copy) != before
        (copy / name).write_bytes(text)
    (copy / "native" / "more.hpp").write_text("")
    assert source_hash(copy) != before


def test_the_wheel_of_these_sources_for_this_machine_is_found(copy: Path) -> None:
    wanted = source_hash(copy)
    assert fitting_wheel(copy, wanted, TAGS) is None
    path = wheel(copy, FITTING, wanted)
    assert fitting_wheel(copy, wanted, TAGS) == (path, "lenet/engine/lenet_engine.so")
    newer = wheel(copy, "lenet-0.1.0-py3-none-manylinux_2_36_x86_64.whl", wanted)
    assert fitting_wheel(copy, wanted, TAGS) == (newer, "lenet/engine/lenet_engine.so")


@pytest.mark.parametrize(
    ("name", "sources", "library"),
    [
        (FITTING, "other", "lenet_engine.so"),
        (FITTING.replace("x86_64", "aarch64"), "", "lenet_engine.so"),
        ("lenet-0.1.0-py3-none-win_amd64.whl", "", "lenet_engine.dll"),
        ("lenet-0.1.0-py3-none-any.whl", "", ""),
        ("another-0.1.0-py3-none-any.whl", "", "lenet_engine.so"),
    ],
)
def test_other_wheels_are_passed_over(copy: Path, name: str, sources: str, library: str) -> None:
    wanted = source_hash(copy)
    wheel(copy, name, sources or wanted, library)
    assert fitting_wheel(copy, wanted, TAGS) is None


def test_half_a_wheel_is_passed_over(copy: Path) -> None:
    wanted = source_hash(copy)
    path = wheel(copy, FITTING, wanted)
    path.write_bytes(path.read_bytes()[:-40])
    assert fitting_wheel(copy, wanted, TAGS) is None
