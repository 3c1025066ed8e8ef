"""The house rules of docs/architecture.md: which way imports point, and what starts quickly."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lenet

PACKAGE = Path(lenet.__file__).parent

# Every room of the package, from the top down: a folder or a file of src/lenet. A room may import
# from the lines below its own. Rooms on one line may not import each other.
ROOMS = (
    ("cli",),
    ("interactive",),
    ("serving",),
    ("report",),
    ("evaluation",),
    ("training",),
    ("reading",),
    ("artifact",),
    ("answers",),
    ("export",),
    ("calibration", "synthesis", "models", "weight_file"),
    ("engine", "data"),
    ("networks", "pictures"),
    ("drawing", "page", "weights", "demo", "errors", "files", "machine", "version"),
    ("names", "ending", "visible"),
)
LEVEL = {room: level for level, line in enumerate(ROOMS) for room in line}
ENTRANCES = ("__init__.py", "__main__.py")  # these may import any room, and no room imports them

# The heavy packages, and the only places that may import each.
HEAVY = {
    "torch": (
        "models/",
        "training/autograd.py",
        "training/device.py",  # looks for a card where that is asked for
        "training/field_distortion.py",
        "training/reader.py",
        "training/torch_state.py",
        "evaluation/speed.py",
    ),
    "sklearn": ("evaluation/compare/classifiers.py",),
    "matplotlib": ("report/",),
    "jinja2": ("report/",),
    "scipy": (),
}


def sources(package: Path) -> Iterator[tuple[str, Path]]:
    """Every Python file but the entrances, with its path within the package."""
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if name not in ENTRANCES:
            yield name, path


def room_of(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, also within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "lenet"  # a relative import hides which room it enters
        elif isinstance(node, ast.ImportFrom) and node.module == "lenet":
            yield from (f"lenet.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def without_a_room(package: Path) -> list[str]:
    """Files that stand in no room of the list, and rooms of the list that are not there."""
    rooms = {room_of(name) for name, _ in sources(package)} | {
        path.name for path in package.iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    return sorted(rooms ^ set(LEVEL))


def wrong_imports(package: Path) -> list[str]:
    """Imports that point upwards, sideways, or to the package's own entrance."""
    found: list[str] = []
    for name, path in sources(package):
        own = room_of(name)
        for module in imported(path):
            first, _, rest = module.partition(".")
            other = room_of(rest.replace(".", "/"))
            if first == "lenet" and other != own and LEVEL.get(other, -1) <= LEVEL.get(own, -1):
                found.append(f"{name} imports {module}")
    return found


def test_every_file_stands_in_a_room() -> None:
    assert without_a_room(PACKAGE) == []


def test_imports_point_one_way() -> None:
    assert wrong_imports(PACKAGE) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("*.safetensors", "*.npz", "*.so", "__pycache__", "assets")
    return shutil.copytree(PACKAGE, tmp_path / "copy", ignore=ignored)


def test_a_file_in_no_room_is_found(copy: Path) -> None:
    (copy / "attic.py").write_text("")
    (copy / "cellar").mkdir()
    assert without_a_room(copy) == ["attic", "cellar"]


@pytest.mark.parametrize(
    ("name", "line", "module"),
    [
        ("networks/new.py", "from lenet.engine.native import Plan", "lenet.engine.native"),  # back
        ("engine/new.py", "from lenet.data import Split", "lenet.data"),  # sideways
        ("training/new.py", "def f():\n    import lenet.evaluation.metrics", None),  # in a function
        ("data/new.py", "from lenet import __version__", "lenet.__version__"),  # the entrance
        ("data/new.py", "from . import split", "lenet"),  # relative
    ],
)
def test_an_import_that_points_wrong_is_found(
    copy: Path, name: str, line: str, module: str | None
) -> None:
    (copy / name).write_text(line + "\n")
    assert wrong_imports(copy) == [f"{name} imports {module or line.split()[-1]}"]


def test_heavy_packages_stay_where_they_belong() -> None:
    for name, path in sources(PACKAGE):
        for module in {module.partition(".")[0] for module in imported(path)} & set(HEAVY):
            assert name.startswith(HEAVY[module]), f"{name} imports {module}"


def loaded_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True
    )
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}


@pytest.mark.parametrize(
    ("arguments", "also"),
    [
        (["--help"], {"numpy", "rich", "PIL"}),
        (["--version"], {"numpy", "rich", "PIL"}),
        (["train", "--help"], set[str]()),
        (["summary"], {"numpy", "PIL"}),
        (["summary", "lecun1998"], {"numpy", "PIL"}),
        (["data", "list"], set[str]()),
        (["bench", "--help"], {"numpy", "PIL"}),
        (["predict", "--help"], set[str]()),
        (["read", "--help"], set[str]()),
        (["compare", "--help"], set[str]()),
        (["probe", "--help"], set[str]()),
    ],
)
def test_quick_commands_import_nothing_slow(arguments: list[str], also: set[str]) -> None:
    loaded = loaded_by("-m", "lenet", *arguments)
    assert "click" in loaded
    assert not loaded & (set(HEAVY) | also)


def test_importing_lenet_imports_next_to_nothing() -> None:
    loaded = loaded_by("-c", "import lenet")
    assert "lenet" in loaded
    assert not loaded & {*HEAVY, "numpy", "PIL", "rich", "click"}


def test_every_public_name_can_be_imported() -> None:
    for name in lenet.__all__:
        assert getattr(lenet, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lenet.nothing
