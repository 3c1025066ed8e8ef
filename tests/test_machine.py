"""The commands that install what is missing name no package that somebody else could register."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from lenet.machine import install_command

ROOT = Path(__file__).parents[1]
EXTRAS: dict[str, list[str]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))[
    "project"
]["optional-dependencies"]


@pytest.mark.parametrize("extra", [name for name in EXTRAS if name != "dev"])
def test_an_extra_is_named_by_its_packages(extra: str) -> None:
    command = install_command(f"lenet[{extra}]")
    assert command.startswith(f"{sys.executable} -m pip install ")
    assert re.findall(r'"([^"]+)"', command) == EXTRAS[extra]
    assert not re.search(r"\blenet\b(?![/\\])", command.removeprefix(sys.executable))


def test_other_packages_keep_their_names() -> None:
    assert install_command("pillow-heif").endswith(" -m pip install pillow-heif")


def test_with_torch_the_smaller_build_is_mentioned() -> None:
    assert "2.9 GB" in install_command("lenet[torch]")
    assert "2.9 GB" not in install_command("lenet[serve]")


def test_without_metadata_the_sources_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.requires", requires)
    assert install_command("lenet[serve]").endswith(f' install "{ROOT}[serve]"')
