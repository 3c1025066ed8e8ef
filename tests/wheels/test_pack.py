"""Wheels are built from the one without an engine; the same files give the same bytes."""

import hashlib
import re
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from zipfile import ZipFile

import pytest
from pack import pack
from published import long_description, prepare
from targets import TARGETS
from zig import FLAGS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    path = tmp_path / "lenet-0.1.0-py3-none-any.whl"
    with ZipFile(path, "w") as archive:
        for name in ("b/second.py", "lenet/__init__.py", "lenet/engine/lenet_engine.so"):
            archive.writestr(name, name)
        for name in ("METADATA", "WHEEL", "RECORD"):
            archive.writestr(f"lenet-0.1.0.dist-info/{name}", name)
    return path


@pytest.mark.parametrize("name", [*(one.name for one in TARGETS), "any"])
def test_a_wheel_names_its_platform_and_lists_its_files(
    pure: Path, name: str, tmp_path: Path
) -> None:
    chosen = next((one for one in TARGETS if one.name == name), None)
    engine = tmp_path / "engine"
    engine.write_bytes(b"code")
    out = [tmp_path / "first", tmp_path / "second"]
    made: list[Path] = []
    for folder in out:
        folder.mkdir()
        made.append(pack(pure, chosen, engine if chosen else None, "abc", folder))
    assert made[0].read_bytes() == made[1].read_bytes()
    tags = chosen.tags if chosen else ("any",)
    assert made[0].name == f"lenet-0.1.0-py3-none-{'.'.join(tags)}.whl"
    with ZipFile(made[0]) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
        assert {info.date_time for info in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
    engines = [name for name in files if "lenet_engine" in name]
    assert engines == ([f"lenet/engine/{chosen.library}"] if chosen else [])
    wheel = files["lenet-0.1.0.dist-info/WHEEL"].decode()
    assert re.findall(r"^Tag: (.*)$", wheel, re.MULTILINE) == [f"py3-none-{one}" for one in tags]
    for row in files["lenet-0.1.0.dist-info/RECORD"].decode().splitlines():
        file, digest, size = row.split(",")
        if not file.endswith("RECORD"):
            expected = urlsafe_b64encode(hashlib.sha256(files[file]).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={expected}", len(files[file]))


def test_zig_and_cmake_compile_with_the_same_flags() -> None:
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert "set(CMAKE_CXX_STANDARD 17)" in text
    assert "-std=c++17" in FLAGS
    added = re.search(r"add_compile_options\(\$\{clang\}([^)]*)\)", text)
    assert added is not None
    assert set(added[1].replace("${clang}", "").split()) <= set(FLAGS)
    march = dict(re.findall(r"set\(flags_(\w+) \$\{clang\}-march=([\w-]+)\)", text))
    order = re.search(r"set\(variants (avx512[^)]*)\)", text)
    assert order is not None
    for target in TARGETS:
        if target.processor == "x86_64":
            assert target.variants == {n: m.replace("-", "_") for n, m in march.items()}
            assert list(target.variants) == order[1].split()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "platform"), [("linux", "linux"), ("macos", "darwin"), ("windows", "win32")]
)
def test_lenet_looks_for_the_library_by_the_name_in_the_wheel(system: str, platform: str) -> None:
    code = (
        f"import sys; sys.platform = {platform!r}\n"
        "import pathlib\n"
        "asked = []\n"
        "pathlib.Path.is_file = lambda path: asked.append(path.name)\n"
        "from lenet.engine import library\n"
        "library.available()\n"
        "print(*asked)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = {one.library for one in TARGETS if one.system == system}
    assert names <= set(done.stdout.split())


README = (
    "![Look](docs/images/a.png)\n[`guide`](docs/learn.md#a) [card](src/CARD.md) "
    "[d2l](https://d2l.ai/x) [below](#more)\n"
)


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        (
            "https://h.org/a/b",
            "![Look](https://h.org/a/b/raw/HEAD/docs/images/a.png)\n"
            "[`guide`](https://h.org/a/b/blob/HEAD/docs/learn.md#a) "
            "[card](https://h.org/a/b/blob/HEAD/src/CARD.md) "
            "[d2l](https://d2l.ai/x) [below](#more)\n",
        ),
        ("", "\n`guide` card [d2l](https://d2l.ai/x) [below](#more)\n"),
    ],
)
def test_links_and_pictures_work_on_the_page_of_an_index(repository: str, expected: str) -> None:
    assert long_description(README, repository) == expected


def test_nothing_of_the_readme_points_into_the_repository(tmp_path: Path) -> None:
    for name in ("README.md", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    prepare(tmp_path, "https://h.org/a/b")
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert re.match(r"https?://|#", target), target
    assert text.count("https://h.org/a/b/raw/HEAD/docs/images/") >= 1
    assert 'Issues = "https://h.org/a/b/issues"' in (tmp_path / "pyproject.toml").read_text("utf-8")
