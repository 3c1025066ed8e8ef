"""The examples in docstrings run as printed, and what a user imports has one."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import lenet

PACKAGE = Path(lenet.__file__).parent
MODULES = [
    ".".join(("lenet", *path.relative_to(PACKAGE).with_suffix("").parts))
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(name: str) -> None:
    failed, attempted = doctest.testmod(importlib.import_module(name), raise_on_error=False)
    assert attempted > 0
    assert failed == 0


@pytest.mark.parametrize("name", [name for name in lenet.__all__ if name != "__version__"])
def test_what_a_user_imports_has_an_example(name: str) -> None:
    assert ">>> " in (inspect.getdoc(getattr(lenet, name)) or ""), f"lenet.{name} has no example"
