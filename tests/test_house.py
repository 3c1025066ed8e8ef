"""The house rules of docs/architecture.md: which way imports point, and what starts quickly."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lenet

PACKAGE = Path(lenet.__file__).parent
# A module may import from its own floor or a lower one.
FLOORS = {
    "cli": 5,
    "serving": 4, "report": 4, "export": 4, "reading": 4, "evaluation": 4, "training": 4,
    "models": 3,
    "artifact": 2, "answers": 2,
    "engine": 1, "data": 1, "networks": 1,
    "files": 0, "errors": 0, "weights": 0,
}  # fmt: skip
SLOW = ("torch", "sklearn", "matplotlib", "jinja2", "scipy")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, also within functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    return module.removeprefix("lenet.").partition(".")[0]


SOURCES = [p for p in sorted(PACKAGE.rglob("*.py")) if p.parent != PACKAGE or p.stem in FLOORS]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module in imports(path):
        if module.startswith("lenet.") and room(module) in FLOORS:
            assert FLOORS[room(module)] <= FLOORS[own], f"{own} must not import {module}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_packages_stay_in_their_rooms(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0]
    used = {module.partition(".")[0] for module in imports(path)}
    if own not in ("models", "training"):
        assert "torch" not in used
    if own != "report":
        assert not used & {"matplotlib", "jinja2"}
    if path.relative_to(PACKAGE) != Path("evaluation/classifiers.py"):
        assert "sklearn" not in used


def loaded_by(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lenet", *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}


@pytest.mark.parametrize(
    ("arguments", "further"),
    [
        (["--help"], ("numpy", "rich", "PIL")),
        (["--version"], ("numpy", "rich", "PIL")),
        (["train", "--help"], ()),
        (["summary"], ("numpy", "PIL")),
        (["summary", "lecun1998"], ("numpy", "PIL")),
        (["data", "list"], ()),
        (["bench", "--help"], ("numpy", "PIL")),
        (["predict", "--help"], ()),
        (["read", "--help"], ()),
        (["compare", "--help"], ()),
        (["probe", "--help"], ()),
    ],
)
def test_what_must_start_quickly_imports_nothing_slow(
    arguments: list[str], further: tuple[str, ...]
) -> None:
    loaded = loaded_by(*arguments)
    assert "click" in loaded
    assert not loaded & {*SLOW, *further}


def test_importing_lenet_imports_next_to_nothing() -> None:
    code = "import sys, lenet; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {*SLOW, "numpy", "PIL", "rich", "click"}


def test_the_table_of_contents_keeps_its_promises() -> None:
    for name in lenet.__all__:
        assert getattr(lenet, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = lenet.nothing
